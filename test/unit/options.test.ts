import { afterEach, expect, test, vi } from "vitest";
import { type ClientOptions, ConfigurationError, type Contract, createClient } from "../../src/index.ts";
import { BODY, stubbed } from "./support.ts";

afterEach(() => vi.unstubAllGlobals());

const KEY = { apiKey: "7d431e42dfa6a6d693ac2d04" };
const PAIR = { ...KEY, apiSecret: "5e987ac6d2e04d95a9d8f0d1" };
const ok = () => new Response('{"code":0,"message":"success"}');

/** Invalid options, including some that the types forbid. */
const BAD: Array<[option: string, options: { [name: string]: unknown }]> = [
  ["apiSecret", KEY],
  ["apiKey", { apiSecret: "s" }],
  ["apiKey", { apiKey: undefined, apiSecret: undefined }],
  ["apiSecret", { ...KEY, apiSecret: undefined }],
  ["apiKey", { ...PAIR, apiKey: "" }],
  ["apiSecret", { ...PAIR, apiSecret: "" }],
  ["apiKey", { ...PAIR, apiKey: 5 }],
  ["apiKey", { ...PAIR, apiKey: "a:b" }],
  ["apiKey", { ...PAIR, apiKey: "a\n" }],
  ["apiSecret", { ...PAIR, apiSecret: "a\u007f" }],
  ["apiSecret", { ...PAIR, apiSecret: "a\u0085" }],
  ["apiSecret", { ...PAIR, apiSecret: "a\ud800" }],
  ...[0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, "5", true, null].flatMap(
    (value): Array<[string, { [name: string]: unknown }]> => [
      ["timeout", { timeout: value }],
      ["totalTimeout", { totalTimeout: value }],
    ],
  ),
  ...[-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, "5", false, null].map(
    (maxRetries): [string, { [name: string]: unknown }] => ["maxRetries", { maxRetries }],
  ),
  ["onRetry", { onRetry: "log" }],
  ["fetch", { fetch: {} }],
  ["headers", { headers: null }],
  ["headers", { headers: "x-a: b" }],
  ["headers", { headers: [["x-a", "b"]] }],
  ["headers", { headers: { "x-a": 5 } }],
  ["headers", { headers: { "x a": "b" } }],
  ["headers", { headers: { "x-a": "b\nc" } }],
  ["headers", { ...PAIR, headers: { AUTHORIZATION: "Bearer x" } }],
  ["baseUrl", { baseUrl: "" }],
  ["baseUrl", { baseUrl: "/v1" }],
  ["baseUrl", { baseUrl: 5 }],
  ["baseUrl", { baseUrl: Object.create(null) }],
  ["baseUrl", { baseUrl: "https://user@example.com" }],
  ["baseUrl", { baseUrl: "https://:pass@example.com" }],
  ["baseUrl", { baseUrl: "https://example.com?a" }],
  ["baseUrl", { baseUrl: "https://example.com/?" }],
  ["baseUrl", { baseUrl: "https://example.com/#" }],
  ["baseUrl", { baseUrl: "http://example.com" }],
  ["baseUrl", { baseUrl: "http://127.example.com" }],
  ["baseUrl", { baseUrl: "http://1127.0.0.1" }],
  ["baseUrl", { baseUrl: "http://localhost.example.com" }],
  ["baseUrl", { baseUrl: "http://notlocalhost" }],
  ["baseUrl", { baseUrl: "http://[::2]" }],
  ["baseUrl", { baseUrl: "ftp://localhost" }],
  ["retries", { retries: 3 }],
  ["onRetry", { onRetry: null }],
  ["baseUrl", { baseUrl: null }],
  ["dangerouslyAllowBrowser", { dangerouslyAllowBrowser: "false" }],
];

