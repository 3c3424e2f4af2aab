import { expect, test, vi } from "vitest";
import { type ClientOptions, createClient } from "../../src/index.ts";
import { BODY, failure, setUp, stubbed } from "./support.ts";

const ok = () => Response.json({ code: 0, message: "success" });

/** The headers that are sent, for those of the client, of the call, and of `params.header`. */
async function send(client: ClientOptions["headers"], call?: unknown, header?: unknown, middleware: object[] = []) {
  const { client: one, sent } = stubbed([ok], { apiKey: "key", apiSecret: "secret", headers: client });
  const init = { body: BODY, headers: call, params: { header }, middleware } as unknown as { body: typeof BODY };
  await one.POST("/v1/user/contact", init);
  const { authorization, ...rest } = Object.fromEntries(Object.entries(sent[0]?.headers ?? {}));
  expect(authorization).toMatch(/^Basic /);
  return rest;
}

const JSON_TYPE = { "content-type": "application/json" };
const noop = { onRequest() {} };

test.each([[[]], [[noop]]])(
  "later wins: defaults, client, call, params.header (middleware: %#)",
  async (middleware) => {
    const client = { "X-A": "client", "x-b": "client", "x-c": "client" };
    expect(await send(client, { "x-B": "call", "x-C": "call" }, { "X-c": "param" }, middleware)).toEqual({
      ...JSON_TYPE,
      "x-a": "client",
      "x-b": "call",
      "x-c": "param",
    });
  },
);

test.each([[[]], [[noop]]])(
  "a function of the client does not win over a call (middleware: %#)",
  async (middleware) => {
    const client = async () => ({ "x-a": "client", "x-b": "client", "content-type": "x/y" });
    const call = { "x-a": "call", "x-b": null, "Content-Type": "application/json; charset=utf-8" };
    expect(await send(client, call, undefined, middleware)).toEqual({
      "content-type": "application/json; charset=utf-8",
      "x-a": "call",
    });
  },
);

test.each([[[]], [[noop]]])("null removes, undefined is left out (middleware: %#)", async (middleware) => {
  const client = { "x-a": "client", "x-b": "client", "x-c": undefined };
  expect(await send(client, { "X-A": null }, { "X-B": null, "x-d": undefined }, middleware)).toEqual(JSON_TYPE);
  expect(await send(undefined, { "content-type": "x/y" }, undefined, middleware)).toEqual({ "content-type": "x/y" });
});

test("headers may be Headers or a Map, and names are case-insensitive", async () => {
  expect(await send(new Headers({ "X-A": "1" }), new Map([["X-B", "2"]]))).toEqual({
    ...JSON_TYPE,
    "x-a": "1",
    "x-b": "2",
  });
  expect(await send({ "x-a": "1", "X-A": "2" }, undefined, new Headers({ "x-b": "3" }))).toEqual({
    ...JSON_TYPE,
    "x-a": "2",
    "x-b": "3",
  });
});

test("a header parameter may be a number, a boolean or a list", async () => {
  expect(await send(undefined, undefined, { "x-a": 1, "x-b": false, "x-c": ["1", 2], "x-d": 2n ** 63n })).toEqual({
    ...JSON_TYPE,
    "x-a": "1",
    "x-b": "false",
    "x-c": "1, 2",
    "x-d": "9223372036854775808",
  });
});

test("middleware sees the headers, and its changes override a function's", async () => {
  const seen: unknown[] = [];
  const middleware = {
    onRequest({ request }: { request: Request }) {
      seen.push(Object.fromEntries(request.headers));
      request.headers.set("x-a", "middleware");
      request.headers.delete("x-b");
      request.headers.delete("content-type");
      request.headers.delete("x-d");
    },
  };
  const client = () => ({ "x-a": "function", "x-d": "function" });
  expect(await send(client, { "x-b": "call", "x-c": "call" }, undefined, [middleware])).toEqual({
    "x-a": "middleware",
    "x-c": "call",
  });
  expect(seen).toEqual([{ ...JSON_TYPE, "x-a": "function", "x-b": "call", "x-c": "call", "x-d": "function" }]);
});

test.each<[string, object]>([
  ["Authorization beside a key", { authorization: "Bearer x" }],
  ["Authorization beside a key, removed", { Authorization: null }],
  ["a name that is none", { "x a": "b" }],
  ["a value that is none", { "x-a": "b\nc" }],
  ["an object", { "x-a": {} }],
  ["a list of objects", { "x-a": [{}] }],
])("params.header with %s is refused", async (_, header) => {
  const { client, sent } = stubbed([ok], { apiKey: "key", apiSecret: "secret" });
  const init = { body: BODY, params: { header } } as unknown as { body: typeof BODY };
  const error = await failure(client.POST("/v1/user/contact", init));
  expect(error).toMatchObject({ kind: "configuration", option: "params.header", outcome: "not_sent" });
  expect(error.message).not.toContain("Bearer x");
  expect(sent).toEqual([]);
});

