/** An error's cause: enough to act on, no secrets, and no foreign code is run. */
import { createServer } from "node:net";
import { inspect } from "node:util";
import { runInNewContext } from "node:vm";
import { expect, test, vi } from "vitest";
import { AbortedError, ConfigurationError, createClient, isEngageLabError, NetworkError } from "../../src/index.ts";
import { BODY, failure, stubbed } from "./support.ts";

const SECRET = "5e987ac6d2e04d95a9d8f0d1";

const rejected = async (thrown: unknown) => {
  const fetch = () => Promise.reject(thrown);
  return failure(createClient({ apiKey: "key-of-us", apiSecret: SECRET, fetch, maxRetries: 0 }).setContact(BODY));
};

const withCode = (message: string, code: string) => Object.assign(new Error(message), { code });

test.each<[string, unknown, string]>([
  [
    "undici",
    new TypeError("fetch failed", { cause: withCode("connect ECONNREFUSED 127.0.0.1:8788", "ECONNREFUSED") }),
    "fetch failed: connect ECONNREFUSED 127.0.0.1:8788",
  ],
  [
    "two addresses of a host",
    new TypeError("fetch failed", {
      cause: Object.assign(
        new AggregateError([new Error("connect ECONNREFUSED ::1:1"), new Error("connect ECONNREFUSED 127.0.0.1:1")]),
        { code: "ECONNREFUSED" },
      ),
    }),
    "fetch failed: connect ECONNREFUSED ::1:1, connect ECONNREFUSED 127.0.0.1:1",
  ],
  ["a code only", Object.assign(new Error(), { code: "ECONNRESET" }), "ECONNRESET"],
  ["Bun", withCode("Unable to connect.", "ConnectionRefused"), "Unable to connect.: ConnectionRefused"],
  ["a DOMException", new DOMException("The network is gone", "NetworkError"), "The network is gone"],
  ["another realm", runInNewContext("new TypeError('fetch failed')"), "fetch failed"],
  ["a string", "no route", "no route"],
  ["a number", 5, "5"],
  ["null", null, "null"],
  ["a secret", new Error(`bad token ${SECRET}`), "bad token [redacted]"],
])("the message says why: %s", async (_, thrown, why) => {
  const error = await rejected(thrown);
  expect(error).toBeInstanceOf(NetworkError);
  expect(error.message).toBe(`The request failed before an answer came: ${why}`);
});

test.each([undefined, Symbol("s"), {}, new Error(), () => SECRET])(
  "there may be nothing to say (%#)",
  async (thrown) => {
    const error = await rejected(thrown);
    expect(error.message).toMatch(/^The request failed before an answer came/);
  },
);

test("a refused connection keeps its code", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  await new Promise((resolve) => server.close(resolve));
  for (const host of ["127.0.0.1", "localhost"]) {
    const client = createClient({ baseUrl: `http://${host}:${port}`, maxRetries: 0 });
    expect((await failure(client.setContact(BODY))).message).toMatch(/ECONNREFUSED/);
  }
});

test("no code of the thrown value is run", async () => {
  const run = vi.fn(() => SECRET);
  const methods = {
    toString: run,
    toJSON: run,
    [Symbol.toPrimitive]: run,
    [Symbol.for("nodejs.util.inspect.custom")]: run,
  };
  const thrown = Object.assign(new Error("a message"), methods);
  for (const key of ["name", "code", "cause", "errors", "extra"]) Object.defineProperty(thrown, key, { get: run });
  const error = await rejected(thrown);
  for (const shown of [inspect(error), String(error), JSON.stringify(error)]) expect(shown).not.toContain(SECRET);
  expect(run).not.toHaveBeenCalled();
  expect(error.cause).toMatchObject({ message: "a message" });
});

test("a Proxy whose traps throw, a revoked one and an endless prototype chain do no harm", async () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const endless: object = new Proxy({}, { getPrototypeOf: () => endless });
  const hostile = new Proxy(new Error("x"), {
    getOwnPropertyDescriptor() {
      throw new Error(SECRET);
    },
  });
  for (const thrown of [proxy, endless, hostile, new Error("outer", { cause: proxy })]) {
    const error = await rejected(thrown);
    expect(error).toMatchObject({ kind: "network", outcome: "unknown" });
    expect(inspect(error, { depth: 9 })).not.toContain(SECRET);
  }
  expect(isEngageLabError(proxy)).toBe(false);
});

