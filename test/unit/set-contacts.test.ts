import { getEventListeners } from "node:events";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type Client,
  ConfigurationError,
  isEngageLabError,
  type SetContactBody,
  type SetContactsOptions,
  type SetContactsResult,
  setContacts,
} from "../../src/index.ts";
import { setUp } from "./support.ts";

const update = (euid: number, email = String(euid)) => ({ euid, contacts: { email } });
const updates = (count: number) => Array.from({ length: count }, (_, i) => update(i + 1));

async function collect<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of iterable) all.push(one);
  return all;
}

/** A client whose calls end when and how the test says. */
function manual() {
  const calls: Array<{ body: SetContactBody; end(error?: unknown): void }> = [];
  let running = 0;
  let most = 0;
  const client: Pick<Client, "setContact"> = {
    setContact: (body, options) =>
      new Promise((resolve, reject) => {
        most = Math.max(most, ++running);
        options?.signal?.addEventListener("abort", () => reject(options.signal?.reason));
        const end = (error?: unknown) => {
          running--;
          if (error) reject(error);
          else resolve({ code: 0, message: "success", status: 200 });
        };
        calls.push({ body, end });
      }),
  };
  return { client, calls, most: () => most };
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

test("all are set, and each is told", async () => {
  const { client, emulator } = setUp();
  const results = await collect(setContacts(client, updates(100)));
  expect(results).toHaveLength(100);
  for (const { update, ok } of results) {
    expect(ok).toBe(true);
    expect(emulator.contacts.get(String(update.euid))?.get("email")).toBe(String(update.euid));
  }
  expect(results[0]).toEqual({ update: update(1), ok: true, result: { code: 0, message: "success", status: 200 } });
});

test("an async iterable, an empty one, and updates that carry more than is sent", async () => {
  const { client, emulator } = setUp();
  class Row {
    readonly euid: number;
    readonly contacts = { email: "a" };
    readonly #line: number;
    constructor(line: number) {
      this.euid = line * 10;
      this.#line = line;
    }
    get line() {
      return this.#line;
    }
  }
  async function* source() {
    for (const line of [1, 2, 3]) yield new Row(line);
  }
  const lines: number[] = [];
  for await (const { update } of setContacts(client, source())) lines.push(update.line);
  expect(lines.sort()).toEqual([1, 2, 3]);
  expect(emulator.requests[0]?.body).toBe('{"euid":10,"contacts":{"email":"a"}}');
  expect(await collect(setContacts(client, []))).toEqual([]);
});

test("a failure is told, and the others go on", async () => {
  const { client, emulator } = setUp({ maxRetries: 0 }, { unique: ["email"] });
  const bad = [
    update(1, "same"),
    update(2, "same"),
    { euid: 0.5, contacts: {} },
    null as never,
    { euid: { toString: 1 } as never, contacts: {} },
    update(3),
  ];
  const results = await collect(setContacts(client, bad, { concurrency: 1 }));
  expect(results.map((result) => (result.ok ? "ok" : `${result.error.kind} ${result.error.outcome}`))).toEqual([
    "ok",
    "api refused",
    "validation not_sent",
    "validation not_sent",
    "validation not_sent",
    "ok",
  ]);
  expect(results.map((result) => result.update)).toEqual(bad);
  expect([...emulator.contacts.keys()]).toEqual(["1", "3"]);
});

test("never more than `concurrency` at once, nor taken from the source and not yet yielded", async () => {
  for (const concurrency of [undefined, 1, 3]) {
    const { client, calls, most } = manual();
    let taken = 0;
    function* source() {
      for (const one of updates(50)) {
        taken++;
        yield one;
      }
    }
    const iterator = setContacts(client, source(), { concurrency });
    const first = iterator.next();
    await settle();
    expect([calls.length, taken, most()]).toEqual(Array(3).fill(concurrency ?? 6));
    for (const { end } of calls.slice()) end();
    await settle();
    expect(taken).toBeLessThanOrEqual((concurrency ?? 6) + 1); // one has been yielded
    const rest = (async () => {
      let count = 1;
      for (let next = iterator.next(); ; next = iterator.next()) {
        await settle();
        for (const { end } of calls.splice(0)) end();
        if ((await next).done) return count;
        count++;
      }
    })();
    await first;
    expect(await rest).toBe(50);
    expect(most()).toBe(concurrency ?? 6);
  }
});

test("results come in the order of completion", async () => {
  const { client, calls } = manual();
  const results = collect(setContacts(client, updates(3)));
  await settle();
  for (const i of [1, 2, 0]) {
    calls[i]?.end();
    await settle();
  }
  expect((await results).map(({ update }) => update.euid)).toEqual([2, 3, 1]);
});

test("a result does not wait for a source that is slow", async () => {
  const { client } = setUp();
  let more: () => void = () => {};
  async function* source() {
    yield update(1);
    await new Promise<void>((resolve) => {
      more = resolve;
    });
    yield update(2);
  }
  const iterator = setContacts(client, source());
  expect((await iterator.next()).value).toMatchObject({ ok: true });
  more();
  expect((await iterator.next()).value).toMatchObject({ update: { euid: 2 } });
});

test("updates of one EUID are sent in their order, however it is written", async () => {
  const { client, calls } = manual();
  const same = [7, 7n, "7", 8, "7"].map((euid, i) => ({ euid, contacts: { email: String(i) } }));
  const results = collect(setContacts(client, same));
  const sent: unknown[] = [];
  for (let round = 0; round < 4; round++) {
    await settle();
    sent.push(calls.map(({ body }) => body.contacts.email));
    for (const { end } of calls.splice(0)) end();
  }
  await results;
  expect(sent).toEqual([["0", "3"], ["1"], ["2"], ["4"]]);
});

test("the last of several updates stands, whatever fails on the way", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ euid: fc.integer({ min: 1, max: 4 }), delay: fc.nat(2), fault: fc.nat(9) }), {
        maxLength: 60,
      }),
      fc.integer({ min: 1, max: 8 }),
      async (plan, concurrency) => {
        const { client, emulator } = setUp();
        for (const { delay, fault } of plan) {
          emulator.fail(fault === 0 ? { delay, status: 503, headers: { "retry-after": "0" } } : { delay });
        }
        const source = plan.map(({ euid }, i) => update(euid, String(i)));
        const results = await collect(setContacts(client, source, { concurrency, maxRetries: 99 }));
        expect(new Set(results.map(({ update }) => update))).toEqual(new Set(source));
        const last = new Map(source.map(({ euid, contacts }) => [String(euid), contacts.email]));
        for (const [euid, email] of last) expect(emulator.contacts.get(euid)?.get("email")).toBe(email);
      },
    ),
    { numRuns: 25 },
  );
});

