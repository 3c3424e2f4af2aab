import { expect, test } from "vitest";
import type { ClientOptions } from "../../src/index.ts";
import { BODY, failure, stubbed } from "./support.ts";

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

test("Headers, a Map, and names that differ in case", async () => {
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

test("middleware sees them, and what it sets or deletes wins over a function", async () => {
  const seen: unknown[] = [];
  const middleware = {
    onRequest({ request }: { request: Request }) {
      seen.push(Object.fromEntries(request.headers));
      request.headers.set("x-a", "middleware");
      request.headers.delete("x-b");
      request.headers.delete("content-type");
    },
  };
  const client = () => ({ "x-a": "function", "x-d": "function" });
  expect(await send(client, { "x-b": "call", "x-c": "call" }, undefined, [middleware])).toEqual({
    "x-a": "middleware",
    "x-c": "call",
    "x-d": "function",
  });
  expect(seen).toEqual([{ ...JSON_TYPE, "x-b": "call", "x-c": "call" }]);
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