test("headers of the client and of a call are merged, and the credentials override them", async () => {
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

test("headers may carry a token if no key is given", async () => {
  const inits: RequestInit[] = [];
  const fetch = async (_url: string, init: RequestInit) => {
    inits.push(init);
    return ok();
  };
  await createClient({ fetch, headers: () => ({ Authorization: "Bearer t" }) }).setContact(BODY);
  expect(inits[0]?.headers).toMatchObject({ authorization: "Bearer t" });
});

test("one call may have a token if no key is given", async () => {
  const inits: RequestInit[] = [];
  const fetch = async (_url: string, init: RequestInit) => {
    inits.push(init);
    return ok();
  };
  await createClient({ fetch }).setContact(BODY, { headers: { authorization: "Bearer t" } });
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

test("an invalid header parameter is refused without quoting its value", async () => {
  const { client, sent } = stubbed([ok]);
  const params = { header: { "x-token": "t0ken\nx" } };
  const error = await failure(client.POST("/v1/user/contact", { body: BODY, params } as never));
  expect(error).toMatchObject({ kind: "configuration", option: "params.header" });
  expect(error.message).not.toContain("t0ken");
  expect(sent).toHaveLength(0);
});

test("headers are resolved for each attempt", async () => {
  const { client, emulator } = setUp({ headers: () => ({ "x-attempt": String(++count) }) });
  let count = 0;
  emulator.fail({ status: 503, headers: { "retry-after": "0" } }, 2);
  await client.setContact(BODY);
  expect(emulator.requests.map(({ headers }) => headers["x-attempt"])).toEqual(["1", "2", "3"]);
});

test("late headers are not used for the next attempt", async () => {
  let asked = 0;
  const headers = async (): Promise<Record<string, string>> => {
    const attempt = ++asked;
    await new Promise((resolve) => setTimeout(resolve, attempt === 1 ? 80 : 40));
    return { [`x-${attempt}`]: "1" };
  };
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.01); // makes the wait 5 ms
  const { client, emulator } = setUp({ headers, timeout: 60 });
  const result = client.setContact(BODY);
  await vi.runAllTimersAsync();
  vi.restoreAllMocks();
  vi.useRealTimers();
  await result;
  const [{ headers: sent } = { headers: {} }] = emulator.requests;
  expect(Object.keys(sent).filter((name) => /^x-\d$/.test(name))).toEqual(["x-2"]);
});

test("invalid headers in a later attempt keep the doubt of the first", async () => {
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

test.each<[string, object]>([
  ["a promise", Promise.resolve({ "x-a": "b" })],
  ["a Date", new Date()],
  ["an instance of a class", new (class Token {})()],
  ["a Map whose names are no strings", new Map([[5, "b"]])],
  ["a Set of strings", new Set(["ab"])],
  ["a control character", { "x-a": "a\u0001b" }],
  ["a length", { "Content-Length": "5" }],
  ["a transfer coding", { "transfer-encoding": "chunked" }],
  ["a connection", { connection: "keep-alive" }],
  ["an expectation", { expect: "100-continue" }],
])("headers that are, or hold, %s are refused: not left out, and no fault of the network", async (_, headers) => {
  expect(() => createClient({ headers: headers as never })).toThrow(expect.objectContaining({ option: "headers" }));
  const { client, sent } = stubbed([ok]);
  const error = await failure(client.setContact(BODY, { headers: headers as never }));
  expect(error).toMatchObject({ kind: "configuration", option: "headers", outcome: "not_sent" });
  expect(sent).toEqual([]);
});

test("values are trimmed, and the trimmed token is removed from errors", async () => {
  const fetch = async () => Response.json({ code: 5, message: "no such token: t0ken-1" }, { status: 400 });
  const client = createClient({ fetch, headers: { authorization: "Bearer t0ken-1\n", "content-length": null } });
  expect((await failure(client.setContact(BODY))).message).toBe("no such token: [redacted]");
  expect(await send({ "x-a": " a\n" })).toMatchObject({ "x-a": "a" });
});

const thrower = (): never => {
  throw new Error("token-of-a-caller");
};

test.each([
  ["an iterator that throws", { [Symbol.iterator]: thrower }],
  ["an iterable of something else than pairs", new Set([5])],
])("%s is a ConfigurationError, from a function of one attempt too", async (_, headers) => {
  const given = headers as unknown as Record<string, string>;
  expect(() => createClient({ headers: given })).toThrow(
    expect.objectContaining({
      kind: "configuration",
      option: "headers",
      message: expect.not.stringContaining("token"),
    }),
  );
  const { client, sent } = stubbed([ok], { headers: () => given });
  expect(await failure(client.setContact(BODY))).toMatchObject({
    kind: "configuration",
    option: "headers",
    attempts: 1,
  });
  expect(sent).toEqual([]);
});

test("a header may be called __proto__", async () => {
  expect(await send(JSON.parse('{"__proto__": "a"}'), JSON.parse('{"x-b": "b"}'))).toEqual(
    JSON.parse('{"content-type": "application/json", "__proto__": "a", "x-b": "b"}'),
  );
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, []])("params.header with %j is refused", async (value) => {
  const { client, sent } = stubbed([ok]);
  const init = { body: BODY, params: { header: { "x-a": value } } } as unknown as { body: typeof BODY };
  const error = await failure(client.POST("/v1/user/contact", init));
  expect(error).toMatchObject({ kind: "configuration", option: "params.header", outcome: "not_sent" });
  expect(sent).toEqual([]);
});

test.each<[string, unknown]>([
  ["inherited headers", Object.create({ "x-a": "1" })],
  ["values of an async generator", (async function* () {})()],
])("%s are refused, not left out", (_, headers) => {
  expect(() => createClient({ headers: headers as Headers })).toThrow(/^headers must be an object of strings/);
});

test("a Content-Type of a contract that can't be sent is refused", async () => {
  const operations = { "POST /v1/x": { repeatable: true, contentType: "a\u0100" } };
  const contract = { servers: ["https://x.example"], operations, errorCodes: {} };
  const client = createClient<Record<string, Record<"post", unknown>>>({ contract, fetch: async () => ok() });
  const error = await failure(client.POST("/v1/x", { body: {} as never }));
  expect(error).toMatchObject({ kind: "configuration", option: "contract", outcome: "not_sent" });
});
