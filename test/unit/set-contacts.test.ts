import fc from "fast-check";
import { expect, test } from "vitest";
import { ConfigurationError, type SetContactsOptions, setContacts } from "../../src/index.ts";
import { setUp } from "./support.ts";
import { collect, manual, settle, update, updates } from "./updates.ts";

test("all contacts are set, with one result per update", async () => {
  const { client, emulator } = setUp();
  const results = await collect(setContacts(client, updates(100)));
  expect(results).toHaveLength(100);
  for (const { update, ok } of results) {
    expect(ok).toBe(true);
    expect(emulator.contacts.get(String(update.euid))?.get("email")).toBe(String(update.euid));
  }
  expect(results[0]).toEqual({ update: update(1), ok: true, result: { code: 0, message: "success", status: 200 } });
});

test("it takes async iterables, empty ones, and updates with further members", async () => {
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

test("a failure is yielded, and the other updates continue", async () => {
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

test("at most `concurrency` updates are in flight or wait to be yielded", async () => {
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

test("results are yielded in the order of completion", async () => {
  const { client, calls } = manual();
  const results = collect(setContacts(client, updates(3)));
  await settle();
  for (const i of [1, 2, 0]) {
    calls[i]?.end();
    await settle();
  }
  expect((await results).map(({ update }) => update.euid)).toEqual([2, 3, 1]);
});

test("a result does not wait for a slow source", async () => {
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

test("updates of one EUID are sent in order, however the EUID is written", async () => {
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

test("the last of several updates wins, whatever fails before it", async () => {
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

test("an update with toJSON is refused, as by setContact", async () => {
  class Model {
    readonly euid = 1;
    readonly contacts = { email: "a" };
    toJSON() {
      return { euid: this.euid, contacts: { email: "b" } };
    }
  }
  const { client, emulator } = setUp();
  expect(await collect(setContacts(client, [new Model()]))).toMatchObject([
    { ok: false, error: { kind: "validation" } },
  ]);
  expect(emulator.requests).toEqual([]);
  expect(() => setContacts(client, [], null as never)).toThrow(expect.objectContaining({ option: "options" }));
});

test("an update in doubt stays in doubt, although it was throttled and sent again", async () => {
  const { client, emulator } = setUp({ maxRetries: 1 });
  emulator.fail({ broken: "connection", applied: true });
  emulator.fail({ status: 429, headers: { "retry-after": "0" } });
  emulator.fail({ status: 400, body: '{"code":55014,"message":"Contact exists"}' });
  const [result] = await collect(setContacts(client, updates(1)));
  expect(result).toMatchObject({ ok: false, error: { kind: "api", code: 55014, outcome: "unknown", attempts: 3 } });
});

test.each([null, undefined, 5, "ab", {}, Promise.resolve([])])(
  "updates that can't be iterated are refused (%s)",
  (source) => {
    const { client } = setUp();
    expect(() => setContacts(client, source as never)).toThrow(ConfigurationError);
    expect(() => setContacts(client, source as never)).toThrow(/^updates must be iterable/);
  },
);
