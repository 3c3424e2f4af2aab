import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { AnyEngageLabError } from "../../src/index.ts";
import { isRepeatable, isRetryable, nextDelay, parseRetryAfter } from "../../src/retry.ts";
import { BODY, failure, setUp, stubbed } from "./support.ts";

const ok = () => new Response('{"code":0,"message":"success"}');
const status =
  (status: number, headers: Record<string, string> = {}) =>
  () =>
    new Response("", { status, headers });
const again = { "retry-after": "0" };
const EVENT = { euid: 1, event_name: "paid", itime: 1, properties: {} };

describe("the policy", () => {
  test.each([408, 429, 500, 502, 503, 504])("HTTP %i is repeated", (status) => {
    expect(isRetryable(true, status)).toBe(true);
  });
  test.each([0, 200, 204, 302, 400, 401, 403, 404, 409, 413, 501, 505])("HTTP %i is not repeated", (status) => {
    expect(isRetryable(true, status)).toBe(false);
  });
  test("a missing answer is repeated", () => expect(isRetryable(true)).toBe(true));
  test("a code of the contract takes precedence over the status", () => {
    expect(isRetryable(true, 503, false)).toBe(false);
    expect(isRetryable(true, 400, true)).toBe(true);
  });
  test("an operation that is not repeatable is repeated after 429 only", () => {
    expect(isRetryable(false)).toBe(false);
    expect(isRetryable(false, 503)).toBe(false);
    expect(isRetryable(false, 429)).toBe(true);
    expect(isRetryable(false, 429, false)).toBe(false);
  });
  test("an operation is repeatable always, never, or depending on the body", () => {
    expect(isRepeatable({ repeatable: true }, "{}")).toBe(true);
    expect(isRepeatable({ repeatable: false }, "{}")).toBe(false);
    expect(isRepeatable(undefined, "{}")).toBe(false);
    const byType = { repeatable: { type: ["set", "delete"] } };
    expect(isRepeatable(byType, '{"type":"set"}')).toBe(true);
    expect(isRepeatable(byType, '{"type":"add"}')).toBe(false);
    expect(isRepeatable(byType, new TextEncoder().encode('{"type":"set"}').buffer)).toBe(true);
    for (const body of ["{}", '{"type":["set"]}', "null", null, '"set"', "\x1f\x8b"])
      expect(isRepeatable(byType, body)).toBe(false);
    expect(isRepeatable({ repeatable: { type: ["set"], mode: ["x"] } }, '{"type":"set","mode":"y"}')).toBe(false);
  });
  test.each<[string | null | undefined, number | undefined]>([
    [null, undefined],
    ["0", 0],
    ["120", 120],
    ["-1", undefined],
    ["1.5", undefined],
    ["soon", undefined],
    ["", undefined],
    ["Thu, 01 Jan 1970 00:00:12 GMT", 2],
    ["Thu, 01 Jan 1970 00:00:05 GMT", 0],
    ["Thu, 01 Jan 1970 00:00:11", undefined],
    ["Thursday, 01-Jan-70 00:00:12 GMT", 2],
    ["Thu Jan  1 00:00:12 1970", 2],
    ["nonsense GMT", undefined],
    ["5 GMT", undefined],
    ["Mon 5", undefined],
    ["Thu", undefined],
    [undefined, undefined],
  ])("Retry-After, seen at ten seconds and a half (%#)", (header, seconds) => {
    expect(parseRetryAfter(header, 10_500)).toBe(seconds);
  });
  test("the backoff doubles from 0.5 s to 8 s, with full jitter", () => {
    const failure = { retryable: true };
    const longest = (attempt: number) => nextDelay(failure, attempt, 99, Number.POSITIVE_INFINITY, 1);
    expect([1, 2, 3, 4, 5, 6, 50].map(longest)).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000]);
    expect(nextDelay(failure, 3, 99, Number.POSITIVE_INFINITY, 0.25)).toBe(500);
    expect(nextDelay(failure, 3, 99, Number.POSITIVE_INFINITY, 0)).toBe(0);
  });
  test("no wait: not retryable, attempts used up, too little time left, longer than a timer knows", () => {
    expect(nextDelay({ retryable: false }, 1, 2, 10_000, 0)).toBeUndefined();
    expect(nextDelay({ retryable: true }, 2, 2, 10_000, 0)).toBe(0);
    expect(nextDelay({ retryable: true }, 3, 2, 10_000, 0)).toBeUndefined();
    expect(nextDelay({ retryable: true, retryAfter: 9 }, 1, 2, 9001, 0)).toBe(9000);
    expect(nextDelay({ retryable: true, retryAfter: 9 }, 1, 2, 9000, 0)).toBeUndefined();
    expect(nextDelay({ retryable: true, retryAfter: 3e6 }, 1, 2, Number.POSITIVE_INFINITY, 0)).toBeUndefined();
  });
});

