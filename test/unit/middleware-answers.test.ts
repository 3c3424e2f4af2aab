/** What middleware makes of an answer, and what the client says of the write then. */
import { expect, test } from "vitest";
import { createClient } from "../../src/index.ts";
import { BODY, failure, stubbed } from "./support.ts";

const OK = '{"code":0,"message":"success"}';
const refusal = () => new Response('{"code":40050,"message":"no"}', { status: 401 });
const broken = () => Promise.reject(new TypeError("socket hang up"));

test.each([refusal, () => new Response("", { status: 429 })])(
  "a refusal that onError makes up leaves a write in doubt (%#)",
  async (onError) => {
    const client = createClient({ fetch: broken, maxRetries: 0 });
    client.use({ onError });
    const { error } = await client.POST("/v1/user/contact", { body: BODY });
    expect(error).toMatchObject({ outcome: "unknown", attempts: 1 });
  },
);

test("another answer that onResponse makes up leaves a refused write refused", async () => {
  const { client } = stubbed([refusal], { maxRetries: 0 });
  client.use({ onResponse: () => new Response("oops", { status: 500 }) });
  expect(await failure(client.setContact(BODY))).toMatchObject({ kind: "response", status: 500, outcome: "refused" });
});

/** The whole envelope arrives, then the connection breaks. */
function cutOff(): Response {
  const chunks = [new TextEncoder().encode(OK)];
  return new Response(
    new ReadableStream({
      pull(controller) {
        const chunk = chunks.shift();
        if (chunk) controller.enqueue(chunk);
        else controller.error(new Error("terminated"));
      },
    }),
  );
}

test.each<[string, (response: Response) => Response]>([
  ["response.clone()", (response) => response.clone()],
  ["new Response(response.body, response)", (response) => new Response(response.body, response)],
])("an answer that was cut off is no success after %s", async (_, onResponse) => {
  const { client } = stubbed([cutOff], { maxRetries: 0 });
  client.use({ onResponse: ({ response }) => onResponse(response) });
  const error = await failure(client.setContact(BODY));
  expect(error).toMatchObject({ kind: "response", outcome: "unknown", message: expect.stringContaining("cut off") });
  expect(error.cause).toMatchObject({ message: "terminated" });
});

test("an answer whose status no Response can have keeps it after clone()", async () => {
  const answer = { status: 600, headers: new Headers(), text: async () => "<html>" };
  const client = createClient({ fetch: async () => answer, maxRetries: 0 });
  client.use({ onResponse: ({ response }) => response.clone() });
  expect(await failure(client.setContact(BODY))).toMatchObject({ kind: "response", status: 600 });
  const { response } = await client.POST("/v1/user/contact", { body: BODY });
  expect(response.status).toBe(600);
});

test("another status counts, although the text is the same", async () => {
  const { client } = stubbed([() => new Response(OK), () => new Response(OK)]);
  client.use({ onResponse: ({ response }) => new Response(response.body, { status: 202 }) });
  expect(await client.setContact(BODY)).toMatchObject({ code: 0, status: 202 });
  expect((await client.POST("/v1/user/contact", { body: BODY })).response.status).toBe(202);
});

test("the options of a hook are frozen, and its id is short", async () => {
  const { client } = stubbed([() => new Response(OK)]);
  client.use({
    onRequest({ id, options }) {
      expect(id).toMatch(/^[a-z\d]{1,9}$/);
      expect(Object.isFrozen(options)).toBe(true);
      expect(options).toMatchObject({ parseAs: "text", bodySerializer: String });
    },
  });
  expect((await client.setContact(BODY)).code).toBe(0);
});

test.each([undefined, null, 5, { from: "x" }])(
  "headers of an answer that can't be iterated are left out for middleware (%j)",
  async (iterator) => {
    const headers = { get: () => null, [Symbol.iterator]: iterator };
    const client = createClient({ fetch: async () => ({ status: 200, headers, text: async () => OK }) });
    client.use({ onResponse() {} });
    expect(await client.setContact(BODY)).toMatchObject({ code: 0 });
  },
);

test.each([
  ["/v1/user/contact", BODY, true],
  ["/v1/event/report", { data: [] }, false],
] as const)(
  "a call that middleware holds up can be repeated if its operation can (%s)",
  async (path, body, retryable) => {
    const { client, sent } = stubbed([], { totalTimeout: 5 });
    client.use({ onRequest: () => new Promise(() => {}) });
    const error = await failure(client.POST(path as "/v1/user/contact", { body: body as typeof BODY }));
    expect(error).toMatchObject({ kind: "timeout", outcome: "not_sent", attempts: 0, retryable });
    expect(sent).toEqual([]);
  },
);

test("an answer that middleware makes up shows no token of a header", async () => {
  const { client, sent } = stubbed([], { headers: { "x-token": "abcdefgh" }, maxRetries: 0 });
  client.use({ onRequest: ({ request }) => new Response(`<p>${request.headers.get("x-token")}</p>`) });
  const error = await failure(client.setContact(BODY));
  expect(error).toMatchObject({ excerpt: "<p>[redacted]</p>", outcome: "not_sent", attempts: 0 });
  expect(sent).toEqual([]);
});
