/** A request that the runtime refuses to build is not a NetworkError. */
import { gunzipSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { BODY, failure, stubbed } from "./support.ts";

const ok = () => Response.json({ code: 0, message: "success" });
const noop = { onRequest() {} };
type Call = (path: string, init?: object) => Promise<object>;

test.each<[string, string, object, string]>([
  ["cache", "POST", { cache: "bogus" }, "cache"],
  ["credentials", "POST", { credentials: "bogus" }, "credentials"],
  ["mode", "POST", { mode: "navigate" }, "mode"],
  ["referrer", "POST", { referrer: "https://[" }, "referrer"],
  ["window", "POST", { window: 5 }, "window"],
  ["TRACE", "TRACE", {}, "method"],
  ["a GET with a body", "GET", { body: BODY }, "body"],
  ["a HEAD with a body", "HEAD", { body: BODY }, "body"],
])("%s: refused before anything is sent, with and without middleware", async (_, method, init, option) => {
  for (const middleware of [[], [noop]]) {
    const { client, sent } = stubbed([ok]);
    const call = (client as unknown as Record<string, Call>)[method];
    const body = method === "POST" ? { body: BODY } : {};
    const error = await failure(call?.("/v1/user/contact", { ...body, ...init, middleware }) ?? Promise.resolve());
    expect(error).toMatchObject({ kind: "configuration", option, outcome: "not_sent", attempts: 0 });
    expect(sent).toEqual([]);
  }
});

test("members of the init reach fetch, and middleware sees those that a Request ignores", async () => {
  const { client, sent } = stubbed([ok]);
  const seen: unknown[] = [];
  const middleware = [{ onRequest: ({ request }: { request: Request }) => void seen.push(Reflect.get(request, "cf")) }];
  const init = { body: BODY, cache: "no-store", cf: { a: 1 }, middleware } as const;
  await client.POST("/v1/user/contact", init);
  expect(sent[0]).toMatchObject({ cache: "no-store", cf: { a: 1 } });
  expect(seen).toEqual([{ a: 1 }]);
});

test("a body set by middleware is sent byte for byte in each attempt", async () => {
  const busy = () => Response.json({ code: 1, message: "" }, { status: 503, headers: { "retry-after": "0" } });
  const { client, sent } = stubbed([busy, ok]);
  client.use({
    async onRequest({ request }) {
      const body = gzipSync(await request.text());
      const headers = new Headers(request.headers);
      headers.set("content-encoding", "gzip");
      return new Request(request.url, { method: "POST", headers, body });
    },
  });
  await client.setContact(BODY);
  expect(sent).toHaveLength(2);
  for (const { body, headers } of sent) {
    expect(gunzipSync(body as ArrayBuffer).toString()).toBe(JSON.stringify(BODY));
    expect(headers).toMatchObject({ "content-encoding": "gzip", "content-type": "application/json" });
  }
});

test.each<[string, () => BodyInit, RegExp]>([
  ["a Blob", () => new Blob(["é"], { type: "text/x" }), /^text\/x$/],
  ["a form", () => new URLSearchParams({ a: "é" }), /^application\/x-www-form-urlencoded/],
  ["a FormData", () => Object.assign(new FormData(), {}), /^multipart\/form-data; boundary=/],
])("a middleware's %s keeps its type", async (_, body, type) => {
  const { client, sent } = stubbed([ok]);
  client.use({ onRequest: ({ request }) => new Request(request.url, { method: "POST", body: body() }) });
  await client.setContact(BODY);
  expect(sent[0]?.headers).toHaveProperty("content-type", expect.stringMatching(type));
});

test("an answer that can't be rebuilt for middleware still resolves", async () => {
  const headers = new Map([
    ["x-odd", "成功"],
    ["x-a", "b"],
  ]);
  const odd = { status: 200, statusText: "成功", headers, text: async () => '{"code":0,"message":"success"}' };
  const { client } = stubbed([() => odd as unknown as Response]);
  const responses: Response[] = [];
  client.use({ onResponse: ({ response }) => void responses.push(response) });
  expect(await client.setContact(BODY)).toMatchObject({ code: 0, status: 200 });
  const [seen] = responses;
  expect(seen?.statusText).toBe("");
  expect(Object.fromEntries(seen?.headers ?? [])).toMatchObject({ "x-a": "b" });
});

test("the response of the result is the one that middleware saw", async () => {
  const { client } = stubbed([ok]);
  client.use({ onResponse: ({ response }) => response.headers.set("x-seen", "yes") });
  const { response } = await client.POST("/v1/user/contact", { body: BODY });
  expect(response.headers.get("x-seen")).toBe("yes");
});

test.each(["onRequest", "onResponse", "onError"])("a wrong return value of %s is reported", async (hook) => {
  const { client } = stubbed(hook === "onError" ? [] : [ok], { maxRetries: 0 });
  client.use({ [hook]: () => ({ status: 200 }) });
  expect(await failure(client.setContact(BODY))).toMatchObject({ kind: "configuration", option: hook });
});

test("onError may return another Error, and a Response goes through onResponse", async () => {
  const { client } = stubbed([], { maxRetries: 0 });
  const other = new Error("other");
  const seen: unknown[] = [];
  client.use({ onError: ({ error }) => void seen.push(error) }, { onError: () => other });
  await expect(client.setContact(BODY)).rejects.toBe(other);
  expect(seen).toEqual([other]);
  client.use({ onError: () => Response.json({ code: 0, message: "saved" }), onResponse: () => void seen.push("back") });
  expect(await client.setContact(BODY)).toMatchObject({ message: "saved" });
  expect(seen).toEqual([other, "back"]);
});

test("a status that no Response can have is reported unchanged", async () => {
  const { client } = stubbed([() => Object.defineProperty(ok(), "status", { value: 999 })]);
  client.use(noop);
  expect(await failure(client.setContact(BODY))).toMatchObject({ kind: "response", status: 999 });
});
