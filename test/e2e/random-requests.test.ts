/** The gateway in workerd, as in production, and 10,000 random requests. */
import { Agent, request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { sign } from "hono/jwt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createEmulator, VENDOR_CREDENTIALS } from "../../src/emulator.ts";
import { loadDescription } from "../support/contract-check.ts";
import { root } from "../support/node.ts";
import { type LoopbackServer, serve } from "../support/serve.ts";
import { type RunningWorker, startWorker } from "../support/wrangler.ts";

const REQUESTS = 10_000;
const AT_ONCE = 16;
const KEY = "the-key-that-signs-tokens-for-pages";
const SECRETS = ["token-of-a-caller", "token-of-an-operator", KEY, ...Object.values(VENDOR_CREDENTIALS)];

let upstream: LoopbackServer;
let gateway: RunningWorker;
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });

beforeAll(async () => {
  upstream = await serve(createEmulator({ unique: ["email"] }).fetch);
  const env = {
    ENGAGELAB_API_KEY: VENDOR_CREDENTIALS.apiKey,
    ENGAGELAB_API_SECRET: VENDOR_CREDENTIALS.apiSecret,
    GATEWAY_TOKENS: `caller:${SECRETS[0]}`,
  };
  const vars = {
    ENGAGELAB_BASE_URL: upstream.url,
    OPERATOR_TOKENS: `operator:${SECRETS[1]}`,
    PAGE_TOKEN_KEY: KEY,
    ALLOWED_ORIGINS: "https://app.example.org",
    CONSOLE: "on",
  };
  gateway = await startWorker(join(root, "wrangler.toml"), "/healthz", { env, vars });
});

afterAll(async () => {
  agent.destroy();
  await gateway?.stop();
  upstream?.close();
});

interface Visit {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | Buffer;
}

const euid = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  fc.constantFrom("1", "2", "01", "-0", "+1", "1e3", "9223372036854775808", "%00", "a".repeat(5000)),
);

const path = fc.oneof(
  { weight: 4, arbitrary: fc.constant("/v1/user/contact") },
  euid.map((id) => `/v1/user/contact/${id}`),
  euid.map((id) => `/parked/${id}/retry`),
  fc.constantFrom("/", "/healthz", "/parked", "/parked?after=1", "/parked?after=%27%22;", "/parked/retry"),
  fc.webPath().map((some) => (some.startsWith("/") ? some : `/${some}`)),
  fc.constantFrom(
    "//v1/user/contact",
    "/V1/user/contact",
    "/v1/user/contact/",
    "/v1/user/contact%2f1",
    "/%ff",
    "/?a=%",
  ),
);

const later = Math.floor(Date.now() / 1000) + 3600;
const pages = await Promise.all([
  sign({ sub: "1", exp: later }, KEY),
  sign({ sub: "1", exp: 1 }, KEY),
  sign({ sub: "1", exp: later }, "another-key-of-more-than-32-bytes!!"),
]);

const header = fc.string({ maxLength: 40 }).map((some) => some.replace(/[^\x20-\x7e]/g, "").trim());
const headers = fc.record(
  {
    authorization: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(`Bearer ${SECRETS[0]}`, `bearer  ${SECRETS[1]}`) },
      fc.constantFrom(...pages).map((token) => `Bearer ${token}`),
      fc.constantFrom("Bearer", "Bearer ", "Basic YTpi", `Basic ${SECRETS[0]}`, `Bearer ${SECRETS[0]},`),
      header.map((some) => `Bearer ${some}`),
      header,
    ),
    "content-type": fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom("application/json", "application/json; charset=utf-8") },
      fc.constantFrom("text/plain", "application/jsonp", "multipart/form-data", ""),
      header,
    ),
    "content-encoding": fc.constantFrom("gzip", "identity", "br", ""),
    prefer: fc.oneof(
      fc.constantFrom("respond-async", "respond-async; wait=10", "return=minimal, respond-async"),
      header,
    ),
    origin: fc.oneof(fc.constantFrom("https://app.example.org", "null", "https://evil.example"), header),
    "access-control-request-method": fc.constantFrom("POST", "DELETE"),
    "x-request-id": fc.oneof(header, fc.constant("a".repeat(65))),
    "if-none-match": header,
    range: fc.constant("bytes=0-1"),
  },
  { requiredKeys: [] },
);

