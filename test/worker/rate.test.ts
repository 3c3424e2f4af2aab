/** OUTBOUND_RATE: the slots that the registry reserves. */
import { env, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { Env } from "../../worker/config.ts";
import {
  alarmIn,
  delivered,
  emulator,
  eventually,
  failRegistry,
  LATER,
  newEuid,
  outbox,
  pass,
  registry,
  ring,
  set,
} from "./support.ts";

describe("OUTBOUND_RATE", () => {
  /** The objects' own environment. */
  const limit = (euid: string, rate: string | undefined) =>
    runInDurableObject(outbox(euid), (object) => {
      Object.defineProperty(object, "env", { value: { ...(env as Env), OUTBOUND_RATE: rate }, configurable: true });
    });
  const resetSlots = () => runInDurableObject(registry(), (_, { storage }) => storage.kv.delete("slot"));

  /** @returns a user whose update waits for the second slot, at one slot per 10 s */
  async function waitForSlot(): Promise<string> {
    await resetSlots();
    const [first, euid] = [newEuid(), newEuid()];
    for (const one of [first, euid]) {
      await limit(one, "0.1");
      await set(one, { mobile_phone: one }, LATER);
    }
    await eventually(async () => expect(await alarmIn(euid)).toBeGreaterThan(5_000));
    return euid;
  }

  it("spaces the attempts of all outboxes", async () => {
    await resetSlots();
    const euids = Array.from({ length: 5 }, newEuid);
    for (const euid of euids) {
      await limit(euid, "0.1");
      await set(euid, { mobile_phone: euid }, LATER);
    }
    await eventually(() => expect(emulator.requests).toHaveLength(1));
    for (const [i, euid] of euids.slice(1).entries()) {
      await eventually(async () => expect(await alarmIn(euid)).toBeGreaterThan(10_000 * (i + 1) - 5_000));
      expect(await alarmIn(euid)).toBeLessThanOrEqual(10_000 * (i + 1));
    }
    for (const euid of euids.slice(1)) {
      await ring(euid);
      await delivered(euid, { mobile_phone: euid });
    }
  });

  it("an outbox that misses its slot asks for another one", async () => {
    const euid = await waitForSlot();
    pass(15_000);
    await registry().slot(0.1);
    await runInDurableObject(outbox(euid), (object) => object.alarm());
    expect(emulator.requests).toHaveLength(1);
    expect(await alarmIn(euid)).toBeGreaterThan(5_000);
  });

  it("an update that arrives while its outbox waits for a slot reserves no other", async () => {
    const euid = await waitForSlot();
    for (let i = 0; i < 3; i++) expect((await set(euid, { email: `${i}@b.c` })).status).toBe(202);
    expect(await alarmIn(euid)).toBeLessThanOrEqual(10_000);
    await ring(euid);
    await eventually(() => expect(emulator.contacts.get(euid)?.get("mobile_phone")).toBe(euid));
  });

  it("slots are reserved for a minute, so that a higher rate soon applies", async () => {
    await resetSlots();
    const slots = [];
    for (let i = 0; i < 10; i++) slots.push(await registry().slot(0.1));
    expect(slots.filter(({ isReserved }) => isReserved)).toHaveLength(7);
    expect(Math.max(...slots.map(({ wait }) => wait))).toBeLessThanOrEqual(60_000);
    expect((await registry().slot(1_000)).wait).toBeLessThanOrEqual(60_001);
    await resetSlots();
  });

  it.each([-60_000, -3_600_000])(
    "a registry whose clock is %i ms off reserves slots again after a minute",
    async (skew) => {
      await resetSlots();
      for (let i = 0; i < 7; i++) await registry().slot(0.1);
      pass(skew);
      const { wait, isReserved } = await registry().slot(0.1);
      expect(isReserved).toBe(false);
      expect(wait).toBeLessThanOrEqual(60_000);
      pass(60_000);
      expect(await registry().slot(0.1)).toMatchObject({ isReserved: true });
      await resetSlots();
    },
  );

  it("a registry whose clock is a minute ahead reserves slots at once, and the rate holds among them", async () => {
    await resetSlots();
    for (let i = 0; i < 7; i++) await registry().slot(0.1);
    pass(60_000);
    const waits = [(await registry().slot(0.1)).wait, (await registry().slot(0.1)).wait];
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(9_000);
    await resetSlots();
  });

  it("a registry that does not answer: the update is stored, and sent later", async () => {
    const euid = newEuid();
    await resetSlots();
    await limit(euid, "1000");
    await failRegistry("slot");
    expect((await set(euid, { mobile_phone: "1" })).status).toBe(202);
    expect(emulator.requests).toHaveLength(0);
    await ring(euid);
    await delivered(euid, { mobile_phone: "1" });
  });
});
