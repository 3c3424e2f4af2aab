/** Retries: backoff, alarms that fail or get lost, a storage that fails once, and billed writes. */
import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import {
  alarmIn,
  CONFLICT,
  DAY_MS,
  DEAD,
  delivered,
  emulator,
  eventually,
  FAILED,
  failOnce,
  forget,
  holdRequests,
  LATER,
  newEuid,
  outbox,
  park,
  pass,
  retry,
  ring,
  set,
  states,
  stored,
  withStorage,
} from "./support.ts";

it("backs off from 1 s to 10 min, each wait between half and all of that", async () => {
  const euid = newEuid();
  emulator.fail(FAILED, 15);
  await set(euid, { email: "a@b.c" });
  for (let attempts = 1; attempts <= 15; attempts++) {
    expect(await states(euid)).toMatchObject({ email: { state: "pending", attempts } });
    const wait = (await alarmIn(euid)) ?? 0;
    const longest = Math.min(600_000, 1_000 * 2 ** (attempts - 1));
    expect(wait).toBeGreaterThan(longest / 2 - 500);
    expect(wait).toBeLessThanOrEqual(longest + 1);
    await ring(euid);
  }
  await delivered(euid, { email: "a@b.c" });
});

describe("throttling", () => {
  it.each([
    ["Retry-After: 60", { status: 429, headers: { "retry-after": "60" } }, 50_000, 60_001],
    ["no Retry-After", { status: 429 }, 300, 1_001],
    [
      "a Retry-After in the past",
      { status: 503, headers: { "retry-after": "Sun, 06 Nov 1994 08:49:37 GMT" } },
      300,
      1_001,
    ],
    ["a Retry-After of years", { status: 503, headers: { "retry-after": "999999999" } }, DAY_MS - 60_000, DAY_MS + 1],
    ["a refusal with Retry-After", { ...CONFLICT, status: 429, headers: { "retry-after": "60" } }, 50_000, 60_001],
  ])("%s", async (_name, fault, least, most) => {
    const euid = newEuid();
    emulator.fail(fault);
    await set(euid, { email: "a@b.c" });
    expect((await set(euid, { mobile_phone: "1" }, LATER)).status).toBe(202);
    const wait = (await alarmIn(euid)) ?? 0;
    expect(wait).toBeLessThanOrEqual(most);
    if (fault.status === 429) {
      // Nothing of this EUID is sent meanwhile.
      expect(emulator.requests).toHaveLength(1);
      expect(wait).toBeGreaterThan(least);
    }
  });
});

describe("the alarm", () => {
  it("is set if its handler fails, and the value is delivered after recovery", async () => {
    const euid = await failOnce();
    const [[key = "", box] = []] = await stored(euid);
    const put = (value: unknown) => withStorage(euid, (storage) => storage.kv.put(key, value));
    await put("not a box");
    await abortAllDurableObjects();
    for (let i = 0; i < 8; i++) {
      await runInDurableObject(outbox(euid), (object) => object.alarm());
      expect(await alarmIn(euid)).toBeGreaterThan(5_000);
    }
    await put(box);
    await abortAllDurableObjects();
    await ring(euid);
    await delivered(euid, { email: "a@b.c" });
  });

  it("is set again by a read, if the platform has lost it", async () => {
    const euid = await failOnce();
    await withStorage(euid, (storage) => storage.deleteAlarm());
    expect(await alarmIn(euid)).toBeUndefined();
    await states(euid);
    await ring(euid);
    await delivered(euid, { email: "a@b.c" });
  });

  it("is not needed once everything is erased after KEEP_DAYS; the outbox can be used again", async () => {
    const euid = newEuid();
    await set(euid, { email: "a@b.c" });
    expect(await alarmIn(euid)).toBeGreaterThan(29 * DAY_MS);
    await ring(euid);
    expect(await stored(euid)).toEqual([]);
    expect(await alarmIn(euid)).toBeUndefined();
    expect((await set(euid, { email: "b@b.c" })).status).toBe(200);
  });
});