test("a chain of causes is copied without secrets, and a circular one ends", async () => {
  const tail: Error & { cause?: unknown } = new Error("tail");
  tail.cause = tail;
  const thrown = new TypeError("outer", { cause: new Error(`inner ${SECRET}`, { cause: tail }) });
  const { cause } = await rejected(thrown);
  expect(cause).toBeInstanceOf(TypeError);
  expect(cause).not.toBe(thrown);
  expect(cause).toMatchObject({ cause: { message: "inner [redacted]", cause: { message: "tail" } } });
});

test.each([["a string"], [null], [0], [Object.freeze({ a: 1 })], [new DOMException("x", "TimeoutError")]])(
  "an abort reason stays the very object (%#)",
  async (reason) => {
    const { client } = stubbed([]);
    const error = await failure(client.setContact(BODY, { signal: AbortSignal.abort(reason) }));
    expect(error).toBeInstanceOf(AbortedError);
    expect(error.cause).toBe(reason);
  },
);

test("AbortSignal.timeout and a signal of another realm abort a call", async () => {
  const fetch = () => new Promise<never>(() => {});
  const client = createClient({ fetch });
  const error = await failure(client.setContact(BODY, { signal: AbortSignal.timeout(5) }));
  expect(error).toMatchObject({ kind: "aborted", cause: { name: "TimeoutError" } });
  const target = new EventTarget();
  const foreign = Object.assign(target, { aborted: false, reason: undefined }) as unknown as AbortSignal;
  const aborted = failure(client.setContact(BODY, { signal: foreign }));
  target.dispatchEvent(new Event("abort"));
  expect(await aborted).toMatchObject({ kind: "aborted", outcome: "unknown" });
});

test("JSON.stringify shows name, message and fields, and no cause", async () => {
  const error = await rejected(new Error("why"));
  expect(JSON.parse(JSON.stringify({ error }))).toEqual({
    error: {
      name: "NetworkError",
      message: "The request failed before an answer came: why",
      kind: "network",
      outcome: "unknown",
      attempts: 1,
      retryable: true,
    },
  });
});

test("isEngageLabError checks the fields: of another copy, a clone, or an RPC", () => {
  const error = new ConfigurationError("timeout", "is bad");
  const copy = { ...JSON.parse(JSON.stringify(error)) };
  expect(isEngageLabError(copy)).toBe(true);
  expect(isEngageLabError(Object.assign(new Error(error.message), copy), "configuration")).toBe(true);
  expect(isEngageLabError(copy, "api")).toBe(false);
  for (const key of ["kind", "outcome", "attempts", "retryable", "message"]) {
    expect(isEngageLabError({ ...copy, [key]: {} })).toBe(false);
  }
  for (const value of [null, undefined, "x", 5, {}, new Error("x"), { kind: "api" }]) {
    expect(isEngageLabError(value)).toBe(false);
  }
});

test.each<[string, () => unknown[], string]>([
  ["a list whose map() is its own", () => Object.assign([new Error("one")], { map: () => run() }), "one"],
  ["a Proxy", () => new Proxy([new Error("one")], { get: () => run() }), "one"],
  ["a revoked Proxy", () => revoked(), "AggregateError"],
  ["a hundred thousand", () => Array(100_000).fill(new Error("one")), "one"],
])("of several errors the first ten are told, and no foreign code is run: %s", async (_, list, expected) => {
  const error = await rejected(Object.defineProperty(new AggregateError([]), "errors", { value: list() }));
  expect(error.message.replaceAll("one, ", "")).toBe(`The request failed before an answer came: ${expected}`);
  expect(error.message.length).toBeLessThan(120);
});

function run(): never {
  throw new Error("foreign code was run");
}

function revoked(): unknown[] {
  const { proxy, revoke } = Proxy.revocable<unknown[]>([], {});
  revoke();
  return proxy;
}

test("an AggregateError that contains itself is copied", async () => {
  const aggregate = new AggregateError([], "");
  aggregate.errors = [aggregate, new Error("connect ECONNREFUSED")];
  const client = createClient({ fetch: () => Promise.reject(aggregate), maxRetries: 0 });
  const error = await failure(client.setContact(BODY));
  expect(error).toMatchObject({ kind: "network", message: expect.stringContaining("connect ECONNREFUSED") });
});