const contacts = fc.oneof(
  { weight: 3, arbitrary: fc.dictionary(fc.constantFrom("email", "mobile_phone", "__proto__", "имя"), fc.string()) },
  fc.dictionary(fc.string(), fc.anything()),
  fc.anything(),
);
const body = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(euid, contacts)
      .map(([id, some]) => `{"euid":${id},"contacts":${JSON.stringify(some, toJson) ?? "null"}}`),
  },
  fc.json(),
  fc.string({ unit: "binary" }),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(
    "",
    "[".repeat(60_000),
    '{"euid":'.repeat(7_000),
    "x".repeat(65_537),
    `{"euid":1${"0".repeat(60_000)}}`,
  ),
);

/** JSON has no bigints. */
function toJson(_name: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

const visit: fc.Arbitrary<Visit> = fc.record({
  method: fc.constantFrom("POST", "POST", "POST", "GET", "GET", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS", "PURGE"),
  path,
  headers,
  body,
});

/** What chance does not always bring: a token, JSON, and too much of it. */
const tooLarge: Visit = {
  method: "POST",
  path: "/v1/user/contact",
  headers: { authorization: `Bearer ${SECRETS[0]}`, "content-type": "application/json" },
  body: "x".repeat(65_537),
};

/** The answers that the contract allows for a route. */
const { paths } = await loadDescription("gateway.yaml");
const routes = Object.entries(paths).map(([template, operations]) => ({
  pattern: new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]+")}$`),
  operations,
}));

/** The statuses that the contract allows for it. */
function allowed({ method, path }: Visit): readonly number[] {
  if (method === "OPTIONS") return [204]; // CORS answers it, whatever it asks for
  const route = routes.find(({ pattern }) => pattern.test(new URL(`http://gateway${path}`).pathname));
  if (route === undefined) return [404];
  const operation = route.operations[(method === "HEAD" ? "get" : method).toLowerCase()];
  return operation === undefined ? [405] : Object.keys(operation.responses).map(Number);
}

function send({ method, path, headers, body }: Visit): Promise<{ status: number; all: string; content: string }> {
  return new Promise((resolve, reject) => {
    const content = method === "GET" || method === "HEAD" ? "" : body;
    const length = { "content-length": Buffer.byteLength(content) };
    const outgoing = request(
      gateway.url + path,
      { method, headers: { ...headers, ...length }, agent },
      async (response) => {
        const answer = await text(response).catch(reject);
        resolve({
          status: response.statusCode ?? 0,
          all: JSON.stringify(response.headers) + answer,
          content: answer ?? "",
        });
      },
    );
    outgoing.once("error", reject);
    outgoing.end(content);
  });
}

async function check(one: Visit): Promise<number> {
  const { status, all, content } = await send(one);
  const told = `${JSON.stringify(one).slice(0, 500)}\n${status} ${all.slice(0, 500)}`;
  expect(allowed(one), told).toContain(status);
  expect(all, told).not.toMatch(/\.[jt]s:\d+|\n\s+at /);
  for (const secret of [...SECRETS, ...pages]) expect(all, told).not.toContain(secret);
  if (content !== "" && !content.startsWith("<!doctype html>"))
    expect(JSON.parse(content), told).toHaveProperty("code");
  if (status >= 500) expect(JSON.parse(content), told).toMatchObject({ code: 503000 });
  return status;
}

test("10,000 random requests get answers that fit the contract, without a secret or a stack", {
  timeout: 300_000,
}, async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const visits = [tooLarge, ...fc.sample(visit, { numRuns: REQUESTS - 1, seed })];
  const counts = new Map<number, number>();
  const work = async (): Promise<void> => {
    for (let one = visits.pop(); one !== undefined; one = visits.pop()) {
      const status = await check(one);
      counts.set(status, (counts.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work)).catch((error) => {
    throw new Error(`seed ${seed}: ${error.message}`, { cause: error });
  });
  // Every kind of answer occurred.
  const statuses = [...counts.keys()];
  expect(statuses, `seed ${seed}`).toEqual(expect.arrayContaining([200, 202, 204, 400, 401, 403, 404, 405, 413, 415]));
});
