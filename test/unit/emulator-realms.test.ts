/** The emulator answers requests of any realm, and any request that a server may get. */
import { expect, test } from "vitest";
import { createEmulator, VENDOR_CREDENTIALS } from "../../src/emulator.ts";
import { BODY } from "./support.ts";

const { apiKey, apiSecret } = VENDOR_CREDENTIALS;
const authorization = `Basic ${btoa(`${apiKey}:${apiSecret}`)}`;
const url = "https://ma-api.engagelab.com/v1/user/contact";
const headers = { authorization, "content-type": "application/json" };
const body = JSON.stringify(BODY);

/** A Request of another realm: not an instance of this realm's class. */
const foreign = (more: object = {}) =>
  ({
    url,
    method: "POST",
    headers: new Map(Object.entries(headers)),
    text: async () => body,
    signal: null,
    ...more,
  }) as never;

test("it takes a Request of another realm, and Headers that keep the case of names", async () => {
  const emulator = createEmulator();
  const written = new Map([
    ["Authorization", authorization],
    ["Content-Type", "application/json"],
  ]);
  for (const request of [
    foreign(),
    foreign({ headers: written }),
    new Request(url, { method: "POST", headers, body }),
  ]) {
    expect(await (await emulator.fetch(request)).json()).toEqual({ code: 0, message: "success" });
  }
  expect(emulator.requests).toHaveLength(3);
  for (const { method, headers: seen, body: text } of emulator.requests) {
    expect({ method, authorization: seen.authorization, text }).toEqual({ method: "POST", authorization, text: body });
  }
});

test("an init may override a Request or a URL, with each kind of body", async () => {
  const emulator = createEmulator();
  await emulator.fetch(foreign(), {
    method: "put",
    headers: [
      ["x-a", "1"],
      ["X-A", "2"],
    ],
    body: "x",
  });
  await emulator.fetch(new URL(`${url}?a=b`), { method: "POST", body: new URLSearchParams({ a: "b" }) });
  await emulator.fetch(url, {
    method: "POST",
    body: new TextEncoder().encode("é"),
    headers: { "content-type": "x/y" },
  });
  await emulator.fetch(url, { method: "POST", body: new Uint8Array([97]) });
  await emulator.fetch(url);
  expect(emulator.requests).toEqual([
    { method: "PUT", url, headers: { "x-a": "1, 2", "content-type": "text/plain;charset=UTF-8" }, body: "x" },
    {
      method: "POST",
      url: `${url}?a=b`,
      headers: { "content-type": "application/x-www-form-urlencoded;charset=UTF-8" },
      body: "a=b",
    },
    { method: "POST", url, headers: { "content-type": "x/y" }, body: "é" },
    { method: "POST", url, headers: {}, body: "a" },
    { method: "GET", url, headers: {}, body: "" },
  ]);
});

test.each([
  ["TRACE", url],
  ["CONNECT", url],
  ["OPTIONS", "https://ma-api.engagelab.com/*"],
  ["GET", url],
])("%s %s with a body gets an envelope", async (method, target) => {
  const response = await createEmulator().fetch(target, { method, headers, body });
  expect(await response.json()).toMatchObject({ code: 99_000_404 });
});

test("a signal of another realm ends a delay, and an aborted one the request", async () => {
  const emulator = createEmulator();
  const target = Object.assign(new EventTarget(), { aborted: false, reason: "gone" });
  emulator.fail({ delay: 60_000 });
  const answer = emulator.fetch(url, { method: "POST", headers, body, signal: target as never });
  await Promise.resolve();
  while (emulator.requests.length === 0) await new Promise((resolve) => setTimeout(resolve));
  target.dispatchEvent(new Event("abort"));
  await expect(answer).rejects.toBe("gone");
  await expect(emulator.fetch(foreign({ signal: { aborted: true, reason: "early" } }))).rejects.toBe("early");
  expect(emulator.requests).toHaveLength(1);
});

test.each(["application/json-patch+json", "application/jsonl", "text/json", ""])(
  "content-type %s is refused",
  async (type) => {
    const response = await createEmulator().fetch(url, {
      method: "POST",
      headers: { ...headers, "content-type": type },
      body,
    });
    expect(response.status).toBe(415);
  },
);

test.each([
  ["/v1/用户", "/v1/%E7%94%A8%E6%88%B7"],
  ["/v1/用户", "/v1/%e7%94%a8%e6%88%b7"],
  ["/v1/a^b", "/v1/a%5Eb"],
  ["/v1/user/contact", "/v1/user/%63ontact"],
  ["/v1/a%2Fb", "/v1/a%2fb"],
  ["/v1/%ff", "/v1/%ff"],
])("a path matches however it is percent-encoded (%s, %s)", async (path, requested) => {
  const operations = { [`GET ${path}`]: { repeatable: true }, "GET /v1/user/{id}": { repeatable: true } };
  const successes = { [`GET ${path}`]: { code: 0, message: "concrete" } };
  const contract = { servers: ["/v9"], operations, errorCodes: {}, examples: { successes, failures: {} } };
  const emulator = createEmulator({ contract });
  for (const prefix of ["", "/v9"]) {
    const answer = await emulator.fetch(`https://ma-api.engagelab.com${prefix}${requested}`, { headers });
    expect(await answer.json()).toEqual({ code: 0, message: "concrete" });
  }
});

test("an abort ends a request whose body never ends", async () => {
  const emulator = createEmulator();
  const endless = () => ({ method: "POST", body: new ReadableStream(), duplex: "half" }) as RequestInit;
  const reason = new Error("left");
  await expect(emulator.fetch(url, { ...endless(), signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  const controller = new AbortController();
  const answer = emulator.fetch(url, { ...endless(), signal: controller.signal });
  controller.abort(reason);
  await expect(answer).rejects.toBe(reason);
  expect(emulator.requests).toEqual([]);
});

test("it reads a Blob and a FormData of another realm", async () => {
  const emulator = createEmulator();
  const blob = { type: "application/json", size: body.length, text: async () => body };
  expect(
    await (await emulator.fetch(url, { method: "POST", headers: { authorization }, body: blob as Blob })).json(),
  ).toEqual({
    code: 0,
    message: "success",
  });
  const form = { [Symbol.toStringTag]: "FormData", [Symbol.iterator]: () => [["name", "value"]].values() };
  await emulator.fetch(url, { method: "POST", body: form as unknown as FormData });
  expect(emulator.requests[1]).toMatchObject({ body: expect.stringContaining('name="name"') });
  expect(emulator.requests[1]?.headers["content-type"]).toMatch(/^multipart\/form-data/);
});

test("a header may have any name", async () => {
  const emulator = createEmulator();
  await emulator.fetch(url, { headers: { constructor: "1", __proto__: null } as unknown as HeadersInit });
  expect(emulator.requests[0]?.headers).toEqual({ constructor: "1" });
});

test.each([1.5, "x", 2n ** 63n, 2 ** 53])("a bad firstEuid is named (%s)", (firstEuid) => {
  expect(() => createEmulator({ firstEuid })).toThrow(/^firstEuid /);
});