describe("a storage that fails once", () => {
  /** Lets the next write of an outbox fail. */
  async function failNextPut(euid: string): Promise<void> {
    await withStorage(euid, (storage) => {
      const prototype: SyncKvStorage = Object.getPrototypeOf(storage.kv);
      vi.spyOn(prototype, "put").mockImplementationOnce(() => {
        throw new Error("overloaded");
      });
    });
  }

  it("while it accepts: 503, nothing is sent, and the next update works", async () => {
    const euid = newEuid();
    await failNextPut(euid);
    expect((await set(euid, { email: "a@b.c" })).status).toBe(503);
    expect(emulator.requests).toHaveLength(0);
    expect((await set(euid, { email: "a@b.c" })).status).toBe(200);
  });

  it("while it settles: the attempt stays in doubt", async () => {
    const euid = newEuid();
    const { count, release } = holdRequests();
    const first = set(euid, { email: "a@b.c" });
    await eventually(() => expect(count()).toBe(1));
    await failNextPut(euid);
    emulator.fail({ ...DEAD, applied: true });
    release();
    expect((await first).status).toBe(202);
    emulator.fail(CONFLICT);
    await ring(euid);
    expect(await states(euid)).toMatchObject({ email: { state: "parked", reason: "set_or_conflicting" } });
  });

  it("while it begins: nothing is sent, and the value is delivered later", async () => {
    const euid = await failOnce();
    await failNextPut(euid);
    await ring(euid);
    expect(emulator.requests).toHaveLength(1);
    await ring(euid);
    await delivered(euid, { email: "a@b.c" });
  });

  it("while an alarm that rang too early is set again", async () => {
    const euid = await failOnce();
    pass(-60_000);
    await withStorage(euid, (storage) => {
      vi.spyOn(Object.getPrototypeOf(storage), "setAlarm").mockRejectedValueOnce(new Error("overloaded"));
    });
    expect(await runDurableObjectAlarm(outbox(euid))).toBe(true);
    expect(emulator.requests).toHaveLength(1);
    await eventually(async () => expect(await alarmIn(euid)).toBeDefined());
    pass(60_000);
    await ring(euid);
    await delivered(euid, { email: "a@b.c" });
  });

  it("while an operator's retry sets the alarm: the value is retried", async () => {
    const euid = newEuid();
    await park(euid);
    await withStorage(euid, (storage) => {
      vi.spyOn(Object.getPrototypeOf(storage), "setAlarm").mockRejectedValueOnce(new Error("overloaded"));
    });
    expect((await retry(euid)).status).toBe(202);
    await delivered(euid, { email: "a@b.c" });
  });

  it("while it erases: it erases later", async () => {
    const euid = newEuid();
    await set(euid, { email: "a@b.c" });
    await withStorage(euid, (storage) => {
      vi.spyOn(Object.getPrototypeOf(storage), "deleteAll").mockRejectedValueOnce(new Error("overloaded"));
    });
    await forget(euid);
    await ring(euid);
    expect(await stored(euid)).toEqual([]);
  });
});

describe("billed writes of an update, alarms included", () => {
  /** @returns how many writes there have been */
  async function countWrites(euid: string): Promise<() => number> {
    const spies = await withStorage(euid, (storage) => {
      const kv: SyncKvStorage = Object.getPrototypeOf(storage.kv);
      const all: DurableObjectStorage = Object.getPrototypeOf(storage);
      return [
        ...[vi.spyOn(kv, "put"), vi.spyOn(kv, "delete")],
        ...[vi.spyOn(all, "put"), vi.spyOn(all, "delete"), vi.spyOn(all, "setAlarm"), vi.spyOn(all, "deleteAlarm")],
      ];
    });
    return () => spies.reduce((sum, { mock }) => sum + mock.calls.length, 0);
  }
  const contacts = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`name${i}`, "x"]));

  it.each([
    ["one name, synchronous", { email: "a@b.c" }, {}, 4],
    ["20 names, synchronous", contacts, {}, 4],
    ["one name, stored", { email: "a@b.c" }, LATER, 6],
    ["20 names, stored", contacts, LATER, 6],
  ])("%s", async (_name, contacts, asked, most) => {
    const euid = newEuid();
    const count = await countWrites(euid);
    for (let i = 1; i <= 3; i++) {
      await set(euid, contacts, asked);
      await delivered(euid, contacts);
      expect(count()).toBeLessThanOrEqual(i * most);
      expect(count()).toBeGreaterThanOrEqual(i * 2); // proves that writes are counted
    }
  });
});
