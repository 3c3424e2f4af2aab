/** Implementations of `fetch` other than the runtime's, and their answers. */
import { Readable } from "node:stream";
import { afterEach, expect, test, vi } from "vitest";
import { createClient } from "../../src/index.ts";
import { BODY, failure } from "./support.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const OK = '{"code":0,"message":"成功"}';

function client(body: object, headers: Record<string, string> = {}, options: object = {}) {
  let calls = 0;
  const fetch = async () => {
    calls++;
    return { status: 200, headers: new Headers(headers), ...body } as unknown as Response;
  };
  return { client: createClient({ fetch, ...options }), calls: () => calls };
}

const unused = () => Promise.reject(new Error("the body was read in another way"));
const bytes = new TextEncoder().encode(OK);

test.each<[string, () => object, Record<string, string>?]>([
  ["a Node stream", () => ({ body: Readable.from([Buffer.from(OK)]), text: unused })],
  ["a Node stream cut within a character", () => ({ body: Readable.from([...bytes].map((one) => Buffer.of(one))) })],
  ["a Node stream of strings", () => ({ body: Readable.from([OK]) })],
  ["an async iterable without return()", () => ({ body: { [Symbol.asyncIterator]: () => once(bytes) }, text: unused })],
  ["no body but text()", () => ({ text: async () => OK })],
  ["a null body", () => ({ body: null, text: async () => OK })],
  ["a body that is a string", () => ({ body: OK, text: async () => OK })],
  ["a body that can't be iterated", () => ({ body: {}, text: async () => OK })],
  ["arrayBuffer() only", () => ({ arrayBuffer: async () => bytes.buffer })],
  ["a small Content-Length", () => ({ body: Readable.from([]), text: async () => OK }), { "content-length": "30" }],
  ["a stream with a length, but without text()", () => ({ body: Readable.from([OK]) }), { "content-length": "30" }],
])("%s is read, in one request", async (_, body, headers) => {
  const { client: one, calls } = client(body(), headers);
  expect(await one.setContact(BODY)).toEqual({ code: 0, message: "成功", status: 200 });
  expect(calls()).toBe(1);
});

async function* endless(stopped: () => void) {
  try {
    for (;;) yield new Uint8Array(100_000);
  } finally {
    stopped();
  }
}

function once(value: Uint8Array) {
  let left = 1;
  return { next: async () => (left-- ? { done: false, value } : { done: true, value: undefined }) };
}

test("an endless body is cancelled at 1 MiB, whatever its chunks are", async () => {
  let stopped = 0;
  const bodies = [{ body: endless(() => stopped++) }, { text: async () => "x".repeat(2 ** 20 + 1) }];
  for (const body of bodies) {
    const { client: one } = client(body);
    const error = await failure(one.setContact(BODY));
    expect(error).toMatchObject({ kind: "response", outcome: "unknown", attempts: 1 });
    expect(error.message).toMatch(/1 MiB/);
  }
  expect(stopped).toBe(1);
});

test.each<[string, Record<string, string>, boolean]>([
  ["a small length", { "content-length": "30" }, true],
  ["no length", {}, false],
  ["the largest length", { "content-length": "1048576" }, true],
  ["no number", { "content-length": "-1" }, false],
  ["no whole number", { "content-length": "30x" }, false],
  ["a large length", { "content-length": "1048577" }, false],
  ["compressed", { "content-length": "30", "content-encoding": "gzip" }, false],
  ["chunked as well", { "content-length": "30", "transfer-encoding": "chunked" }, false],
])("headers with %s: read in one step or not", async (_, headers, inOneStep) => {
  const { client: one } = client(
    { body: Readable.from(['{"code":0,"message":"in chunks"}']), text: async () => '{"code":0,"message":"in one"}' },
    headers,
  );
  expect((await one.setContact(BODY)).message).toBe(inOneStep ? "in one" : "in chunks");
});

test("in a page, an answer of another origin is read in chunks: its encoding is hidden", async () => {
  const body = { type: "cors", body: Readable.from([OK]), text: unused };
  const { client: one } = client(body, { "content-length": "30" });
  expect((await one.setContact(BODY)).code).toBe(0);
});

test.each<[string, unknown]>([
  ["nothing", undefined],
  ["a string", "text"],
  ["an object without headers", { status: 200 }],
])("fetch resolves to %s: our caller's fault, and the write may have been applied", async (_, value) => {
  let calls = 0;
  const fetch = async () => {
    calls++;
    return value as Response;
  };
  const error = await failure(createClient({ fetch }).setContact(BODY));
  expect(error).toMatchObject({ kind: "configuration", option: "fetch", outcome: "unknown", attempts: 1 });
  expect(calls).toBe(1);
});

test("a runtime without fetch gives a ConfigurationError", async () => {
  const { fetch } = globalThis;
  Reflect.deleteProperty(globalThis, "fetch");
  try {
    const error = await failure(createClient().setContact(BODY));
    expect(error).toMatchObject({ kind: "configuration", option: "fetch", outcome: "not_sent" });
  } finally {
    globalThis.fetch = fetch;
  }
});

/** As in axios: no `forEach`, and `undefined` for a missing header. */
class AxiosHeaders {
  readonly #all = new Map([["content-type", "application/json"]]);
  get(name: string) {
    return this.#all.get(name.toLowerCase());
  }
  [Symbol.iterator]() {
    return this.#all[Symbol.iterator]();
  }
}

