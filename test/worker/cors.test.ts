import { expect, test } from "vitest";
import type { Env } from "../../worker/config.ts";
import app from "../../worker/index.ts";
import { ENV as BINDINGS } from "./support.ts";

const APP = "https://app.example.org";
const ENV: Env = { ...BINDINGS, ALLOWED_ORIGINS: `${APP}, http://localhost:5173` };
/** Without credentials, so that nothing opens. */
const FAULTY: Env = { ...ENV, ENGAGELAB_API_KEY: "" };
const url = "https://gateway.example/v1/user/contact";
const ask = async (init: RequestInit, env = ENV) => app.fetch(new Request(url, init), env);

test("a preflight of an allowed origin is answered before authentication, even if the configuration has a fault", async () => {
  for (const env of [ENV, FAULTY]) {
    const headers = { origin: APP, "access-control-request-method": "POST" };
    const response = await ask({ method: "OPTIONS", headers }, env);
    expect(response.status).toBe(204);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "access-control-allow-origin": APP,
      "access-control-allow-methods": "GET,POST",
      "access-control-allow-headers": "authorization,content-type,prefer",
      vary: expect.stringContaining("Origin"),
    });
  }
});

test("an allowed origin can read answers, including errors", async () => {
  for (const env of [ENV, FAULTY]) {
    const response = await ask({ method: "POST", headers: { origin: APP } }, env);
    expect(response.status).toBe(env === ENV ? 401 : 503);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "access-control-allow-origin": APP,
      "access-control-expose-headers": "Retry-After,X-Request-Id",
      vary: expect.stringContaining("Origin"),
    });
  }
});

test.each(["https://evil.example", "https://app.example.org.evil.example", "null", ""])(
  "an origin that is not in the list gets no permission: %j",
  async (origin) => {
    for (const method of ["OPTIONS", "POST"]) {
      const response = await ask({ method, headers: { origin } });
      expect(response.headers.get("access-control-allow-origin")).toBeNull();
      expect(response.headers.get("vary")).toContain("Origin");
    }
  },
);

test.each(["app.example.org", `${APP}/`, "*", `${APP} ${APP}`])("%j is not an origin: 503", async (origin) => {
  const headers = { authorization: "Bearer t" };
  const response = await ask({ method: "POST", headers }, { ...ENV, ALLOWED_ORIGINS: origin });
  expect(response.status).toBe(503);
});
