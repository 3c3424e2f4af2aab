import { expect, test } from "vitest";
import { isEngageLabError } from "../../src/index.ts";
import { BODY, failure, setUp, stubbed } from "./support.ts";

const REFUSED = '{"code":55014,"message":"Contact exists"}';
const MEBIBYTE = 1024 * 1024;

function json(text: string | null, status = 200, headers: Record<string, string> = {}) {
  return () => new Response(text, { status, headers: { "content-type": "application/json", ...headers } });
}

test.each([200, 201, 202])("code 0 with HTTP %i is a success with that status", async (status) => {
  const { client } = stubbed([json('{"code":0,"message":"success"}', status)]);
  expect(await client.setContact(BODY)).toEqual({ code: 0, message: "success", status });
});

test("a Response without a body stream, as in some runtimes, is read", async () => {
  const text = async () => '{"code":0,"message":"success"}';
  const { client } = stubbed([() => ({ status: 200, ok: true, headers: new Headers(), text }) as Response]);
  expect(await client.setContact(BODY)).toEqual({ code: 0, message: "success", status: 200 });
});

test.each([200, 400, 401, 404, 500, 503])("a code is read with HTTP %i", async (status) => {
  const { client, sent } = stubbed([json(REFUSED, status)]);
  expect(await failure(client.setContact(BODY))).toMatchObject({
    kind: "api",
    name: "ApiError",
    code: 55014,
    reason: "contact_already_set",
    message: "Contact exists",
    solution: expect.stringContaining("unique"),
    status,
    outcome: "refused",
    attempts: 1,
    retryable: false,
  });
  expect(sent).toHaveLength(1); // the code takes precedence over the status
});

test.each([299, 400, 409])("a Location with HTTP %i is not a redirect", async (status) => {
  const { client } = stubbed([json(REFUSED, status, { location: "/elsewhere" })]);
  expect(await failure(client.setContact(BODY))).toMatchObject({ kind: "api", code: 55014 });
});

test.each([300, 301, 399])("a Location with HTTP %i is a redirect, whatever the body says", async (status) => {
  const { client } = stubbed([json(REFUSED, status, { location: "/elsewhere" })]);
  expect(await failure(client.setContact(BODY))).toMatchObject({ kind: "response", status });
});

test("with HTTP 300 to 399 and no Location, the body decides", async () => {
  const { client } = stubbed([json(REFUSED, 300)]);
  expect(await failure(client.setContact(BODY))).toMatchObject({ kind: "api", code: 55014 });
});

test("a nested error is read", async () => {
  const { client } = stubbed([json('{"error":{"code":40050,"message":"Interface authentication failed"}}', 401)]);
  expect(await failure(client.setContact(BODY))).toMatchObject({ kind: "api", reason: "authentication_failed" });
});

test("an unknown code is kept", async () => {
  const { client } = stubbed([json('{"code":123456,"message":"new"}', 400)]);
  const error = await failure(client.setContact(BODY));
  expect(error).toMatchObject({ kind: "api", code: 123456, reason: "unknown", outcome: "refused" });
  expect(error).not.toHaveProperty("solution");
});

/** Each shape that is not an envelope, with a word of the message that describes it. */
const SHAPES: Array<[what: string, answer: () => Response, said: RegExp]> = [
  ["code 0 with HTTP 400", json('{"code":0,"message":"success"}', 400), /contradicts/],
  ["no body with HTTP 304", () => new Response(null, { status: 304 }), /empty/],
  ["HTML", json("<!DOCTYPE html><title>Login</title>", 200), /HTML/],
  ["HTML in capitals after white space", json("\n <HTML>", 404), /HTML/],
  ["a page that only begins like JSON", json('{"code":0', 200), /not JSON/],
  ["text that has HTML somewhere", json("no <html> here"), /not JSON/],
  ["an empty body", json(""), /empty/],
  ["white space", json(" \n"), /empty/],
  ["no body", json(null, 204), /empty/],
  ["no body with HTTP 205", json(null, 205), /empty/],
  ["bare success", json("success"), /not JSON/],
  ["success in quotes", json('"success"'), /another shape/],
  ["null", json("null"), /another shape/],
  ["a number", json("0"), /another shape/],
  ["a list", json("[]"), /another shape/],
  ["no message", json('{"code":0}'), /another shape/],
  ["no code", json('{"message":"success"}'), /another shape/],
  ["a code in quotes", json('{"code":"0","message":"success"}'), /another shape/],
  ["half a code", json('{"code":0.5,"message":"success"}'), /another shape/],
  ["a message that is no string", json('{"code":0,"message":1}'), /another shape/],
  ["a nested null", json('{"error":null}', 400), /another shape/],
  ["a nested error with code 0", json('{"error":{"code":0,"message":"success"}}'), /another shape/],
  ["a code beyond 2^53", json('{"code":9007199254740993,"message":"x"}'), /another shape/],
  ["a redirect", () => new Response(null, { status: 302, headers: { location: "https://evil.example" } }), /redirect/],
  ["an opaque redirect", () => Response.error(), /redirect/],
  ["a body larger than 1 MiB", json(`"${"x".repeat(MEBIBYTE)}"`), /1 MiB/],
];