describe("a call", () => {
  test("each attempt sends the same body, and the last one gives the result", async () => {
    const { client, emulator } = setUp();
    emulator.fail({ status: 503, headers: again });
    emulator.fail({ status: 429, headers: again });
    await client.setContact(BODY);
    expect(emulator.requests).toHaveLength(3);
    expect(new Set(emulator.requests.map(({ body }) => body)).size).toBe(1);
  });

  test("attempts end with maxRetries, and the last error is thrown", async () => {
    const { client, sent } = stubbed([status(502, again), status(503, again), status(504, again), ok]);
    expect(await failure(client.setContact(BODY))).toMatchObject({ kind: "response", status: 504, attempts: 3 });
    expect(sent).toHaveLength(3);
  });

  test("maxRetries 0: one attempt", async () => {
    const { client, sent } = stubbed([status(503, again), ok], { maxRetries: 0 });
    expect(await failure(client.setContact(BODY))).toMatchObject({ attempts: 1, retryable: true, retryAfter: 0 });
    expect(sent).toHaveLength(1);
  });

  test("the status decides for an unknown code, not for a known one", async () => {
    const unknown = () => new Response('{"code":23008,"message":"busy"}', { status: 503, headers: again });
    const known = () => new Response('{"code":50034,"message":"Project"}', { status: 503, headers: again });
    const { client, sent } = stubbed([unknown, known, ok]);
    expect(await failure(client.setContact(BODY))).toMatchObject({ code: 50034, attempts: 2, retryable: false });
    expect(sent).toHaveLength(2);
  });

  test("a Retry-After beyond the rest of totalTimeout is thrown at once, with retryAfter", async () => {
    const { client, sent } = stubbed([status(429, { "retry-after": "31" }), ok]);
    expect(await failure(client.setContact(BODY))).toMatchObject({ attempts: 1, retryable: true, retryAfter: 31 });
    expect(sent).toHaveLength(1);
  });

  test("a verb resolves with the last answer, including its error", async () => {
    const { client } = stubbed([status(503, again)]);
    const { error, response } = await client.POST("/v1/user/contact", { body: BODY });
    expect(error).toMatchObject({ kind: "response", attempts: 3 });
    expect(response.status).toBe(503);
  });

  test("an operation that is not repeatable is sent once, and again after 429", async () => {
    const report = async (fault: () => Response) => {
      const { client, sent } = stubbed([fault, ok]);
      const { data, error } = await client.POST("/v1/event/report", { body: { data: [EVENT] } });
      return { attempts: sent.length, data, error };
    };
    expect(await report(status(503, again))).toMatchObject({ attempts: 1, error: { retryable: false } });
    expect(await report(status(429, again))).toMatchObject({ attempts: 2, data: { code: 0 } });
  });

  test("a property change is repeated if it sets, not if it adds", async () => {
    for (const [type, attempts] of [
      ["set", 2],
      ["increase", 1],
    ] as const) {
      const { client, sent } = stubbed([status(503, again), ok]);
      await client.POST("/v1/user/property", { body: { euid: 1, type, properties: { age: 1 } } });
      expect(sent).toHaveLength(attempts);
    }
  });

  test("the sent body decides, not a later value of a getter", async () => {
    const { client, sent } = stubbed([status(503, again), ok]);
    let asked = 0;
    const body = {
      euid: 1,
      get type() {
        return asked++ === 0 ? ("increase" as const) : ("set" as const);
      },
      properties: { age: 1 },
    };
    await client.POST("/v1/user/property", { body });
    expect(sent).toHaveLength(1);
  });

  test("a path that is not in the contract is not repeated", async () => {
    const { client, sent } = stubbed([status(503, again), ok]);
    await client.POST("/v1/other" as "/v1/user/contact", { body: BODY });
    expect(sent).toHaveLength(1);
  });
});

