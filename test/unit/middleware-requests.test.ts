/** What middleware makes of a request, and what is sent then. */
import { afterEach, expect, test, vi } from "vitest";
import { createClient } from "../../src/index.ts";
import { BODY, failure, setUp, stubbed } from "./support.ts";

afterEach(() => vi.unstubAllGlobals());

const ok = () => Response.json({ code: 0, message: "success" });
const unavailable = () => new Response("", { status: 503, headers: { "retry-after": "0" } });

test.each([
  ["expect", "100-continue"],
  ["transfer-encoding", "chunked"],
  ["content-length", "5"],
  ["x-a", "a\u0001"],
])("a header of middleware that can't be sent is refused (%s)", async (name, value) => {
  const { client, sent } = stubbed([ok]);
  client.use({ onRequest: ({ request }) => request.headers.set(name, value) });
  const error = await failure(client.setContact(BODY));
  expect(error).toMatchObject({ kind: "configuration", option: "middleware", outcome: "not_sent", attempts: 0 });
  expect(sent).toEqual([]);
});

test("middleware overrides and removes what a function gives, at each attempt", async () => {
  let asked = 0;
  const headers = () => ({ "x-a": `a${++asked}`, "x-b": "b", "x-c": `c${asked}` });
  const { client, sent } = stubbed([unavailable, ok], { headers });
  client.use({
    onRequest({ request }) {
      expect(request.headers.get("x-c")).toBe("c1");
      request.headers.set("x-a", "middleware");
      request.headers.delete("x-b");
    },
  });
  await client.setContact(BODY);
  expect(sent.map((init) => init.headers)).toMatchObject([
    { "x-a": "middleware", "x-c": "c1" },
    { "x-a": "middleware", "x-c": "c2" },
  ]);
  for (const { headers } of sent) expect(headers).not.toHaveProperty("x-b");
  expect(asked).toBe(2);
});

test("the same bytes are sent at each attempt, even if fetch changes them", async () => {
  const seen: number[][] = [];
  const client = createClient({
    fetch: async (_url, { body }) => {
      const bytes = new Uint8Array(body as ArrayBuffer);
      seen.push([...bytes]);
      bytes.fill(0);
      return seen.length === 1 ? unavailable() : ok();
    },
  });
  client.use({ onRequest: ({ request }) => new Request(request, { body: new Uint8Array([1, 2]) }) });
  await client.setContact(BODY);
  expect(seen).toEqual([
    [1, 2],
    [1, 2],
  ]);
});

test("members of another Request are sent, if they differ from those of the first", async () => {
  const { client, sent } = stubbed([ok]);
  client.use({ onRequest: ({ request }) => new Request(request, { cache: "no-store", credentials: "omit" }) });
  await client.POST("/v1/user/contact", { body: BODY, cache: "reload", mode: "cors" });
  expect(sent[0]).toMatchObject({ cache: "no-store", credentials: "omit", mode: "cors", redirect: "manual" });
  expect(sent[0]).not.toHaveProperty("integrity");
});

test.each([
  ["set", "increase", 1],
  ["increase", "set", 2],
])("whether a write is repeated depends on the body that middleware sends (%s to %s)", async (type, changed, calls) => {
  const { client, sent } = stubbed([unavailable, ok]);
  const body = JSON.stringify({ euid: 1, type: changed, properties: {} });
  client.use({ onRequest: ({ request }) => new Request(request, { body }) });
  const properties = { euid: 1, type: type as "set", properties: {} };
  await client.POST("/v1/user/property", { body: properties });
  expect(sent).toHaveLength(calls);
});

test.each<[string, (request: Request) => Promise<Request> | Request]>([
  [
    "is consumed",
    async (request) => {
      const other = new Request(request);
      await other.text();
      return other;
    },
  ],
  [
    "fails",
    (request) => {
      const body = new ReadableStream({ pull: (controller) => controller.error(new Error("broken")) });
      return new Request(request, { body, duplex: "half" } as RequestInit);
    },
  ],
])("a Request whose body %s is refused, and nothing is sent", async (_, onRequest) => {
  const { client, sent } = stubbed([ok]);
  client.use({ onRequest: ({ request }) => onRequest(request) });
  const error = await failure(client.setContact(BODY));
  expect(error).toMatchObject({ kind: "configuration", option: "middleware", outcome: "not_sent" });
  expect(error.message).toMatch(/ body can't be read$/);
  expect(sent).toEqual([]);
});

test("without Content-Type, the body is sent as bytes: fetch would add a type to text", async () => {
  const { client, sent } = stubbed([ok]);
  await client.setContact(BODY, { headers: { "content-type": null } });
  const { headers, body } = sent[0] ?? {};
  expect(headers).not.toHaveProperty("content-type");
  expect(new TextDecoder().decode(body as ArrayBuffer)).toBe(JSON.stringify(BODY));
});

test.each(["Request", "Response"])("middleware without the global %s is refused, and nothing is sent", async (name) => {
  const { client, sent } = stubbed([ok]);
  client.use({ onRequest: () => {} });
  vi.stubGlobal(name, undefined);
  const error = await failure(client.setContact(BODY));
  expect(error).toMatchObject({ kind: "configuration", option: "middleware", outcome: "not_sent" });
  expect(error.message).toMatch(/ needs a runtime with Request and Response$/);
  expect(sent).toEqual([]);
});

test("without the global Request, a call without middleware is sent", async () => {
  const { client, emulator } = setUp();
  vi.stubGlobal("Request", undefined);
  await client.POST("/v1/user/contact", { body: BODY, cache: "no-store" });
  expect(emulator.requests).toHaveLength(1);
});

test("middleware works with an AbortController of another realm than Request", async () => {
  class ForeignController {
    readonly signal = { aborted: false, reason: undefined, addEventListener() {}, removeEventListener() {} };
    abort() {}
  }
  const { client, emulator } = setUp();
  client.use({ onRequest: ({ request }) => request.headers.set("x-a", "1") });
  vi.stubGlobal("AbortController", ForeignController);
  await client.setContact(BODY);
  expect(emulator.requests[0]?.headers["x-a"]).toBe("1");
});

test.each([{ onRequest: "x" }, { onResponse: 5 }, { onRequest() {}, onError: {} }])(
  "a hook that is no function is refused (%o)",
  async (middleware) => {
    const { client, sent } = stubbed([ok]);
    expect(() => client.use(middleware as object)).toThrow(/^middleware must have a function as on/);
    const error = await failure(client.POST("/v1/user/contact", { body: BODY, middleware: [middleware as object] }));
    expect(error).toMatchObject({ kind: "configuration", option: "middleware", outcome: "not_sent" });
    expect(sent).toEqual([]);
  },
);