test.each(BAD)("a bad %s is named at once (%#)", (option, options) => {
  let thrown: unknown;
  try {
    createClient(options as ClientOptions);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(ConfigurationError);
  expect(thrown).toMatchObject({ option, kind: "configuration", outcome: "not_sent", attempts: 0 });
  const problem = option === "retries" ? "is not an option" : "(must|hold) .{6,}";
  expect(thrown).toHaveProperty("message", expect.stringMatching(new RegExp(`^${option} ${problem}`)));
});

test.each<[string, string | URL, string]>([
  ["an origin", "https://example.com", "https://example.com/v1/user/contact"],
  ["a trailing slash", "https://example.com/", "https://example.com/v1/user/contact"],
  ["a path prefix", "https://example.com/a/b//", "https://example.com/a/b/v1/user/contact"],
  ["a URL", new URL("https://example.com:8443/a"), "https://example.com:8443/a/v1/user/contact"],
  ["localhost", "http://localhost:8787", "http://localhost:8787/v1/user/contact"],
  ["a name below localhost", "http://ma.localhost", "http://ma.localhost/v1/user/contact"],
  ["IPv4 loopback", "http://127.10.20.30", "http://127.10.20.30/v1/user/contact"],
  ["IPv6 loopback", "http://[::1]:1", "http://[::1]:1/v1/user/contact"],
])("baseUrl may be %s", async (_, baseUrl, expected) => {
  const urls: string[] = [];
  const client = createClient({
    ...PAIR,
    baseUrl,
    fetch: async (url) => {
      urls.push(url);
      return ok();
    },
  });
  await client.setContact(BODY);
  expect(urls).toEqual([expected]);
});

test("defaults: the contract's first server, the current global fetch, no credentials", async () => {
  const client = createClient();
  const fetch = vi.fn(async (_url: string, _init: RequestInit) => ok());
  vi.stubGlobal("fetch", fetch);
  await client.setContact(BODY);
  const [url, init] = fetch.mock.calls[0] ?? [];
  expect(url).toBe("https://ma-api.engagelab.com/v1/user/contact");
  expect(init?.headers).toEqual({ "content-type": "application/json" });
});

test("fetch is called as a plain function with a plain init", async () => {
  let self: unknown = "not called";
  const client = createClient({
    ...PAIR,
    async fetch(this: unknown, _url, init) {
      self = this;
      expect(Object.getPrototypeOf(init)).toBe(Object.prototype);
      expect(init).toMatchObject({
        method: "POST",
        redirect: "manual",
        body: '{"euid":10362473,"contacts":{"mobile_phone":"18023456879","email":"12@gmail.com"}}',
        signal: expect.any(AbortSignal),
      });
      return ok();
    },
  });
  await client.setContact(BODY);
  expect(self).toBeUndefined();
});

test.each(["null", "5"])("createClient(%s) is refused", (options) => {
  expect(() => createClient(JSON.parse(options))).toThrow("options must be an object");
});

test("the largest allowed numbers are accepted", async () => {
  const most = 2 ** 31 - 1;
  const { client } = stubbed([ok], { timeout: most, totalTimeout: most, maxRetries: most });
  expect(await client.setContact(BODY)).toMatchObject({ code: 0 });
});

test("in a page, a secret is refused unless it is allowed", async () => {
  vi.stubGlobal("document", {});
  vi.stubGlobal("process", undefined);
  expect(() => createClient(PAIR)).toThrow(expect.objectContaining({ option: "dangerouslyAllowBrowser" }));
  expect(() => createClient({ ...PAIR, dangerouslyAllowBrowser: false })).toThrow(ConfigurationError);
  createClient({ ...PAIR, dangerouslyAllowBrowser: true });
  createClient({ headers: { authorization: "Bearer of a gateway" } });
  vi.stubGlobal("process", { versions: {} });
  expect(() => createClient(PAIR)).toThrow(ConfigurationError);
  vi.stubGlobal("process", {});
  expect(() => createClient(PAIR)).toThrow(ConfigurationError);
});

test("with a document and a Node process (tests under jsdom), or in a Worker, a secret is accepted", () => {
  vi.stubGlobal("document", {});
  createClient(PAIR);
  vi.unstubAllGlobals();
  vi.stubGlobal("process", undefined);
  createClient(PAIR);
});

test.each([null, { "POST /v1/x": null }, { "POST /v1/x": { body: { properties: { a: 5 } } } }])(
  "operations that nobody generated are refused (%j)",
  (operations) => {
    const contract = { servers: ["https://x.example"], operations, errorCodes: {} } as unknown as Contract;
    expect(() => createClient({ contract })).toThrow("contract must be what `engagelab-ma generate` writes");
  },
);