describe("waits", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(Math, "random").mockReturnValue(0.5);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  test("onRetry is called before each wait with attempt, delay and error", async () => {
    const told: Array<{ attempt: number; delay: number; error: AnyEngageLabError }> = [];
    const { client, emulator } = setUp({ onRetry: (retry) => told.push(retry) });
    emulator.fail({ broken: "connection" });
    emulator.fail({ status: 503, headers: { "retry-after": "3" } });
    const start = performance.now();
    const call = client.setContact(BODY);
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toMatchObject([{ attempt: 1, delay: 250, error: { kind: "network", attempts: 1 } }]);
    await vi.runAllTimersAsync();
    await call;
    expect(told).toMatchObject([
      { attempt: 1, delay: 250 },
      { attempt: 2, delay: 3000, error: { kind: "response", status: 503, retryAfter: 3, attempts: 2 } },
    ]);
    expect(performance.now() - start).toBe(3250);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("an onRetry that throws ends the call with its error", async () => {
    const fault = new Error("from onRetry");
    const { client, emulator } = setUp({
      onRetry: () => {
        throw fault;
      },
    });
    emulator.fail({ status: 503 });
    await expect(client.setContact(BODY)).rejects.toBe(fault);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("an asynchronous onRetry is awaited, and its rejection ends the call", async () => {
    const fault = new Error("from onRetry");
    const { client, emulator } = setUp({ onRetry: () => Promise.reject(fault) });
    emulator.fail({ status: 503 });
    await expect(client.setContact(BODY)).rejects.toBe(fault);
    emulator.fail({ status: 503 });
    const error = failure(client.setContact(BODY, { onRetry: () => new Promise(() => {}), totalTimeout: 1000 }));
    await vi.runAllTimersAsync();
    expect(await error).toMatchObject({ kind: "timeout", timeout: 1000, attempts: 1, outcome: "unknown" });
    expect(vi.getTimerCount()).toBe(0);
  });

  test("Retry-After as a date is honoured", async () => {
    vi.setSystemTime("2026-11-23T00:00:00Z");
    const { client, emulator } = setUp();
    emulator.fail({ status: 503, headers: { "retry-after": "Mon, 23 Nov 2026 00:00:07 GMT" } });
    const start = performance.now();
    const call = client.setContact(BODY);
    await vi.runAllTimersAsync();
    await call;
    expect(performance.now() - start).toBe(7000);
  });

  test("totalTimeout limits attempts and waits together", async () => {
    const { client, emulator } = setUp({ timeout: 4000, totalTimeout: 9000, maxRetries: 10 });
    emulator.fail({ delay: 60_000 }, 10);
    const start = performance.now();
    const error = failure(client.setContact(BODY));
    await vi.runAllTimersAsync();
    // 4000, wait 250, 4000, wait 500, 250 of the third attempt
    expect(await error).toMatchObject({ kind: "timeout", timeout: 9000, attempts: 3, outcome: "unknown" });
    expect(performance.now() - start).toBe(9000);
    expect(vi.getTimerCount()).toBe(0);
  });
});
