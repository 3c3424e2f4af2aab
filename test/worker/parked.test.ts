/** Parking, and the list of parked values. */
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import type { Registry } from "../../worker/index.ts";
import {
  alarmIn,
  ask,
  CONFLICT,
  DAY_MS,
  DEAD,
  delivered,
  emulator,
  eventually,
  FAILED,
  failRegistry,
  holdRequests,
  hurryTimers,
  isParked,
  LATER,
  lines,
  newEuid,
  OPERATOR,
  outbox,
  park,
  parked,
  pass,
  registry,
  retry,
  ring,
  sent,
  set,
  states,
} from "./support.ts";

it("a conflict of one name does not hold back the others; an operator's retry delivers it", async () => {
  const [euid, other] = [newEuid(), newEuid()];
  await set(other, { email: "mine@b.c" });
  await set(euid, { email: "mine@b.c", mobile_phone: "1", landline_phone: "2" }, LATER);
  await isParked(euid, "conflict");
  await eventually(async () =>
    expect(await states(euid)).toMatchObject({
      email: { state: "parked", reason: "conflict", attempts: 2, lastError: { kind: "api", code: 55014 } },
      mobile_phone: { state: "delivered" },
      landline_phone: { state: "delivered" },
    }),
  );
  expect(await parked()).toContain(euid);
  expect((await retry(euid)).status).toBe(202);
  await eventually(() => expect(sent().at(-1)).toEqual({ email: "mine@b.c" }));
  await isParked(euid, "conflict");
  await set(other, { email: "another@b.c" });
  expect((await retry(euid)).status).toBe(202);
  await delivered(euid, { email: "mine@b.c", mobile_phone: "1", landline_phone: "2" });
  expect(await parked()).not.toContain(euid);
  expect((await retry(euid)).status).toBe(404);
});

describe("doubt", () => {
  it("after an attempt without an answer, a refused value may be set, even if it is sent again", async () => {
    const euid = newEuid();
    emulator.fail({ ...DEAD, applied: true });
    emulator.fail(CONFLICT);
    await set(euid, { email: "a@b.c" });
    await ring(euid);
    await isParked(euid, "set_or_conflicting");
    emulator.fail(CONFLICT);
    expect((await set(euid, { email: "a@b.c" })).status).toBe(202);
    await isParked(euid, "set_or_conflicting");
    emulator.fail({ status: 400, body: '{"code":77,"message":"no"}' });
    expect((await set(euid, { email: "a@b.c" })).status).toBe(202);
    await isParked(euid, "refused");
    emulator.fail(CONFLICT);
    expect((await set(euid, { email: "other@b.c" })).status).toBe(409);
  });

  it("the same value, accepted during an attempt that gets no answer, is in doubt too", async () => {
    const euid = newEuid();
    const { count, release } = holdRequests();
    const first = set(euid, { email: "a@b.c" });
    await eventually(() => expect(count()).toBe(1));
    expect((await set(euid, { email: "a@b.c" })).status).toBe(202);
    emulator.fail({ ...DEAD, applied: true });
    emulator.fail(CONFLICT);
    release();
    await first;
    await eventually(async () => expect((await states(euid)).email?.nextAttempt).toBeDefined());
    await eventually(() => expect(emulator.requests).toHaveLength(1));
    await ring(euid);
    await isParked(euid, "set_or_conflicting");
  });

  it("HTTP 429 leaves none", async () => {
    const euid = newEuid();
    emulator.fail({ status: 429 });
    emulator.fail(CONFLICT);
    await set(euid, { email: "a@b.c" });
    await ring(euid);
    await isParked(euid, "conflict");
  });

  it("about one name does not spread to the other names of its update", async () => {
    const euid = newEuid();
    emulator.fail({ ...DEAD, applied: true });
    await set(euid, { email: "a@b.c" });
    pass(10_000);
    emulator.fail(CONFLICT, 3);
    expect((await set(euid, { email: "a@b.c", mobile_phone: "1" }, LATER)).status).toBe(202);
    await eventually(async () =>
      expect(await states(euid)).toMatchObject({
        email: { reason: "set_or_conflicting" },
        mobile_phone: { reason: "conflict" },
      }),
    );
  });
});

