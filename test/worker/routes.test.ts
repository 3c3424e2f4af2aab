/** The routes, and the answers to any other path or method. */
import { expect, it } from "vitest";
import { parse } from "yaml";
import spec from "../../openapi/gateway.yaml?raw";
import app from "../../worker/index.ts";
import { ask } from "./support.ts";

it("has the routes of openapi/gateway.yaml", () => {
  const routes = app.routes
    .filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => `${method.toLowerCase()} ${path.replace(/:(\w+)/g, "{$1}")}`);
  const { paths } = parse(spec) as { paths: Record<string, object> };
  const described = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item).flatMap((key) => (key === "parameters" ? [] : [`${key} ${path}`])),
  );
  expect([...new Set(routes)].sort()).toEqual(described.sort());
});

it.each([
  ["GET", "/v1/user/contact", "POST"],
  ["POST", "/v1/user/contact/1", "GET, HEAD, DELETE"],
  ["GET", "/parked/retry", "POST"],
  ["DELETE", "/v1/user/contact", "POST"],
  ["PUT", "/healthz", "GET, HEAD"],
])("%s %s: 405 with Allow", async (method, path, allow) => {
  const { status, headers, envelope } = await ask(path, { method });
  expect({ status, code: envelope.code }).toEqual({ status: 405, code: 405000 });
  expect(headers.get("allow")).toBe(allow);
});

it("another path: 404", async () => {
  expect(await ask("/v1/user", { method: "POST" })).toMatchObject({ status: 404, envelope: { code: 404000 } });
});
