import { sign } from "hono/jwt";
import { describe, expect, it } from "vitest";
import { ask, ENV, emulator, newEuid, OPERATOR, set, TOKEN } from "./support.ts";

const KEY = "the-key-that-signs-tokens-for-pages";
const soon = (): number => Math.floor(Date.now() / 1000) + 60;

const encode = (part: object): string => btoa(JSON.stringify(part)).replaceAll("=", "");

describe("tokens for pages", () => {
  it("set the contacts of one user, and see their state", async () => {
    const euid = newEuid();
    const token = await sign({ sub: euid, exp: soon() }, KEY);
    expect((await set(euid, { email: "a@b.c" }, { token })).status).toBe(200);
    expect((await ask(`/v1/user/contact/${euid}`, { token })).status).toBe(200);
  });

  it("may be signed by a backend whose clock is ahead", async () => {
    const euid = newEuid();
    const token = await sign({ sub: euid, exp: soon(), iat: soon() }, KEY);
    expect((await set(euid, { email: "a@b.c" }, { token })).status).toBe(200);
  });

  it("allow nothing for another user, and no route of the operators", async () => {
    const token = await sign({ sub: newEuid(), exp: soon() }, KEY);
    const euid = newEuid();
    for (const { status, envelope } of [
      await set(euid, { email: "a@b.c" }, { token }),
      await ask(`/v1/user/contact/${euid}`, { token }),
      await ask("/parked", { token }),
      await ask("/parked/retry", { method: "POST", token }),
      await ask(`/v1/user/contact/${euid}`, { method: "DELETE", token }),
    ]) {
      expect({ status, code: envelope.code }).toEqual({ status: 403, code: 403000 });
    }
    expect(emulator.requests).toHaveLength(0);
  });

  it.each<[string, (sub: string) => string | Promise<string>]>([
    ["expired", (sub) => sign({ sub, exp: 1 }, KEY)],
    ["without an expiry", (sub) => sign({ sub }, KEY)],
    ["not valid yet", (sub) => sign({ sub, exp: soon(), nbf: soon() }, KEY)],
    ["with an EUID that is a number", (sub) => sign({ sub: Number(sub) as unknown as string, exp: soon() }, KEY)],
    ["with an EUID that is not canonical", (sub) => sign({ sub: `0${sub}`, exp: soon() }, KEY)],
    ["without an EUID", () => sign({ exp: soon() }, KEY)],
    ["signed with another key", (sub) => sign({ sub, exp: soon() }, "another-key-of-more-than-32-bytes!!")],
    ["signed with another algorithm", (sub) => sign({ sub, exp: soon() }, KEY, "HS512")],
    ["with alg none", (sub) => `${encode({ alg: "none", typ: "JWT" })}.${encode({ sub, exp: soon() })}.`],
    ["unsigned", (sub) => `${encode({ alg: "HS256", typ: "JWT" })}.${encode({ sub, exp: soon() })}.`],
    ["of two parts", (sub) => `${encode({ alg: "HS256", typ: "JWT" })}.${encode({ sub, exp: soon() })}`],
  ])("%s: 401", async (_name, make) => {
    const euid = newEuid();
    const { status, envelope } = await set(euid, { email: "a@b.c" }, { token: await make(euid) });
    expect({ status, code: envelope.code }).toEqual({ status: 401, code: 401000 });
  });

  it.each<[string, string, (sub: string) => Promise<string>]>([
    ["has expired", "the token has expired", (sub) => sign({ sub, exp: 1 }, KEY)],
    ["lacks exp", "the token has no exp", (sub) => sign({ sub }, KEY)],
    ["is not valid yet", "the token is not valid yet", (sub) => sign({ sub, exp: soon(), nbf: soon() }, KEY)],
    ["has another key", "the token is not signed with PAGE_TOKEN_KEY", (sub) => sign({ sub, exp: soon() }, `${KEY}!`)],
    ["names no EUID", "the token's sub is not the digits of an EUID", () => sign({ sub: "me", exp: soon() }, KEY)],
    ["is no JWT", "the token is neither listed nor a JWT signed with HS256", async () => "abc"],
  ])("with CONSOLE on, the answer says that a token %s; with it off, nothing", async (_name, why, make) => {
    const euid = newEuid();
    const token = await make(euid);
    const on = await set(euid, { email: "a@b.c" }, { token, env: { CONSOLE: "on" } });
    expect(on).toMatchObject({ status: 401, envelope: { message: `A valid token is required: ${why}` } });
    expect((await set(euid, { email: "a@b.c" }, { token })).envelope.message).toBe("A valid token is required");
  });

  it("a changed payload: 401", async () => {
    const token = await sign({ sub: newEuid(), exp: soon() }, KEY);
    const euid = newEuid();
    const [header, , signature] = token.split(".");
    const forged = `${header}.${encode({ sub: euid, exp: soon() })}.${signature}`;
    expect((await set(euid, { email: "a@b.c" }, { token: forged })).status).toBe(401);
  });

  it("are refused without PAGE_TOKEN_KEY; a short key is a configuration fault", async () => {
    const euid = newEuid();
    const token = await sign({ sub: euid, exp: soon() }, KEY);
    expect((await set(euid, { email: "a@b.c" }, { token, env: { PAGE_TOKEN_KEY: undefined } })).status).toBe(401);
    for (const PAGE_TOKEN_KEY of ["", "short"]) {
      expect((await set(euid, { email: "a@b.c" }, { token, env: { PAGE_TOKEN_KEY } })).status).toBe(503);
    }
  });
});

