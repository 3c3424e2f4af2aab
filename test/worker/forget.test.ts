/** An operator deletes the data of a user. */
import { expect, it } from "vitest";
import {
  alarmIn,
  eventually,
  forget,
  holdRequests,
  isParked,
  newEuid,
  park,
  registry,
  retry,
  set,
  states,
  stored,
} from "./support.ts";

it("deletes everything, including the entry in the list and values in flight", async () => {
  const euid = newEuid();
  await park(euid);
  await isParked(euid, "conflict");
  const { count, release } = holdRequests();
  const running = set(euid, { mobile_phone: "1" });
  await eventually(() => expect(count()).toBe(1));
  expect((await forget(euid)).status).toBe(200);
  expect((await running).status).toBe(202);
  expect(await states(euid)).toEqual({});
  expect(await registry().find(euid)).toBeUndefined();
  release();
  await eventually(async () => expect(await stored(euid)).toEqual([]));
  expect(await states(euid)).toEqual({});
});

it("creates nothing for an unknown user, nor does a read or a retry", async () => {
  const euid = newEuid();
  expect(await states(euid)).toEqual({});
  expect((await forget(euid)).status).toBe(200);
  expect((await retry(euid)).status).toBe(404);
  expect(await stored(euid)).toEqual([]);
  expect(await alarmIn(euid)).toBeUndefined();
});
