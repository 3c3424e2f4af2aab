/** One request at a time for one EUID, in order, through crashes. */
import { abortAllDurableObjects } from "cloudflare:test";
import { expect, it } from "vitest";
import { ATTEMPT_MS, LEASE_MS } from "../../worker/outbox.ts";
import {
  alarmIn,
  CONFLICT,
  DEAD,
  delivered,
  emulator,
  eventually,
  failOnce,
  forget,
  holdRequests,
  LATER,
  newEuid,
  pass,
  ring,
  sent,
  set,
  states,
  stored,
} from "./support.ts";

it("sends a value that arrives during a request after it", async () => {
  const euid = newEuid();
  const { count, release } = holdRequests();
  const first = set(euid, { email: "old@b.c" });
  await eventually(() => expect(count()).toBe(1));
  expect((await set(euid, { email: "new@b.c" })).status).toBe(202);
  release();
  expect((await first).status).toBe(202); // a newer value was accepted
  await delivered(euid, { email: "new@b.c" });
  expect(sent()).toEqual([{ email: "old@b.c" }, { email: "new@b.c" }]);
});

it("neither merges nor overlaps concurrent updates of two callers", async () => {
  const euid = newEuid();
  emulator.fail({ delay: 50 }, 2);
  const answers = await Promise.all([set(euid, { email: "a@b.c" }), set(euid, { mobile_phone: "1" })]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(sent()).toEqual([{ email: "a@b.c" }, { mobile_phone: "1" }]);
});

it("sends the contacts of one request together", async () => {
  const euid = newEuid();
  emulator.fail(DEAD);
  await set(euid, { email: "a@b.c", mobile_phone: "1" });
  await ring(euid);
  expect(sent()).toEqual(Array(2).fill({ email: "a@b.c", mobile_phone: "1" }));
});

it("200 concurrent updates of one EUID: one request at a time, and the newest is delivered last", async () => {
  const euid = newEuid();
  let running = 0;
  let overlaps = 0;
  globalThis.fetch = async (...args: Parameters<typeof fetch>) => {
    if (running++ > 0) overlaps++;
    await scheduler.wait(5);
    running--;
    return emulator.fetch(...(args as Parameters<typeof emulator.fetch>));
  };
  const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => set(euid, { email: `${i}@b.c` })));
  expect(answers.every(({ status }) => status === 200 || status === 202)).toBe(true);
  await delivered(euid, { email: "199@b.c" });
  expect(overlaps).toBe(0);
  const numbers = emulator.requests.map(({ body }) => Number.parseInt(JSON.parse(body).contacts.email, 10));
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
});

it.each([0, -2_000, -60_000, 60_000])(
  "a replaced object's request may still be running: its lease holds (clock of the new one %i ms)",
  async (skew) => {
    const euid = newEuid();
    const { count, release } = holdRequests();
    const lost = set(euid, { email: "a@b.c" }).catch(() => undefined);
    await eventually(() => expect(count()).toBe(1));
    await abortAllDurableObjects();
    expect((await lost)?.status).toBe(503);
    pass(skew);
    expect((await set(euid, { mobile_phone: "1" })).status).toBe(202);
    expect(await alarmIn(euid)).toBeGreaterThan(ATTEMPT_MS);
    expect(count()).toBe(1);
    release();
    // Nobody knows whether the lost request was applied.
    emulator.fail(CONFLICT, 1);
    await ring(euid);
    await eventually(async () =>
      expect(await states(euid)).toMatchObject({
        email: { state: "parked", reason: "set_or_conflicting" },
        mobile_phone: { state: "delivered" },
      }),
    );
  },
);

it("a replaced object whose attempts are settled delays nothing", async () => {
  const euid = await failOnce();
  const before = await stored(euid);
  await abortAllDurableObjects();
  await states(euid);
  expect(await stored(euid)).toEqual(before);
  await ring(euid);
  await delivered(euid, { email: "a@b.c" });
});

it("a deploy during many updates loses none", async () => {
  const euids = Array.from({ length: 10 }, newEuid);
  const { count, release } = holdRequests();
  const calls = euids.map((euid) => set(euid, { email: `${euid}@b.c` }, LATER));
  expect((await Promise.all(calls)).every(({ status }) => status === 202)).toBe(true);
  await eventually(() => expect(count()).toBe(10));
  await abortAllDurableObjects();
  release();
  for (const euid of euids) {
    await ring(euid); // the new object measures the lease by its own clock
    await ring(euid);
    await delivered(euid, { email: `${euid}@b.c` });
  }
});

it.each([
  ["a 504", { status: 504 }],
  ["a 504 with an unknown code", { status: 504, body: '{"code":504,"message":"upstream timed out"}' }],
  ["a broken connection", DEAD],
  ["a 524", { status: 524 }],
  ["a 408", { status: 408 }],
])("after %s the request may still be running: a newer value waits for the lease", async (_name, fault) => {
  const euid = newEuid();
  emulator.fail(fault);
  expect((await set(euid, { email: "old@b.c" })).status).toBe(202);
  expect((await set(euid, { email: "new@b.c" })).status).toBe(202);
  expect(emulator.requests).toHaveLength(1);
  const wait = (await alarmIn(euid)) ?? 0;
  expect(wait).toBeGreaterThan(ATTEMPT_MS);
  expect(wait).toBeLessThanOrEqual(LEASE_MS);
});

it("keeps the lease of a lost request when the user is forgotten, and erases the storage after it", async () => {
  const euid = newEuid();
  emulator.fail({ status: 504 });
  await set(euid, { email: "a@b.c" });
  expect((await forget(euid)).status).toBe(200);
  await abortAllDurableObjects();
  expect((await set(euid, { email: "b@b.c" })).status).toBe(202);
  expect(emulator.requests).toHaveLength(1);
  await ring(euid);
  await delivered(euid, { email: "b@b.c" });
});