describe("operators", () => {
  const ROUTES = [
    ["GET", "/parked"],
    ["POST", "/parked/retry"],
    ["POST", "/parked/1/retry"],
    ["DELETE", "/v1/user/contact/1"],
  ] as const;

  it.each(ROUTES)(
    "%s %s: 401 without a token, 403 with a caller's, 404 where there are no operators",
    async (method, path) => {
      expect(await ask(path, { method, token: "wrong" })).toMatchObject({ status: 401, envelope: { code: 401000 } });
      expect(await ask(path, { method, token: TOKEN })).toMatchObject({ status: 403, envelope: { code: 403000 } });
      const env = { OPERATOR_TOKENS: undefined };
      expect(await ask(path, { method, token: OPERATOR, env })).toMatchObject({
        status: 404,
        envelope: { code: 404000 },
      });
    },
  );

  it("can't set contacts with their tokens", async () => {
    expect((await set(newEuid(), { email: "a@b.c" }, { token: OPERATOR })).status).toBe(403);
  });

  it.each(["", "ops:", ":abc", `ops:${TOKEN}`, "ops:a,ops:a"])("OPERATOR_TOKENS %j: 503 everywhere", async (list) => {
    const env = { OPERATOR_TOKENS: list };
    expect((await set(newEuid(), { email: "a@b.c" }, { env })).status).toBe(503);
    expect((await ask("/parked", { env, token: "a" })).status).toBe(503);
    expect((await ask("/healthz", { env })).status).toBe(503);
  });
});

it.each([
  ["OUTBOUND_RATE", "0"],
  ["OUTBOUND_RATE", "100001"],
  ["KEEP_DAYS", "99999"],
  ["ALLOWED_ORIGINS", "https://*.example.org"],
  ["ALLOWED_ORIGINS", "app.example.org"],
  ["GATEWAY_TOKENS", "crm:undefined"],
  ["GATEWAY_TOKENS", "the crm:token"],
  ["OUTBOUND_RATE", "fast"],
  ["KEEP_DAYS", "-1"],
  ["KEEP_DAYS", ""],
  ["CONSOLE", "yes"],
])("%s = %j: 503", async (name, value) => {
  expect((await ask("/healthz", { env: { [name]: value } })).status).toBe(503);
});

it("variables have defaults", async () => {
  const env = { ALLOWED_ORIGINS: undefined, OUTBOUND_RATE: undefined, KEEP_DAYS: undefined, CONSOLE: undefined };
  expect((await ask("/healthz", { env })).status).toBe(200);
  expect((await ask("/", { env })).status).toBe(404);
});

it.each(["abc", "007", "9223372036854775808", "1e3", "%20", "-0"])("EUID %s in a path: 400", async (euid) => {
  for (const asked of [{}, { method: "DELETE", token: OPERATOR }]) {
    const { status, envelope } = await ask(`/v1/user/contact/${euid}`, asked);
    expect({ status, code: envelope.code }).toEqual({ status: 400, code: 400000 });
  }
});

it.each([
  [
    "contacts must have at most 20 members, got 21",
    Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`n${i}`, ""])),
  ],
  ["contacts must have names of at most 64 characters", { ["x".repeat(65)]: "" }],
  ["contacts must have names in well-formed Unicode", { "\ud800": "" }],
  ["contacts.email must be well-formed Unicode", { email: "\udfff" }],
])("%s", async (message, contacts) => {
  expect(await set(newEuid(), contacts)).toMatchObject({ status: 400, envelope: { code: 400000, message } });
});

it("too many requests of a caller: 429 with Retry-After", async () => {
  const CALLER_LIMIT = { limit: async ({ key }: RateLimitOptions) => ({ success: key !== "caller crm" }) };
  const { status, envelope, headers } = await set(newEuid(), { email: "a@b.c" }, { env: { CALLER_LIMIT } });
  expect({ status, code: envelope.code }).toEqual({ status: 429, code: 429000 });
  expect(headers.get("retry-after")).toBe("10");
  const token = "token-of-the-app";
  expect((await set(newEuid(), { email: "a@b.c" }, { env: { CALLER_LIMIT }, token })).status).toBe(200);
});

it("one user's page is limited by the platform's own binding", async () => {
  const euid = newEuid();
  const token = await sign({ sub: euid, exp: soon() }, KEY);
  const answers = [];
  for (let i = 0; i < 250; i++) answers.push((await ask(`/v1/user/contact/${euid}`, { token })).status);
  expect(answers).toContain(429);
  expect((await ask(`/v1/user/contact/${euid}`)).status).toBe(200);
  expect(ENV.PAGE_LIMIT).toBeDefined();
});
