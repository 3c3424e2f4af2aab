import { getEventListeners } from "node:events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BODY, failure, setUp, stubbed } from "./support.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0); // no test leaves a timer behind
  vi.useRealTimers();
});

const ok = () => new Response('{"code":0,"message":"success"}');

/** Headers, the first part of a body, and then nothing. */
function silent(onCancel: () => void = () => {}): Response {
  return new Response(
    new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"code":0,'));
      },
      cancel: onCancel,
    }),
  );
}

test("timeout includes reading the body, and cancels it", async () => {
  let cancelled = 0;
  const { client } = stubbed([() => silent(() => cancelled++)], { timeout: 1000, maxRetries: 0 });
  const start = performance.now();
  const error = failure(client.setContact(BODY));
  await vi.runAllTimersAsync();
  expect(await error).toMatchObject({ kind: "timeout", timeout: 1000, outcome: "unknown", attempts: 1 });
  expect(performance.now() - start).toBe(1000);
  expect(cancelled).toBe(1);
});

test("timeout includes headers(): then nothing was sent", async () => {
  const { client, sent } = stubbed([ok], { headers: () => new Promise(() => {}), timeout: 1000, maxRetries: 0 });
  const error = failure(client.setContact(BODY));
  await vi.runAllTimersAsync();
  expect(await error).toMatchObject({ kind: "timeout", outcome: "not_sent", attempts: 1, retryable: true });
  expect(sent).toHaveLength(0);
});

test("headers() that settles late sends nothing", async () => {
  let give: (headers: Record<string, string>) => void = () => {};
  const headers = () =>
    new Promise<Record<string, string>>((resolve) => {
      give = resolve;
    });
  const { client, sent } = stubbed([ok], { headers, timeout: 1000, maxRetries: 0 });
  const error = failure(client.setContact(BODY));
  await vi.advanceTimersByTimeAsync(1000);
  await error;
  give({});
  await vi.runAllTimersAsync();
  expect(sent).toHaveLength(0);
});

test("each attempt has a fresh time limit", async () => {
  const { client, emulator } = setUp({ timeout: 1000 });
  emulator.fail({ delay: 900, status: 503, headers: { "retry-after": "0" } }, 2);
  const call = client.setContact(BODY);
  await vi.runAllTimersAsync();
  expect(await call).toMatchObject({ code: 0 });
  expect(emulator.requests).toHaveLength(3);
});

test("an attempt that took too long is repeated", async () => {
  const { client, emulator } = setUp({ timeout: 1000 });
  emulator.fail({ delay: 5000 });
  const call = client.setContact(BODY);
  await vi.runAllTimersAsync();
  expect(await call).toMatchObject({ code: 0 });
});

test.each([
  [{ timeout: 500, totalTimeout: 1000 }, 500],
  [{ timeout: 1000, totalTimeout: 500 }, 500],
  [{ timeout: false, totalTimeout: 500 }, 500],
  [{ timeout: 500, totalTimeout: false }, 500],
] as const)("the lower limit ends the call (%#)", async (limits, expected) => {
  const { client } = stubbed([silent], { ...limits, maxRetries: 0 });
  const start = performance.now();
  const error = failure(client.setContact(BODY));
  await vi.runAllTimersAsync();
  expect(await error).toMatchObject({ kind: "timeout", timeout: expected });
  expect(performance.now() - start).toBe(expected);
});

test("without limits only the signal ends a call", async () => {
  const { client } = stubbed([silent], { timeout: false, totalTimeout: false });
  const controller = new AbortController();
  const error = failure(client.setContact(BODY, { signal: controller.signal }));
  await vi.advanceTimersByTimeAsync(2 ** 31);
  expect(vi.getTimerCount()).toBe(0);
  controller.abort("enough");
  expect(await error).toMatchObject({ kind: "aborted", cause: "enough", outcome: "unknown" });
});

test("a signal still aborts other calls after one has timed out", async () => {
  const { client, emulator } = setUp({ timeout: 50, maxRetries: 0 });
  emulator.fail({ delay: 100_000 }, 2);
  const controller = new AbortController();
  const { signal } = controller;
  const short = failure(client.setContact(BODY, { signal }));
  const long = failure(client.setContact(BODY, { signal, timeout: false, totalTimeout: false }));
  await vi.advanceTimersByTimeAsync(60);
  expect(await short).toMatchObject({ kind: "timeout" });
  expect(getEventListeners(signal, "abort")).toHaveLength(1);
  controller.abort();
  expect(await long).toMatchObject({ kind: "aborted" });
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});

test("totalTimeout limits middleware, too", async () => {
  const { client, sent } = stubbed([ok], { totalTimeout: 1000 });
  client.use({ onRequest: () => new Promise(() => {}) });
  const error = failure(client.setContact(BODY));
  await vi.runAllTimersAsync();
  expect(await error).toMatchObject({ kind: "timeout", timeout: 1000, outcome: "not_sent", attempts: 0 });
  expect(sent).toHaveLength(0);
});