it("if the registry fails, the value stays pending until it can be listed and parked", async () => {
  const euid = newEuid();
  await failRegistry("list", () => {
    throw new Error("overloaded");
  });
  emulator.fail(CONFLICT, 2);
  await set(euid, { email: "a@b.c" }, LATER);
  await eventually(() =>
    expect(lines).toContainEqual(expect.objectContaining({ euid, outcome: "retry", code: 55014 })),
  );
  expect(await states(euid)).toMatchObject({ email: { state: "pending", attempts: 1 } });
  expect(await parked()).not.toContain(euid);
  await ring(euid);
  await isParked(euid, "conflict");
  expect(await parked()).toContain(euid);
});

it("a registry that does not answer delays nothing for long", async () => {
  const euid = newEuid();
  hurryTimers();
  await failRegistry("list", () => new Promise(() => {}));
  emulator.fail(CONFLICT);
  await set(euid, { email: "a@b.c" }, LATER);
  expect((await set(euid, { mobile_phone: "1" })).status).toBe(200);
  expect(await states(euid)).toMatchObject({ email: { state: "pending" } });
});

it("reading the list keeps an outbox that is about to park", async () => {
  const euid = newEuid();
  let isHeld = true;
  await runInDurableObject(registry(), (object: Registry) => {
    const list = object.list.bind(object);
    vi.spyOn(Object.getPrototypeOf(object), "list").mockImplementationOnce(async (...args) => {
      list(...(args as Parameters<Registry["list"]>));
      while (isHeld) await scheduler.wait(2);
    });
  });
  emulator.fail(CONFLICT);
  await set(euid, { email: "a@b.c" }, LATER);
  await eventually(async () => expect(await registry().find(euid)).toBeDefined());
  expect(await parked()).toContain(euid); // a reader
  isHeld = false;
  await isParked(euid, "conflict");
  expect(await parked()).toContain(euid);
});

it("an entry that was listed again is not removed by an earlier read", async () => {
  const euid = newEuid();
  await registry().list(euid);
  const entry = await registry().find(euid);
  await registry().list(euid);
  await registry().unlist(entry ? [entry] : []);
  expect(await registry().find(euid)).toBeDefined();
  expect(await parked()).not.toContain(euid); // nothing is parked there
  expect(await registry().find(euid)).toBeUndefined();
});

it("expires after 200 attempts, and a retry counts from the first again", async () => {
  const euid = newEuid();
  emulator.fail(FAILED, 201);
  await set(euid, { email: "a@b.c" });
  for (let i = 1; i < 200; i++) {
    pass((await alarmIn(euid)) ?? 0);
    await runInDurableObject(outbox(euid), (object) => object.alarm());
  }
  expect(await states(euid)).toMatchObject({ email: { state: "parked", reason: "expired", attempts: 200 } });
  expect(await parked()).toContain(euid);
  expect((await retry(euid)).status).toBe(202);
  await eventually(async () => expect(await states(euid)).toMatchObject({ email: { state: "pending", attempts: 1 } }));
  await ring(euid);
  await delivered(euid, { email: "a@b.c" });
});

it("is removed after KEEP_DAYS, with a line in the log", async () => {
  const euid = newEuid();
  await park(euid);
  await isParked(euid, "conflict");
  pass(31 * DAY_MS);
  await ring(euid);
  expect(await states(euid)).toEqual({});
  expect(await parked()).not.toContain(euid);
  expect(lines).toContainEqual({ euid, outcome: "removed", name: "email" });
});

it("the list has pages, and so has the retry of all", async () => {
  const euids = Array.from({ length: 130 }, newEuid);
  emulator.fail(CONFLICT, 130);
  await Promise.all(euids.map((euid) => set(euid, { email: `${euid}@b.c` }, LATER)));
  await eventually(() => expect(lines.filter(({ outcome }) => outcome === "parked")).toHaveLength(130));
  const read = async (path: string, method: string, status: number): Promise<string[]> => {
    const found: string[] = [];
    for (let after: string | undefined = ""; after !== undefined; ) {
      const answer = await ask(`${path}?after=${after}`, { method, token: OPERATOR });
      expect(answer.status).toBe(status);
      const page = answer.envelope.data as { euids: string[]; next?: string };
      expect(page.euids.length).toBeLessThanOrEqual(100);
      found.push(...page.euids);
      after = page.next;
    }
    return found;
  };
  expect(await read("/parked", "GET", 200)).toEqual(euids);
  expect(await read("/parked/retry", "POST", 202)).toEqual(euids);
  for (const euid of euids) await delivered(euid, { email: `${euid}@b.c` });
  expect(await parked()).toEqual([]);
});
