import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { root } from "../support/node.ts";

test("the gateway's routes are those of openapi/gateway.yaml", () => {
  const source = readFileSync(join(root, "worker/index.ts"), "utf8");
  const routes = Array.from(
    source.matchAll(/^app\.(get|put|post|delete|patch)\("([^"]+)"/gm),
    ([, method, path = ""]) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`,
  );
  const { paths } = parse(readFileSync(join(root, "openapi/gateway.yaml"), "utf8")) as {
    paths: Record<string, object>;
  };
  const described = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((key) => key !== "parameters")
      .map((method) => `${method} ${path}`),
  );
  expect(routes.sort()).toEqual(described.sort());
});
