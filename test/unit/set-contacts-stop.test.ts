/** What ends setContacts early: a break, an abort, an error of the source or of the program. */
import { getEventListeners } from "node:events";
import { expect, test, vi } from "vitest";
import { type SetContactBody, setContacts } from "../../src/index.ts";
import { setUp } from "./support.ts";
import { collect, manual, settle, update, updates } from "./updates.ts";

test("break takes no further updates, aborts calls in flight and closes the source", async () => {
  const { client, calls } = manual();
  let closed = false;
  function* source() {
    try {
      yield* updates(100);
    } finally {
      closed = true;
    }
  }
  const ended = (async () => {
    for await (const _ of setContacts(client, source())) break;
  })();
  await settle();
  calls[0]?.end();
  await ended;
  await settle();
  expect(closed).toBe(true);
  expect(calls.length).toBeLessThanOrEqual(7);
});

test("an abort yields the calls in flight as aborted and ends the iteration", async () => {
  const { client, emulator } = setUp();
  emulator.fail({ delay: 60_000, status: 503 }, 6);
  const controller = new AbortController();
  const { signal } = controller;
  setTimeout(() => controller.abort("enough"), 20);
  const results = await collect(setContacts(client, [update(1), ...updates(100)], { signal }));
  expect(results).toHaveLength(6);
  for (const result of results) {
    expect(result).toMatchObject({ ok: false, error: { kind: "aborted", cause: "enough" } });
  }
  // The second update of EUID 1 was waiting for the first.
  expect(results.filter((result) => !result.ok && result.error.outcome === "not_sent")).toHaveLength(1);
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});

test("an abort does not wait for a silent source", async () => {
  const { client } = setUp();
  const silent: AsyncIterable<SetContactBody> = {
    [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}), return: () => new Promise(() => {}) }),
  };
  const signal = AbortSignal.timeout(20);
  expect(await collect(setContacts(client, silent, { signal }))).toEqual([]);
});

test("a signal that is already aborted takes no updates", async () => {
  const { client, emulator } = setUp();
  expect(await collect(setContacts(client, updates(3), { signal: AbortSignal.abort() }))).toEqual([]);
  expect(emulator.requests).toEqual([]);
});

test("an update read after the abort is not sent", async () => {
  const { client, emulator } = setUp();
  const controller = new AbortController();
  async function* source() {
    await settle();
    yield update(1);
  }
  const results = collect(setContacts(client, source(), { signal: controller.signal }));
  controller.abort();
  expect(await results).toEqual([]);
  await settle();
  await settle();
  expect(emulator.requests).toEqual([]);
});

const fault = new Error("the file is broken");

async function* asyncSource() {
  yield* updates(3);
  throw fault;
}

function* syncSource() {
  yield* updates(3);
  throw fault;
}

test.each([
  ["an asynchronous", asyncSource],
  ["a synchronous", syncSource],
])("an error of %s source is thrown after the results in flight", async (_, source) => {
  const { client } = setUp();
  const results: unknown[] = [];
  await expect(
    (async () => {
      for await (const result of setContacts(client, source())) results.push(result);
    })(),
  ).rejects.toBe(fault);
  expect(results).toHaveLength(3);
});

test("an error of middleware is thrown, not yielded once per update", async () => {
  const { client } = setUp();
  const fault = new Error("of a middleware");
  client.use({
    onRequest: () => {
      throw fault;
    },
  });
  await expect(collect(setContacts(client, updates(9)))).rejects.toBe(fault);
});

test("an error of the source after the end of the loop is ignored", async () => {
  const unhandled = vi.fn();
  process.on("unhandledRejection", unhandled);
  const { client } = setUp();
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  async function* source(): AsyncGenerator<SetContactBody> {
    try {
      yield* updates(1);
      await gate;
      yield* updates(1);
    } finally {
      // biome-ignore lint/correctness/noUnsafeFinally: what is tested
      throw new Error("of the source");
    }
  }
  for await (const _ of setContacts(client, source())) break;
  release();
  await new Promise((resolve) => setTimeout(resolve, 10));
  process.off("unhandledRejection", unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});

test("a source is closed once if the loop is left early, and not if it has ended", async () => {
  const { client } = setUp();
  let closed = 0;
  const source = (count: number) => {
    let i = 0;
    const next = () => (i++ < count ? { done: false, value: update(i) } : { done: true, value: undefined });
    const close = () => {
      closed++;
      return { done: true, value: undefined };
    };
    return { [Symbol.iterator]: () => ({ next, return: close }) } as Iterable<ReturnType<typeof update>>;
  };
  expect(await collect(setContacts(client, source(2)))).toHaveLength(2);
  expect(closed).toBe(0);
  for await (const _ of setContacts(client, source(20))) break;
  expect(closed).toBe(1);
});
