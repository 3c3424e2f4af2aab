/** A storage that fails once: what could not be written is not taken for known, and what was to be done is done later. */
import { abortAllDurableObjects, env, runInDurableObject } from "cloudflare:test";
import { expect, it, vi } from "vitest";
import { alarmIn, CONFLICT, emulator, forget, newEuid, ring, set, states, stored } from "./support.ts";

/** Has the next write of a row fail. */
async function failNextRow(euid: string): Promise<void> {
  await runInDurableObject(env.MAILBOX.getByName(euid), (_mailbox, { storage }) => {
    const prototype: SyncKvStorage = Object.getPrototypeOf(storage.kv);
    const { put } = prototype;
    let failed = false;
    vi.spyOn(prototype, "put").mockImplementation(function (this: SyncKvStorage, key, value) {
      if (!failed && key.startsWith("contact ")) {
        failed = true;
        throw new Error("overloaded");
      }
      put.call(this, key, value);
    });
  });
}

it("what came of a request could not be written: it is in doubt", async () => {
  const euid = newEuid();
  emulator.fail({ broken: "connection", applied: true, delay: 100 });
  const first = set(euid, { email: "a@b.c" });
  await vi.waitFor(() => expect(emulator.requests).toHaveLength(1));
  await failNextRow(euid);
  expect((await first).status).toBe(202);
  emulator.fail(CONFLICT);
  await ring(euid);
  expect(await states(euid)).toMatchObject({ email: { state: "parked", reason: "set_or_conflicting" } });
  await forget(euid);
});

it("that the request of a replaced object is in doubt could not be written at first: it is written later", async () => {
  const euid = newEuid();
  emulator.fail({ delay: 500 });
  const lost = set(euid, { email: "a@b.c" }).catch(() => undefined);
  await vi.waitFor(() => expect(emulator.requests).toHaveLength(1));
  await abortAllDurableObjects();
  await lost;
  await failNextRow(euid);
  emulator.fail(CONFLICT);
  await ring(euid);
  expect(await states(euid)).toMatchObject({ email: { state: "pending" } });
  await ring(euid);
  expect(await states(euid)).toMatchObject({ email: { state: "parked", reason: "set_or_conflicting" } });
  await forget(euid);
});

it("what could not be erased is erased later", async () => {
  const euid = newEuid();
  await set(euid, { email: "a@b.c" });
  await runInDurableObject(env.MAILBOX.getByName(euid), (_mailbox, { storage }) => {
    vi.spyOn(Object.getPrototypeOf(storage), "deleteAll").mockRejectedValueOnce(new Error("overloaded"));
  });
  await forget(euid);
  expect(await alarmIn(euid)).toBeDefined();
  await ring(euid);
  expect(await stored(euid)).toEqual([]);
});