test("an answer after the limit is cancelled, even if fetch ignores signals", async () => {
  let cancelled = 0;
  const fetch = () =>
    new Promise<Response>((resolve) => {
      setTimeout(() => resolve(silent(() => cancelled++)), 2000);
    });
  const { client } = stubbed([], { fetch, timeout: 1000, maxRetries: 0 });
  const error = failure(client.setContact(BODY));
  await vi.advanceTimersByTimeAsync(1000);
  expect(await error).toMatchObject({ kind: "timeout" });
  await vi.runAllTimersAsync();
  expect(cancelled).toBe(1);
});

test("an answer without a body after the limit is ignored", async () => {
  const fetch = () =>
    new Promise<Response>((resolve) => {
      setTimeout(() => resolve(new Response(null)), 2000);
    });
  const { client } = stubbed([], { fetch, timeout: 1000, maxRetries: 0 });
  const error = failure(client.setContact(BODY));
  await vi.runAllTimersAsync();
  expect(await error).toMatchObject({ kind: "timeout" });
});

test("a failure after the limit is ignored", async () => {
  const fetch = () =>
    new Promise<Response>((_, reject) => {
      setTimeout(() => reject(new Error("late")), 2000);
    });
  const { client } = stubbed([], { fetch, timeout: 1000, maxRetries: 0 });
  const error = failure(client.setContact(BODY));
  await vi.runAllTimersAsync();
  expect(await error).toMatchObject({ kind: "timeout", outcome: "unknown" });
});

/** When the caller's signal may be aborted, and the outcome then. */
test.each([
  ["before anything", 0, {}, { outcome: "not_sent", attempts: 0 }],
  [
    "while headers() is awaited",
    10,
    { headers: () => new Promise<never>(() => {}) },
    { outcome: "not_sent", attempts: 1 },
  ],
  ["while fetch is awaited", 10, { fetch: () => new Promise<never>(() => {}) }, { outcome: "unknown", attempts: 1 }],
  ["while the body is read", 10, { fetch: async () => silent() }, { outcome: "unknown", attempts: 1 }],
  [
    "during a backoff",
    10,
    { fetch: async () => new Response(null, { status: 429, headers: { "retry-after": "9" } }) },
    { outcome: "refused", attempts: 1 },
  ],
  [
    "during a backoff, in doubt",
    10,
    { fetch: async () => new Response(null, { status: 503, headers: { "retry-after": "9" } }) },
    { outcome: "unknown", attempts: 1 },
  ],
] as const)("the caller's signal %s", async (_, after, options, expected) => {
  const reason = { why: "left" };
  const controller = new AbortController();
  if (after === 0) controller.abort(reason);
  const { client } = stubbed([ok], options);
  const error = failure(client.setContact(BODY, { signal: controller.signal }));
  await vi.advanceTimersByTimeAsync(after);
  controller.abort(reason);
  expect(await error).toMatchObject({ kind: "aborted", retryable: false, cause: reason, ...expected });
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
});

test("the caller's signal aborts a call during middleware", async () => {
  const controller = new AbortController();
  const { client } = stubbed([ok]);
  client.use({ onResponse: () => new Promise(() => {}) });
  const error = failure(client.setContact(BODY, { signal: controller.signal }));
  await vi.advanceTimersByTimeAsync(10);
  controller.abort();
  expect(await error).toMatchObject({ kind: "aborted", outcome: "unknown", attempts: 1 });
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
});

test("an abort in onRetry skips the wait", async () => {
  const controller = new AbortController();
  const { client, emulator } = setUp({ onRetry: () => controller.abort("from onRetry") });
  emulator.fail({ status: 503, headers: { "retry-after": "9" } });
  const error = failure(client.setContact(BODY, { signal: controller.signal }));
  await vi.advanceTimersByTimeAsync(0);
  expect(await error).toMatchObject({ kind: "aborted", cause: "from onRetry", attempts: 1 });
});

test("no listener stays on the caller's signal, after success, failure and retries, with and without middleware", async () => {
  const { signal } = new AbortController();
  const { client, emulator } = setUp();
  for (const middleware of [[], [{ onRequest: () => {} }]]) {
    client.use(...middleware);
    emulator.fail({ status: 503 }, 2);
    emulator.fail({ status: 400 });
    const calls = Promise.allSettled([1, 2, 3].map(() => client.setContact(BODY, { signal })));
    await vi.runAllTimersAsync();
    await calls;
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  }
});

test("time spent in onRetry counts, even if it blocks timers", async () => {
  const { client, emulator } = setUp();
  const begun = performance.now();
  for (const onRetry of [
    () => vi.advanceTimersByTime(40_000),
    () => vi.spyOn(performance, "now").mockReturnValue(begun + 80_000),
  ]) {
    emulator.reset();
    emulator.fail({ status: 503, headers: { "retry-after": "0" } });
    const error = failure(client.setContact(BODY, { onRetry }));
    await vi.runAllTimersAsync();
    expect(await error).toMatchObject({ kind: "timeout", timeout: 30_000, attempts: 1, outcome: "unknown" });
    expect(emulator.requests).toHaveLength(1);
  }
  vi.restoreAllMocks();
});

test("a signal that can't be watched leaves no timer behind", async () => {
  const { client } = setUp();
  const addEventListener = () => {
    throw new Error("no listeners");
  };
  const signal = { aborted: false, addEventListener, removeEventListener() {} } as unknown as AbortSignal;
  await expect(client.setContact(BODY, { signal })).rejects.toThrow("no listeners");
});
