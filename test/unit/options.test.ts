import { afterEach, expect, test, vi } from "vitest";
import {
  type CallOptions,
  type ClientOptions,
  ConfigurationError,
  createClient,
  type GetEuidsBody,
  setContacts,
} from "../../src/index.ts";
import { BODY, failure, setUp, stubbed } from "./support.ts";

afterEach(() => vi.unstubAllGlobals());

const KEY = { apiKey: "7d431e42dfa6a6d693ac2d04" };
const PAIR = { ...KEY, apiSecret: "5e987ac6d2e04d95a9d8f0d1" };
const ok = () => new Response('{"code":0,"message":"success"}');

/** Options that are wrong, some of them beyond what the types allow. */
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

test("without options: the contract's first server, the global fetch of the moment, no credentials", async () => {
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

test("headers of the client and of a call are added, the credentials over them", async () => {
  const { client, sent } = stubbed([ok], { headers: { "X-A": "client", "x-b": "client" } });
  await client.setContact(BODY, { headers: async () => ({ "x-b": "call", "X-C": "call" }) });
  expect(sent[0]?.headers).toEqual({
    "x-a": "client",
    "x-b": "call",
    "x-c": "call",
    "content-type": "application/json",
    authorization: expect.stringMatching(/^Basic /),
  });
});

test("headers may carry a token where no key is given", async () => {
  const inits: RequestInit[] = [];
  const fetch = async (_url: string, init: RequestInit) => {
    inits.push(init);
    return ok();
  };
  await createClient({ fetch, headers: () => ({ Authorization: "Bearer t" }) }).setContact(BODY);
  expect(inits[0]?.headers).toMatchObject({ authorization: "Bearer t" });
});

test.each<[string, () => unknown]>([
  ["carries Authorization beside a key", () => ({ authorization: "Bearer x" })],
  ["returns nothing", () => undefined],
  ["returns a bad value", () => ({ "x-a": "a\nb" })],
  [
    "throws",
    () => {
      throw new Error("no token today");
    },
  ],
  ["rejects", () => Promise.reject(new Error("no token today"))],
])("a headers function that %s: configuration, not sent", async (what, headers) => {
  const { client, sent } = stubbed([ok], { headers: headers as () => Record<string, string> });
  const error = await failure(client.setContact(BODY));
  expect(error).toMatchObject({ kind: "configuration", option: "headers", outcome: "not_sent" });
  if (what === "throws" || what === "rejects") expect(error.cause).toEqual(new Error("no token today"));
  expect(sent).toHaveLength(0);
});

test("headers are resolved for each attempt", async () => {
  const { client, emulator } = setUp({ headers: () => ({ "x-attempt": String(++count) }) });
  let count = 0;
  emulator.fail({ status: 503, headers: { "retry-after": "0" } }, 2);
  await client.setContact(BODY);
  expect(emulator.requests.map(({ headers }) => headers["x-attempt"])).toEqual(["1", "2", "3"]);
});

test.each(["null", "5"])("createClient(%s) is refused", (options) => {
  expect(() => createClient(JSON.parse(options))).toThrow("options must be an object");
});

test("headers that come late are not those of the next attempt", async () => {
  let asked = 0;
  const headers = async (): Promise<Record<string, string>> => {
    const attempt = ++asked;
    await new Promise((resolve) => setTimeout(resolve, attempt === 1 ? 80 : 40));
    return { [`x-${attempt}`]: "1" };
  };
  vi.spyOn(Math, "random").mockReturnValue(0.01); // the wait between is 5 ms
  const { client, emulator } = setUp({ headers, timeout: 60 });
  await client.setContact(BODY);
  vi.restoreAllMocks();
  const [{ headers: sent } = { headers: {} }] = emulator.requests;
  expect(Object.keys(sent).filter((name) => /^x-\d$/.test(name))).toEqual(["x-2"]);
});

test("headers that are bad at a later attempt leave the doubt of the first", async () => {
  let asked = 0;
  const { client, emulator } = setUp({ headers: () => (asked++ ? { "x-a": "b\nc" } : {}) });
  emulator.fail({ broken: "connection" });
  expect(await failure(client.setContact(BODY))).toMatchObject({
    kind: "configuration",
    option: "headers",
    outcome: "unknown",
    attempts: 2,
  });
});

test.each(["@evil.example/x", ".evil.example/x", "//evil.example/x", "v1"])(
  "a path %s names no other host",
  async (path) => {
    const { client, sent } = stubbed([ok]);
    const urls: string[] = [];
    const other = createClient({
      fetch: async (url) => {
        urls.push(url);
        return ok();
      },
    });
    await client.POST(path as "/v1/user/contact", { body: BODY }).catch(() => {});
    await other.POST(path as "/v1/user/contact", { body: BODY }).catch((error: unknown) => {
      expect(error).toMatchObject({ kind: "configuration", option: "path", outcome: "not_sent" });
    });
    for (const url of urls) expect(new URL(url).host).toBe("ma-api.engagelab.com");
    expect(sent.length).toBe(path.startsWith("/") ? 1 : 0);
  },
);

const RESERVED = [
  ...["apiKey", "apiSecret", "dangerouslyAllowBrowser", "fetch", "baseUrl", "redirect", "Request", "parseAs"],
  ...["bodySerializer", "pathSerializer"],
];
test.each(RESERVED)("%s can't be given for one call", async (option) => {
  const { client, sent } = stubbed([ok]);
  const options = { [option]: undefined } as CallOptions;
  for (const call of [client.setContact(BODY, options), client.POST("/v1/user/contact", { body: BODY, ...options })]) {
    const error = await failure(call);
    expect(error).toMatchObject({ kind: "configuration", option });
    expect(error.message).toMatch(/one call/);
  }
  expect(sent).toHaveLength(0);
});

test("a slip in the name of an option of a named operation is refused; a verb hands it to fetch", async () => {
  const { client, sent } = stubbed([ok]);
  const slip = { timout: 5 } as CallOptions;
  expect(await failure(client.setContact(BODY, slip))).toMatchObject({ kind: "configuration", option: "timout" });
  const identities: GetEuidsBody = { identity_name: "user_id", identity_values: ["a"] };
  expect(await failure(client.getEuids(identities, slip))).toMatchObject({ option: "timout" });
  expect(() => setContacts(client, [BODY], slip)).toThrow(expect.objectContaining({ option: "timout" }));
  expect(sent).toHaveLength(0);
  await client.POST("/v1/user/contact", { body: BODY, ...slip });
  expect(sent).toMatchObject([slip]);
});

test.each([null, 5])("options of one call that are %j are refused", async (options) => {
  const { client, sent } = stubbed([ok]);
  for (const call of [client.setContact(BODY, options as never), client.POST("/v1/user/contact", options as never)]) {
    expect(await failure(call)).toMatchObject({ kind: "configuration", option: "options" });
  }
  expect(sent).toHaveLength(0);
});

test.each([undefined, null, 5])("a path that is %j is refused", async (path) => {
  const { client } = stubbed([ok]);
  expect(await failure(client.GET(path as never))).toMatchObject({ kind: "configuration", option: "path" });
});

test("a header parameter that HTTP does not allow is refused, and its value not quoted", async () => {
  const { client, sent } = stubbed([ok]);
  const params = { header: { "x-token": "t0ken\nx" } };
  const error = await failure(client.POST("/v1/user/contact", { body: BODY, params } as never));
  expect(error).toMatchObject({ kind: "configuration", option: "params.header" });
  expect(error.message).not.toContain("t0ken");
  expect(sent).toHaveLength(0);
});

test("fetch gets a plain init: nothing of openapi-fetch's", async () => {
  const { client, sent } = stubbed([ok]);
  const params = { query: { a: 1 }, header: { "x-a": "b" } };
  await client.POST("/v1/user/contact", { body: BODY, params, querySerializer: () => "a=1", middleware: [] } as never);
  expect(Object.keys(sent[0] ?? {}).sort()).toEqual(["body", "headers", "method", "redirect", "signal"]);
  expect(sent[0]?.headers).toMatchObject({ "x-a": "b" });
});

test.each<[string, object]>([
  ["timeout", { timeout: 0 }],
  ["totalTimeout", { totalTimeout: -1 }],
  ["maxRetries", { maxRetries: 1.5 }],
  ["onRetry", { onRetry: 5 }],
  ["headers", { headers: { "x a": "b" } }],
  ["headers", { headers: { authorization: "Bearer x" } }],
  ["signal", { signal: {} }],
  ["signal", { signal: null }],
  ["signal", { signal: { addEventListener() {} } }],
])("a bad %s of one call is refused (%#)", async (option, options) => {
  const { client, sent } = stubbed([ok]);
  const error = await failure(client.setContact(BODY, options));
  expect(error).toMatchObject({ kind: "configuration", option });
  expect(error.message).toMatch(/ (must|hold) .{6,}/);
  expect(sent).toHaveLength(0);
});

test("the largest numbers are fine", async () => {
  const most = 2 ** 31 - 1;
  const { client } = stubbed([ok], { timeout: most, totalTimeout: most, maxRetries: most });
  expect(await client.setContact(BODY)).toMatchObject({ code: 0 });
});

test("a token for one call, where no key is given", async () => {
  const inits: RequestInit[] = [];
  const fetch = async (_url: string, init: RequestInit) => {
    inits.push(init);
    return ok();
  };
  await createClient({ fetch }).setContact(BODY, { headers: { authorization: "Bearer t" } });
  expect(inits[0]?.headers).toMatchObject({ authorization: "Bearer t" });
});

test("options of one call go over those of the client", async () => {
  const { client, emulator } = setUp({ maxRetries: 0 });
  emulator.fail({ status: 503, headers: { "retry-after": "0" } }, 2);
  await client.setContact(BODY, { maxRetries: 2, timeout: 1000, totalTimeout: 2000 });
  expect(emulator.requests).toHaveLength(3);
});

test("further members of an init are fetch's", async () => {
  const { client, sent } = stubbed([ok]);
  await client.POST("/v1/user/contact", { body: BODY, keepalive: true, cache: "no-store" });
  expect(sent[0]).toMatchObject({ keepalive: true, cache: "no-store" });
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

test("with a document and a Node process (tests under jsdom), or in a Worker, a secret is fine", () => {
  vi.stubGlobal("document", {});
  createClient(PAIR);
  vi.unstubAllGlobals();
  vi.stubGlobal("process", undefined);
  createClient(PAIR);
});
