/** The rate of setContacts, and how it slows down if EngageLab throttles. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { isEngageLabError, type SetContactsResult, setContacts } from "../../src/index.ts";
import { setUp } from "./support.ts";
import { collect, updates } from "./updates.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** When each update was done, in ms. */
async function timed(results: AsyncIterable<SetContactsResult>) {
  const start = performance.now();
  const times: number[] = [];
  const done = (async () => {
    for await (const { ok } of results) if (ok) times.push(Math.round(performance.now() - start));
  })();
  await vi.runAllTimersAsync();
  await done;
  return times;
}

test("ratePerSecond spaces the calls", async () => {
  const { client } = setUp();
  expect(await timed(setContacts(client, updates(5), { rate: 4 }))).toEqual([0, 250, 500, 750, 1000]);
});

test("HTTP 429 with Retry-After delays all calls, and the update is retried", async () => {
  const { client, emulator } = setUp({ maxRetries: 0 });
  emulator.fail({});
  emulator.fail({ status: 429, headers: { "retry-after": "90" } });
  expect(await timed(setContacts(client, updates(4), { concurrency: 1 }))).toEqual([0, 90_000, 90_000, 90_000]);
  expect(emulator.requests).toHaveLength(5);
});

test("a Retry-After that the client handles delays the others, too", async () => {
  const { client, emulator } = setUp();
  emulator.fail({ status: 429, headers: { "retry-after": "5" } });
  const told: number[] = [];
  const onRetry = ({ delay }: { delay: number }) => void told.push(delay);
  const times = await timed(setContacts(client, updates(9), { concurrency: 2, onRetry }));
  expect(times.filter((time) => time < 5000)).toHaveLength(1); // it was already in flight
  expect(times).toHaveLength(9);
  expect(told).toEqual([5000]);
});

test.each([
  ["an hour and a second", "3601"],
  ["more than a number holds", "9".repeat(400)],
])("a Retry-After of %s fails the update, and nobody waits", async (_, seconds) => {
  const { client, emulator } = setUp({ maxRetries: 0 });
  emulator.fail({ status: 429, headers: { "retry-after": seconds } });
  const results = await collect(setContacts(client, updates(2), { concurrency: 1 }));
  expect(results).toMatchObject([{ ok: false, error: { retryAfter: Number(seconds) } }, { ok: true }]);
});

test("an async onRetry is awaited, and its error is thrown", async () => {
  const { client, emulator } = setUp();
  emulator.fail({ status: 503, headers: { "retry-after": "0" } });
  const thrown = new Error("of onRetry");
  const onRetry = async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    throw thrown;
  };
  const results = collect(setContacts(client, updates(1), { onRetry })).catch((error) => error);
  await vi.runAllTimersAsync();
  expect(await results).toBe(thrown);
  expect(emulator.requests).toHaveLength(1);
});

test("a configured code pauses for 1 s, doubling, and starts again after a success", async () => {
  const { client, emulator } = setUp();
  const busy = { status: 400, body: '{"code":23008,"message":"busy"}' };
  emulator.fail(busy, 3);
  emulator.fail({});
  emulator.fail(busy);
  const options = { concurrency: 1, throttleCodes: [23008] };
  expect(await timed(setContacts(client, updates(3), options))).toEqual([7000, 8000, 8000]);
});

test("a code that is not configured is a failure", async () => {
  const { client, emulator } = setUp();
  emulator.fail({ status: 400, body: '{"code":23008,"message":"busy"}' });
  const [result] = await collect(setContacts(client, updates(1)));
  expect(result).toMatchObject({ ok: false, error: { code: 23008 } });
});

test("a code with HTTP 429 throttles, whatever the code", async () => {
  const { client, emulator } = setUp({ maxRetries: 0 });
  emulator.fail({ status: 429, body: '{"code":5,"message":"busy"}' });
  expect(await timed(setContacts(client, updates(1)))).toEqual([1000]);
});

test("an update that is always throttled fails in the end, and pauses are limited", async () => {
  const { client, emulator } = setUp({ maxRetries: 0 });
  emulator.fail({ status: 429 }, 11);
  const start = performance.now();
  const results = collect(setContacts(client, updates(1)));
  await vi.runAllTimersAsync();
  expect((await results)[0]).toMatchObject({ ok: false, error: { status: 429, outcome: "refused" } });
  expect(performance.now() - start).toBe((1 + 2 + 4 + 8 + 16 + 32 + 60 * 4) * 1000);
  expect(emulator.requests).toHaveLength(11);
});

test("an abort ends a pause", async () => {
  const { client, emulator } = setUp({ maxRetries: 0 });
  emulator.fail({ status: 429, headers: { "retry-after": "3600" } });
  const controller = new AbortController();
  const results = collect(setContacts(client, updates(2), { concurrency: 1, signal: controller.signal }));
  await vi.advanceTimersByTimeAsync(1000);
  controller.abort();
  expect(await results).toMatchObject([{ ok: false, error: { kind: "aborted" } }]);
  expect(isEngageLabError(Object((await results)[0]).error)).toBe(true);
});