test("break: nothing more is taken, what is in flight is aborted, the source is closed", async () => {
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

test("an abort: what was in flight is yielded as aborted, and the iteration ends", async () => {
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
  // The second update of EUID 1 was behind the first.
  expect(results.filter((result) => !result.ok && result.error.outcome === "not_sent")).toHaveLength(1);
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});

test("an abort does not wait for a source that gives nothing", async () => {
  const { client } = setUp();
  const silent: AsyncIterable<SetContactBody> = {
    [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}), return: () => new Promise(() => {}) }),
  };
  const signal = AbortSignal.timeout(20);
  expect(await collect(setContacts(client, silent, { signal }))).toEqual([]);
});

test("aborted before the first: nothing is taken", async () => {
  const { client, emulator } = setUp();
  expect(await collect(setContacts(client, updates(3), { signal: AbortSignal.abort() }))).toEqual([]);
  expect(emulator.requests).toEqual([]);
});

test("a read that ends after the abort is not sent", async () => {
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

test("an error of the source is thrown, after what was in flight", async () => {
  const { client } = setUp();
  const fault = new Error("the file is broken");
  async function* source() {
    yield* updates(3);
    throw fault;
  }
  const results: unknown[] = [];
  await expect(
    (async () => {
      for await (const result of setContacts(client, source())) results.push(result);
    })(),
  ).rejects.toBe(fault);
  expect(results).toHaveLength(3);
});

test("a fault of the program is thrown, not told a million times", async () => {
  const { client } = setUp();
  const fault = new Error("of a middleware");
  client.use({
    onRequest: () => {
      throw fault;
    },
  });
  await expect(collect(setContacts(client, updates(9)))).rejects.toBe(fault);
});

test.each<[string, object]>([
  ["concurrency", { concurrency: 0 }],
  ["concurrency", { concurrency: 1.5 }],
  ["concurrency", { concurrency: "6" }],
  ["rate", { rate: 0 }],
  ["rate", { rate: Number.NaN }],
  ["rate", { rate: "6" }],
  ["throttleCodes", { throttleCodes: 23008 }],
  ["throttleCodes", { throttleCodes: ["23008"] }],
  ["timeout", { timeout: -1 }],
  ["headers", { headers: 5 }],
  ["onRetry", { onRetry: 5 }],
  ["signal", { signal: 5 }],
])("a bad %s is named at once (%#)", (option, options) => {
  const { client } = setUp();
  expect(() => setContacts(client, [], options as SetContactsOptions)).toThrow(ConfigurationError);
  expect(() => setContacts(client, [], options as SetContactsOptions)).toThrow(new RegExp(`^${option} must be .{6,}`));
});

describe("pace", () => {
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

  test("a rate", async () => {
    const { client } = setUp();
    expect(await timed(setContacts(client, updates(5), { rate: 4 }))).toEqual([0, 250, 500, 750, 1000]);
  });

  test("HTTP 429 with Retry-After: all wait, and the update is tried again", async () => {
    const { client, emulator } = setUp({ maxRetries: 0 });
    emulator.fail({});
    emulator.fail({ status: 429, headers: { "retry-after": "90" } });
    expect(await timed(setContacts(client, updates(4), { concurrency: 1 }))).toEqual([0, 90_000, 90_000, 90_000]);
    expect(emulator.requests).toHaveLength(5);
  });

  test("a Retry-After that the client itself waits for slows the others too", async () => {
    const { client, emulator } = setUp();
    emulator.fail({ status: 429, headers: { "retry-after": "5" } });
    const told: number[] = [];
    const onRetry = ({ delay }: { delay: number }) => void told.push(delay);
    const times = await timed(setContacts(client, updates(9), { concurrency: 2, onRetry }));
    expect(times.filter((time) => time < 5000)).toHaveLength(1); // it was on its way already
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

  test("an onRetry that is async is waited for, and what it throws is thrown", async () => {
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

  test("a configured code: 1 s, doubling, and from the start again after a success", async () => {
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

  test("an update that is throttled again and again fails in the end; the pauses are bounded", async () => {
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
});

test("a source that fails after everybody has left fails nobody", async () => {
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