test.each(SHAPES)("%s is a ResponseError that says so, and is not repeated", async (_, answer, said) => {
  const { client, sent } = stubbed([answer]);
  const error = await failure(client.setContact(BODY));
  expect(error).toMatchObject({ kind: "response", name: "ResponseError", outcome: "unknown", attempts: 1 });
  expect(error.message).toMatch(said);
  expect(sent).toHaveLength(1);
});

test.each(SHAPES)("%s through a verb: a truthy error and no data", async (_, answer) => {
  for (const middleware of [false, true]) {
    const { client } = stubbed([answer]);
    if (middleware) client.use({ onRequest: () => {} });
    const { data, error, response } = await client.POST("/v1/user/contact", { body: BODY });
    expect(data).toBeUndefined();
    expect(isEngageLabError(error, "response")).toBe(true);
    expect(response).toBeInstanceOf(Response);
  }
});

test("a verb: data for code 0, an ApiError for any other code, at any status", async () => {
  const { client } = stubbed([json('{"code":0,"message":"success"}'), json(REFUSED, 200), json(REFUSED, 409)]);
  const first = await client.POST("/v1/user/contact", { body: BODY });
  expect(first).toMatchObject({ data: { code: 0, message: "success" } });
  expect(first.error).toBeUndefined();
  for (const status of [200, 409]) {
    const { data, error } = await client.POST("/v1/user/contact", { body: BODY });
    expect(data).toBeUndefined();
    expect(error).toMatchObject({ kind: "api", code: 55014, status });
  }
});

test("a ResponseError shows the beginning of the body", async () => {
  const { client } = stubbed([
    () => new Response(`<html>${"x".repeat(999)}`, { headers: { "content-type": "text/html" } }),
  ]);
  expect(await failure(client.setContact(BODY))).toMatchObject({
    status: 200,
    contentType: "text/html",
    excerpt: `<html>${"x".repeat(250)}`,
  });
});

test("a ResponseError has an empty contentType if the header is missing", async () => {
  const { client } = stubbed([() => new Response(new Uint8Array([0xff]))]);
  expect(await failure(client.setContact(BODY))).toMatchObject({ contentType: "", excerpt: "\uFFFD" });
});

test("a body that is cut off is a ResponseError: the write may have been applied", async () => {
  const { client, emulator } = setUp();
  emulator.fail({ broken: "body", applied: true });
  const error = await failure(client.setContact(BODY));
  expect(error).toMatchObject({ kind: "response", outcome: "unknown", attempts: 1, excerpt: '{"code":0,"mess' });
  expect(error.message).toMatch(/cut off/);
  expect(error.cause).toBeInstanceOf(TypeError);
  expect(emulator.contacts.get("10362473")?.get("email")).toBe("12@gmail.com");
});

test("a body in many chunks, cut in the middle of a character, is read whole", async () => {
  const bytes = new TextEncoder().encode('{"code":0,"message":"成功 🎉"}');
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(new Uint8Array([byte]));
      controller.close();
    },
  });
  const { client } = stubbed([() => new Response(stream)]);
  expect(await client.setContact(BODY)).toMatchObject({ message: "成功 🎉" });
});

test("a body of exactly 1 MiB is read, and a larger one only up to that", async () => {
  const envelope = (length: number) => `{"code":0,"message":"${"x".repeat(length - 23)}"}`;
  expect(envelope(100)).toHaveLength(100);
  const { client } = stubbed([json(envelope(MEBIBYTE)), json(envelope(MEBIBYTE + 1))]);
  expect((await client.setContact(BODY)).message).toHaveLength(MEBIBYTE - 23);
  expect(await failure(client.setContact(BODY))).toMatchObject({ kind: "response" });
});

test("the rest of a body beyond 1 MiB is cancelled", async () => {
  let cancelled = false;
  let pulled = 0;
  const endless = new ReadableStream({
    pull(controller) {
      pulled++;
      controller.enqueue(new Uint8Array(64 * 1024).fill(120));
    },
    cancel() {
      cancelled = true;
      throw new Error("and nobody hears of it");
    },
  });
  const { client } = stubbed([() => new Response(endless)]);
  expect(await failure(client.setContact(BODY))).toMatchObject({ kind: "response", excerpt: "x".repeat(256) });
  expect(cancelled).toBe(true);
  expect(pulled).toBeLessThan(20);
});
