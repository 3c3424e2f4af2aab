/** What redaction removes from texts and causes, and what it keeps. */
import { expect, test } from "vitest";
import { createClient } from "../../src/index.ts";
import { SECRETS, TOKEN } from "./secrets.ts";
import { BODY, failure } from "./support.ts";

const answer = (body: string) => async () => new Response(body);
const reject = (thrown: unknown) => async () => {
  throw thrown;
};

test("a token of an earlier attempt is removed", async () => {
  let asked = 0;
  const client = createClient({
    headers: () => ({ authorization: `Bearer token-${++asked}` }),
    fetch: async () => {
      if (asked === 1) return new Response("", { status: 503, headers: { "retry-after": "0" } });
      return new Response('{"code":5,"message":"token-1 was replaced by token-2"}', { status: 400 });
    },
  });
  expect((await failure(client.setContact(BODY))).message).toBe("[redacted] was replaced by [redacted]");
});

test.each(["Api-Key", "AWS4-HMAC-SHA256", "Bearer "])("a token after the scheme %s is removed", async (scheme) => {
  const fetch = answer(`{"code":5,"message":"unknown token ${TOKEN}"}`);
  const client = createClient({ headers: { authorization: `${scheme} ${TOKEN}` }, fetch });
  expect((await failure(client.setContact(BODY))).message).toBe("unknown token [redacted]");
});

test("a secret shorter than four characters stays: removing it would garble the text", async () => {
  const fetch = answer('{"code":5,"message":"a b is bad"}');
  const error = await failure(createClient({ apiKey: "a", apiSecret: "b", fetch }).setContact(BODY));
  expect(error.message).toBe("a b is bad");
});

test("a secret that contains another is removed entirely", async () => {
  const fetch = answer('{"code":5,"message":"abcd abcdefgh"}');
  const error = await failure(createClient({ apiKey: "abcd", apiSecret: "abcdefgh", fetch }).setContact(BODY));
  expect(error.message).toBe("[redacted] [redacted]");
});

test("a secret without its padding is removed", async () => {
  const pair = { apiKey: "key1", apiSecret: "secret12" }; // its base64 ends in ==
  const unpadded = btoa("key1:secret12").replace("==", "");
  const client = createClient({ ...pair, fetch: async () => new Response(`<${unpadded}>`), maxRetries: 0 });
  expect(await failure(client.setContact(BODY))).toMatchObject({ excerpt: "<[redacted]>" });
});

test("headers without a secret stay in texts", async () => {
  const fetch = answer('{"code":5,"message":"application/json of trace-1234"}');
  const client = createClient({ ...SECRETS, headers: { "x-trace": "trace-1234" }, fetch });
  expect((await failure(client.setContact(BODY))).message).toBe("application/json of trace-1234");
});

test("an excerpt without a secret is unchanged", async () => {
  const page = String.raw`{"a":"\u00e9 %2f \/ \"x\""}`;
  const client = createClient({ ...SECRETS, fetch: async () => new Response(page), maxRetries: 0 });
  expect(await failure(client.setContact(BODY))).toMatchObject({ kind: "response", excerpt: page });
});

test("a cause keeps what identifies it", async () => {
  const cause = Object.assign(new Error("ECONNREFUSED"), {
    code: "ECONNREFUSED",
    self: new Date(),
    bytes: new Uint8Array(9),
  });
  const client = createClient({ ...SECRETS, fetch: reject(cause), maxRetries: 0 });
  const { cause: copy } = await failure(client.setContact(BODY));
  expect(copy).toBeInstanceOf(Error);
  expect(copy).not.toBe(cause);
  expect(copy).toMatchObject({ message: "ECONNREFUSED", code: "ECONNREFUSED", stack: cause.stack });
  expect(Object.keys(copy as Error)).toEqual([]);
});

test("reading a cause does not consume it, and a large one is fast", async () => {
  let steps = 0;
  const endless = (function* () {
    for (;;) yield steps++;
  })();
  const cause = Object.assign(new Error("x"), { endless, bytes: new Uint8Array(5_000_000), type: Map });
  const client = createClient({ ...SECRETS, fetch: reject(cause), maxRetries: 0 });
  expect(await failure(client.setContact(BODY))).toMatchObject({ kind: "network" });
  expect(steps).toBe(0);
});

test("a large cause without secrets is kept", async () => {
  const reason = { rows: Array.from({ length: 5_000 }, (_, i) => ({ i })) };
  const client = createClient({ ...SECRETS, fetch: async () => new Response() });
  expect((await failure(client.setContact(BODY, { signal: AbortSignal.abort(reason) }))).cause).toBe(reason);
});

test("an abort reason stays the caller's own object", async () => {
  const client = createClient({ ...SECRETS, fetch: async () => new Response() });
  const reason = Object.freeze(new Error(SECRETS.apiSecret));
  const error = await failure(client.setContact(BODY, { signal: AbortSignal.abort(reason) }));
  expect(error.cause).toBe(reason);
});

test.each<[string, string, string]>([
  ["upper case", "secret1234", "SECRET1234"],
  ["JSON that is escaped twice", 'se"cret12', String.raw`se\\\"cret12`],
  ["a URL that is encoded twice", "se/cret12", "se%252Fcret12"],
  ["a URL after bytes that are no UTF-8", "secret1234", "%ff%73ecret1234"],
  ["a form", "correct horse", "correct+horse"],
  ["HTML with zeros", "<secret>", "&#060;secret&#x003E;"],
  ["UTF-8 in a URL", "sécrêt🔑", "s%C3%A9cr%c3%aat%F0%9F%94%91"],
  ["UTF-16 in JSON", "sécrêt🔑", String.raw`s\u00E9cr\u00eat\ud83d\udd11`],
])("a secret in %s is removed", async (_, apiSecret, echoed) => {
  const client = createClient({ apiKey: "key", apiSecret, fetch: answer(`<${echoed}>`), maxRetries: 0 });
  const { excerpt } = Object(await failure(client.setContact(BODY)));
  expect(excerpt).toMatch(/^<(%ff)?\[redacted\]>$/);
});

test.each([
  ["cookie", "a=1; session=abcdef12"],
  ["cookie", 'session="abcdef12"; a=1'],
  ["authorization", 'Digest username="u", response="abcdef12"'],
])("one value of a header is removed (%s: %s)", async (name, value) => {
  const client = createClient({ headers: { [name]: value }, fetch: answer("<abcdef12>"), maxRetries: 0 });
  expect(await failure(client.setContact(BODY))).toMatchObject({ excerpt: "<[redacted]>" });
});

test("a token that a call removes is not taken for a secret", async () => {
  const client = createClient({ headers: { "x-token": null }, fetch: answer("<null>"), maxRetries: 0 });
  expect(await failure(client.setContact(BODY))).toMatchObject({ excerpt: "<null>" });
});

test("a header whose name contains `sign` by chance stays in texts", async () => {
  const client = createClient({ headers: { "x-design": "flat" }, fetch: answer("<flat>"), maxRetries: 0 });
  expect(await failure(client.setContact(BODY))).toMatchObject({ excerpt: "<flat>" });
});

test("long texts are searched in linear time", async () => {
  const page = "\\".repeat(2 ** 19) + "%25".repeat(2 ** 15) + "&#0".repeat(2 ** 15);
  const client = createClient({ ...SECRETS, fetch: answer(page), maxRetries: 0 });
  expect(await failure(client.setContact(BODY))).toMatchObject({ kind: "response", excerpt: page.slice(0, 256) });
});
