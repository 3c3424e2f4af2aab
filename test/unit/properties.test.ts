import fc from "fast-check";
import { expect, test } from "vitest";
import { createClient, isEngageLabError } from "../../src/index.ts";
import { nextDelay, parseRetryAfter } from "../../src/retry.ts";
import { BODY, setUp, stubbed } from "./support.ts";

const ok = () => new Response('{"code":0,"message":"success"}');
const anyString = fc.string({ unit: "binary" });
/** Lone surrogates too, which no well-formed string has. */
const anyUtf16 = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units));

test("any credentials in Unicode decode back from the header, or are refused", async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(anyString, anyUtf16), fc.oneof(anyString, anyUtf16), async (apiKey, apiSecret) => {
      let header = "";
      const fetch = async (_url: string, init: RequestInit) => {
        header = new Headers(init.headers).get("authorization") ?? "";
        return ok();
      };
      try {
        await createClient({ apiKey, apiSecret, fetch }).setContact(BODY);
      } catch (error) {
        expect(isEngageLabError(error, "configuration")).toBe(true);
        const refused = /^$|[\p{Cc}\p{Cs}]/u;
        expect(refused.test(apiKey) || refused.test(apiSecret) || apiKey.includes(":")).toBe(true);
        return;
      }
      const bytes = Uint8Array.from(atob(header.replace("Basic ", "")), (char) => char.charCodeAt(0));
      expect(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)).toBe(`${apiKey}:${apiSecret}`);
    }),
  );
});

test("any string map arrives unchanged", async () => {
  const { client, emulator } = setUp();
  const contacts = fc.dictionary(anyString, anyUtf16, { minKeys: 1, noNullPrototype: false });
  await fc.assert(
    fc.asyncProperty(contacts, async (contacts) => {
      emulator.reset();
      await client.setContact({ euid: 7, contacts });
      const body: unknown = JSON.parse(emulator.requests[0]?.body ?? "");
      // UTF-8 has no lone surrogates, so JSON writes them as escapes, and they survive as well.
      expect(body).toEqual({ euid: 7, contacts: { ...contacts } });
      expect(Object.keys(Object(body).contacts)).toEqual(Object.keys(contacts));
    }),
  );
});

test("any bytes with any status end in a result or an error of the package", async () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json().map((text) => new TextEncoder().encode(text)),
    fc
      .record({
        code: fc.oneof(fc.integer(), fc.double(), fc.string()),
        message: fc.oneof(fc.string(), fc.constant(null)),
      })
      .map((envelope) => new TextEncoder().encode(JSON.stringify(envelope))),
  );
  const status = fc.constantFrom(200, 202, 203, 302, 400, 404, 429, 500, 503, 599);
  const chunks = fc.integer({ min: 1, max: 50 });
  await fc.assert(
    fc.asyncProperty(bytes, status, chunks, fc.boolean(), async (bytes, status, size, middleware) => {
      const stream = new ReadableStream({
        start(controller) {
          for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
          controller.close();
        },
      });
      const { client } = stubbed([() => new Response(stream, { status })], { maxRetries: 0 });
      if (middleware) client.use({ onResponse: () => {} });
      const { data, error } = await client.POST("/v1/user/contact", { body: BODY });
      expect(data === undefined).toBe(error !== undefined);
      if (data) expect(data).toMatchObject({ code: 0, message: expect.any(String) });
      else expect(isEngageLabError(error)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("any body is sent as the contract requires, or refused before anything is sent", async () => {
  const { client, emulator } = setUp();
  await fc.assert(
    fc.asyncProperty(fc.anything({ withBigInt: true, withDate: true, withMap: true }), async (value) => {
      emulator.reset();
      for (const body of [value, { euid: 1, contacts: value }, { euid: value, contacts: { email: "a" } }]) {
        const result = await client.setContact(body as typeof BODY).catch((error: unknown) => error);
        if (isEngageLabError(result)) expect(result).toMatchObject({ kind: "validation", outcome: "not_sent" });
        else expect(result).toMatchObject({ code: 0 });
      }
    }),
    { numRuns: 300 },
  );
});

test("the backoff stays within its limits", () => {
  const failure = fc.record({ retryable: fc.boolean(), retryAfter: fc.option(fc.nat(), { nil: undefined }) });
  const remaining = fc.oneof(fc.double({ noNaN: true }), fc.constant(Number.POSITIVE_INFINITY));
  fc.assert(
    fc.property(
      failure,
      fc.integer({ min: 1, max: 2000 }),
      fc.nat(2000),
      remaining,
      fc.double({ min: 0, max: 1, noNaN: true }),
      (failure, attempt, maxRetries, remaining, random) => {
        const delay = nextDelay(failure, attempt, maxRetries, remaining, random);
        if (delay === undefined) return;
        expect(failure.retryable && attempt <= maxRetries).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThan(Math.min(remaining, 2 ** 31 - 1));
        if (failure.retryAfter === undefined) expect(delay).toBeLessThanOrEqual(8000);
        else expect(delay).toBe(failure.retryAfter * 1000);
      },
    ),
  );
});

test("any Retry-After is a number of seconds or nothing", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
      ),
      fc.nat(),
      (header, now) => {
        const seconds = parseRetryAfter(header, now);
        if (seconds !== undefined) expect(seconds).toBeGreaterThanOrEqual(0);
      },
    ),
  );
});