test.each<[string, object]>([
  ["a Map", new Map()],
  ["axios's", new AxiosHeaders()],
  ["get() alone", { get: () => undefined }],
])("headers that are %s: each answer is told as it is", async (_, headers) => {
  for (const middleware of [[], [{ onResponse() {} }]]) {
    const answer = (status: number, text: string) => {
      const one = createClient({ fetch: async () => ({ status, headers, text: async () => text }) as never });
      one.use(...middleware);
      return one.setContact(BODY, { maxRetries: 0 });
    };
    expect(await answer(200, OK)).toMatchObject({ code: 0 });
    expect(await failure(answer(409, '{"code":55014,"message":"no"}'))).toMatchObject({ kind: "api", status: 409 });
    expect(await failure(answer(302, ""))).toMatchObject({ kind: "response", status: 302 });
    expect(await failure(answer(502, "<html>"))).toMatchObject({ kind: "response", excerpt: "<html>" });
  }
});

test.each<[string, object]>([
  ["no status, as got has", { status: undefined, statusCode: 200, body: OK }],
  ["a status that is no number", { status: "200", text: async () => OK }],
  ["headers without get", { headers: { "content-type": "application/json" }, text: async () => OK }],
])("a result of fetch with %s is refused, and the write is not repeated", async (_, answer) => {
  const { client: one, calls } = client(answer);
  const error = await failure(one.setContact(BODY));
  expect(error).toMatchObject({ kind: "configuration", option: "fetch", outcome: "unknown", attempts: 1 });
  expect(calls()).toBe(1);
});

test.each([undefined, null, { code: 0, message: "" }])("text() that returns %j is not an envelope", async (text) => {
  const { client: one } = client({ text: async () => text });
  expect(await failure(one.setContact(BODY))).toMatchObject({ kind: "response", outcome: "unknown", attempts: 1 });
});

test("a BOM that text() keeps is removed", async () => {
  const { client: one } = client({ text: async () => `\ufeff${OK}` });
  expect((await one.setContact(BODY)).code).toBe(0);
});

test("chunks that are ArrayBuffers count towards the limit", async () => {
  let chunks = 0;
  const body = new ReadableStream({
    pull(controller) {
      if (chunks++ > 50) controller.close();
      else controller.enqueue(new ArrayBuffer(100_000));
    },
  });
  const { client: one } = client({ body });
  expect((await failure(one.setContact(BODY))).message).toMatch(/1 MiB/);
});

test.each<[string, () => unknown]>([
  ["returns no promise", () => ({ done: true })],
  [
    "throws",
    () => {
      throw new Error("not today");
    },
  ],
])("an iterator whose return() %s", async (_, stop) => {
  const large = { next: async () => ({ value: new Uint8Array(2 ** 20 + 1) }), return: stop };
  const { client: one } = client({ body: { [Symbol.asyncIterator]: () => large } });
  expect((await failure(one.setContact(BODY))).message).toMatch(/1 MiB/);
  const slow = { next: () => new Promise(() => {}), return: stop };
  const { client: two } = client({ body: { [Symbol.asyncIterator]: () => slow } }, {}, { timeout: 5, maxRetries: 0 });
  expect(await failure(two.setContact(BODY))).toMatchObject({ kind: "timeout" });
});

test.each([
  ["Node.js/26", 0],
  ["Deno/2.9", 1],
  [undefined, 1],
])("a small body is read with text(), unless that is slower: in %s", async (userAgent, times) => {
  vi.resetModules();
  vi.stubGlobal("navigator", { userAgent });
  const text = vi.spyOn(Response.prototype, "text");
  const { createClient } = await import("../../src/index.ts");
  const headers = { "content-length": "30" };
  const own = createClient({ fetch: async () => new Response('{"code":0,"message":""}', { headers }) });
  expect((await own.setContact(BODY)).code).toBe(0);
  expect(text).toHaveBeenCalledTimes(times);
});

const bom = `\ufeff${OK}`;

test.each<[string, () => object]>([
  ["a Node stream of strings", () => ({ body: Readable.from([bom]) })],
  [
    "a web stream of strings",
    () => ({ body: new Response(bom).body?.pipeThrough(new TextDecoderStream("utf-8", { ignoreBOM: true })) }),
  ],
])("a BOM in %s is removed", async (_, body) => {
  const { client: one } = client(body());
  expect((await one.setContact(BODY)).code).toBe(0);
});

test.each([{ getReader: undefined }, { [Symbol.asyncIterator]: undefined }])(
  "a body whose stream can't be read is read by text() (%#)",
  async (body) => {
    const { client: one } = client({ body, text: async () => OK });
    expect((await one.setContact(BODY)).code).toBe(0);
  },
);

test("a Node stream is destroyed when an attempt times out", async () => {
  const body = new Readable({ read() {} });
  const { client: one } = client({ body }, {}, { timeout: 5, maxRetries: 0 });
  expect(await failure(one.setContact(BODY))).toMatchObject({ kind: "timeout" });
  expect(body.destroyed).toBe(true);
});

test("headers of an answer may be lists, as other libraries return", async () => {
  const headers = { get: (name: string) => (name === "content-type" ? ["text/html"] : null) };
  const { client: one } = client({ headers, text: async () => "<html>" }, {}, { maxRetries: 0 });
  expect(await failure(one.setContact(BODY))).toMatchObject({ kind: "response", contentType: "text/html" });
});

test.each([true, false])(
  "a Response whose body is locked is no success, and no bare error (length: %s)",
  async (known) => {
    const response = new Response(OK, { headers: known ? { "content-length": "30" } : {} });
    response.body?.getReader();
    const one = createClient({ fetch: async () => response, maxRetries: 0 });
    expect(await failure(one.setContact(BODY))).toMatchObject({ kind: "response", outcome: "unknown", attempts: 1 });
  },
);
