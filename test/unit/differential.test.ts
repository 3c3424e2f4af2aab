/** The same calls through openapi-fetch and through this client send the same, and end the same way. */
import fc from "fast-check";
import createOpenApiFetch, { type Middleware } from "openapi-fetch";
import { expect, test } from "vitest";
import { createClient, isEngageLabError } from "../../src/index.ts";

const BASE = "https://ma-api.engagelab.com/prefix";
const fault = new Error("of a middleware");

/** Each does one thing that a hook may do. `log` records its calls and their arguments. */
const HOOKS = {
  setHeader: () => ({ onRequest: ({ request }) => request.headers.set("x-set", "1") }),
  appendHeader: () => ({ onRequest: ({ request }) => request.headers.append("x-append", "1") }),
  deleteHeader: () => ({ onRequest: ({ request }) => request.headers.delete("x-client") }),
  copy: () => ({
    onRequest: ({ request }) =>
      new Request(request, { headers: { ...Object.fromEntries(request.headers), "x-copy": "1" } }),
  }),
  otherQuery: () => ({ onRequest: ({ request }) => new Request(`${request.url}#fragment`, request) }),
  otherBody: () => ({
    onRequest: ({ request }) =>
      request.method === "GET" ? undefined : new Request(request, { body: '{"other":1}', headers: request.headers }),
  }),
  answer: () => ({ onRequest: () => Response.json({ code: 0, message: "answered" }) }),
  throwEarly: () => ({
    onRequest: () => {
      throw fault;
    },
  }),
  throwLate: () => ({
    onResponse: () => {
      throw fault;
    },
  }),
  replace: () => ({ onResponse: () => Response.json({ code: 0, message: "replaced" }) }),
  rescue: () => ({ onError: () => Response.json({ code: 0, message: "rescued" }) }),
  otherError: () => ({ onError: () => fault }),
  wrongRequest: () => ({ onRequest: () => "wrong" as never }),
  wrongResponse: () => ({ onResponse: () => "wrong" as never }),
  wrongError: () => ({ onError: () => "wrong" as never }),
  watch: (log) => ({
    onRequest: ({ schemaPath, params, request }) =>
      void log.push("out", schemaPath, params, request.method, request.url),
    onResponse: async ({ response }) => void log.push("back", response.status, await response.clone().text()),
    onError: () => void log.push("error"),
  }),
} satisfies Record<string, (log: unknown[]) => Middleware>;

const text = fc.string({ minLength: 1, maxLength: 5, unit: "grapheme" });
const segment = fc.oneof(
  text.filter((one) => !/^\.*$/.test(one)),
  fc.integer(),
  fc.boolean(),
);
const token = fc.stringMatching(/^[a-z]{1,4}$/);
const headers = fc.dictionary(
  fc.constantFrom("x-client", "X-Client", "x-call", "x-both", "X-BOTH"),
  fc.oneof(token, fc.constant(null)),
  { noNullPrototype: true },
);
/** The client refuses names that would change the query. */
const queryName = text.filter((name) => !/[#&=+%]/.test(name) && name !== "");
const query = fc.dictionary(
  queryName,
  fc.oneof(text, fc.integer(), fc.array(text, { minLength: 1, maxLength: 2 }), fc.constant(null)),
);
const body = fc.dictionary(text, fc.oneof(text, fc.integer(), fc.constant(null), fc.array(text)), {
  noNullPrototype: true,
});
const stack = fc.array(fc.constantFrom(...(Object.keys(HOOKS) as (keyof typeof HOOKS)[])), { maxLength: 4 });

const call = fc.record({
  method: fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE"),
  path: fc.constantFrom("/v1/x/{id}", "/v1/{;id}/y", "/v1/{.id}", "/v1/{id*}"),
  id: fc.oneof(segment, fc.array(segment, { minLength: 1, maxLength: 2 })),
  query,
  client: headers,
  call: headers,
  param: headers,
  body,
  registered: stack,
  perCall: stack,
  fails: fc.boolean(),
});

type Verb = (path: string, init: object) => Promise<{ data?: unknown }>;

async function play(given: typeof call extends fc.Arbitrary<infer T> ? T : never, make: (options: object) => unknown) {
  const log: unknown[] = [];
  const sent: unknown[] = [];
  const fetch = async (input: string | Request, init?: RequestInit) => {
    const request = new Request(input, init);
    const { "content-type": type, ...rest } = Object.fromEntries(request.headers);
    sent.push([request.method, request.url, rest, type, await request.text()]);
    if (given.fails) throw new TypeError("no network");
    return Response.json({ code: 0, message: "success" });
  };
  type Client = Record<string, Verb> & { use(...middleware: Middleware[]): void };
  const client = make({ baseUrl: BASE, headers: given.client, fetch, maxRetries: 0 }) as Client;
  client.use(...given.registered.map((name) => HOOKS[name](log)));
  const init = {
    params: { path: { id: given.id }, query: given.query, header: given.param },
    headers: given.call,
    middleware: given.perCall.map((name) => HOOKS[name](log)),
    ...(given.method !== "GET" && { body: given.body }),
  };
  const result = await (client[given.method] as Verb)(given.path, init).then(
    ({ data }) => data,
    (error: unknown) => (error === fault ? "the fault" : "an error"),
  );
  return { sent, log, result };
}

test("random calls through random middleware behave the same", async () => {
  await fc.assert(
    fc.asyncProperty(call, async (given) => {
      const ours = await play(given, createClient);
      const theirs = await play(given, (options: object) => createOpenApiFetch(options));
      expect(ours).toEqual(theirs);
    }),
    { numRuns: 400 },
  );
});

test("where openapi-fetch throws an Error, the client throws its own", async () => {
  const client = createClient({ fetch: () => Promise.reject(new TypeError("x")), maxRetries: 0 });
  expect(() => client.use("x" as never)).toThrow(
    expect.objectContaining({ kind: "configuration", option: "middleware" }),
  );
  client.use(null as never);
  client.eject({ onRequest() {} });
  client.use({ onError: () => 1 as never });
  const error: unknown = await client.setContact({ euid: 1, contacts: { email: "a" } }).catch((thrown) => thrown);
  expect(isEngageLabError(error, "configuration")).toBe(true);
  expect(error).toMatchObject({ option: "onError", outcome: "unknown" });
});
