/** The answers to a caller. */
import type { env } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { Box } from "../../worker/outbox.ts";
import {
  CONFLICT,
  DEAD,
  delivered,
  emulator,
  eventually,
  FAILED,
  holdRequests,
  hurryTimers,
  LATER,
  lines,
  newEuid,
  parked,
  pass,
  ring,
  set,
  states,
  stored,
} from "./support.ts";

/** The stored deliveries, as text. */
async function storedText(euid: string): Promise<string> {
  const [[, box] = []] = await stored(euid);
  return JSON.stringify([...(box as Box).deliveries]);
}

const REFUSED = { status: 400, body: '{"code":77,"message":"no"}' };

it("200 if EngageLab returned code 0; the value is not kept", async () => {
  const euid = newEuid();
  const { status, envelope } = await set(euid, { email: "a@b.c" });
  expect({ status, envelope }).toEqual({ status: 200, envelope: { code: 0, message: "success" } });
  expect(await states(euid)).toEqual({ email: { state: "delivered", attempts: 1, since: expect.any(String) } });
  expect(await stored(euid)).toHaveLength(1);
  expect(JSON.stringify([...(await stored(euid)).map(([, box]) => [...(box as Box).deliveries])])).not.toContain(
    "a@b.c",
  );
});

it("202 with Prefer: respond-async, and it is delivered", async () => {
  const euid = newEuid();
  const { status, envelope, headers } = await set(euid, { email: "a@b.c" }, LATER);
  expect({ status, envelope }).toEqual({ status: 202, envelope: { code: 0, message: "stored" } });
  expect(headers.get("preference-applied")).toBe("respond-async");
  await delivered(euid, { email: "a@b.c" });
  expect(lines).toContainEqual(expect.objectContaining({ euid, outcome: "delivered", attempts: 1 }));
});

it.each([
  ["a broken connection", DEAD, { kind: "network" }],
  ["HTML", { body: "<html>", status: 200 }, { kind: "response", status: 200 }],
  ["an empty 500", FAILED, { kind: "response", status: 500 }],
  ["a body cut off", { broken: "body" }, { kind: "response", status: 200 }],
  ["an unknown code with 503", { status: 503, body: '{"code":7,"message":"secret words"}' }, { kind: "api", code: 7 }],
] as const)(
  "202 after %s, with the reason in state and log, and it is delivered later",
  async (_name, fault, lastError) => {
    const euid = newEuid();
    emulator.fail(fault);
    expect((await set(euid, { email: "a@b.c" })).status).toBe(202);
    expect(emulator.requests).toHaveLength(1);
    const state = await states(euid);
    expect(state).toMatchObject({ email: { state: "pending", attempts: 1 } });
    expect(state.email?.lastError).toEqual(lastError);
    expect(Date.parse(state.email?.nextAttempt ?? "")).toBeGreaterThan(Date.now());
    const line = lines.find(({ outcome }) => outcome === "retry");
    expect(line).toMatchObject({ euid, attempts: 1, ...lastError, nextAttempt: expect.stringMatching(/^\d{4}-.*Z$/) });
    expect(JSON.stringify(lines)).not.toMatch(/a@b\.c|secret words/);
    await ring(euid);
    await delivered(euid, { email: "a@b.c" });
    expect((await states(euid)).email?.lastError).toBeUndefined();
  },
);

describe("a refusal", () => {
  it("409 with the refused names, if others were delivered; the refused value is dropped and not listed", async () => {
    const euid = newEuid();
    await set(newEuid(), { email: "taken@b.c" });
    const { status, envelope } = await set(euid, { email: "taken@b.c", mobile_phone: "1" });
    expect({ status, envelope }).toEqual({ status: 409, envelope: { code: 55014, message: "Contact exists: email" } });
    expect(await states(euid)).toMatchObject({
      email: { state: "refused", reason: "conflict", lastError: { kind: "api", code: 55014 } },
      mobile_phone: { state: "delivered" },
    });
    expect(await parked()).not.toContain(euid);
    expect(await storedText(euid)).not.toContain("taken@b.c");
  });

  it("422 with EngageLab's own envelope for another code", async () => {
    const euid = newEuid();
    emulator.fail(REFUSED);
    expect(await set(euid, { email: "a@b.c", mobile_phone: "1" })).toMatchObject({
      status: 422,
      envelope: { code: 77, message: "no" },
    });
    expect(await states(euid)).toMatchObject({ email: { state: "refused", reason: "refused" } });
  });

  it("422 if one name has another code than 55014", async () => {
    emulator.fail(CONFLICT, 2);
    emulator.fail(REFUSED);
    expect(await set(newEuid(), { email: "a@b.c", mobile_phone: "1", landline_phone: "2" })).toMatchObject({
      status: 422,
      envelope: { code: 77, message: "no: email, mobile_phone" },
    });
  });

  it("parks the value if the caller did not wait", async () => {
    const euid = newEuid();
    emulator.fail(REFUSED);
    expect((await set(euid, { email: "a@b.c" }, LATER)).status).toBe(202);
    await eventually(async () =>
      expect(await states(euid)).toMatchObject({ email: { state: "parked", reason: "refused" } }),
    );
    expect(await parked()).toContain(euid);
  });

  it("replaces the earlier value, even a parked one", async () => {
    const euid = newEuid();
    emulator.fail(CONFLICT, 2);
    await set(euid, { email: "old@b.c" }, LATER);
    await eventually(async () => expect(await parked()).toContain(euid));
    expect((await set(euid, { email: "new@b.c" })).status).toBe(409);
    expect(await states(euid)).toMatchObject({ email: { state: "refused" } });
    expect(await parked()).not.toContain(euid);
  });
});

let named = 0;
it.each([
  ["100 names", () => Object.fromEntries(Array.from({ length: 20 }, () => [`name${named++}`, "x"])), 5],
  ["512 KiB", () => ({ [`name${named++}`]: "é".repeat(30_000) }), 8],
])("400 if one user would have more than %s; what is held stays", async (_name, contacts, most) => {
  const euid = newEuid();
  emulator.fail(FAILED, 100);
  for (let i = 0; i < most; i++) expect((await set(euid, contacts(), LATER)).status).toBe(202);
  const before = Object.keys(await states(euid));
  expect(await set(euid, contacts(), LATER)).toMatchObject({
    status: 400,
    envelope: { code: 400000, message: expect.stringContaining("100 names and 512 KiB") },
  });
  expect(Object.keys(await states(euid))).toEqual(before);
});

it("503 if the outbox fails, never 202", async () => {
  const OUTBOX = { getByName: () => ({ submit: () => Promise.reject(new Error("overloaded")) }) };
  const broken = { env: { OUTBOX: OUTBOX as unknown as typeof env.OUTBOX } };
  for (const asked of [broken, { ...broken, ...LATER }]) {
    expect(await set(newEuid(), { email: "a@b.c" }, asked)).toMatchObject({ status: 503, envelope: { code: 503000 } });
  }
});

it("202 at once for a value that waits for an earlier one of its name; other names are delivered", async () => {
  const euid = newEuid();
  emulator.fail(FAILED);
  expect((await set(euid, { email: "a@b.c" })).status).toBe(202);
  expect((await set(euid, { mobile_phone: "1" })).status).toBe(200);
  expect((await set(euid, { email: "b@b.c" })).status).toBe(202);
  await delivered(euid, { email: "b@b.c", mobile_phone: "1" });
});

it("202 at once for a value that was replaced while it waited", async () => {
  const euid = newEuid();
  const { count, release } = holdRequests();
  const first = set(euid, { email: "1@b.c" });
  await eventually(() => expect(count()).toBe(1));
  const second = set(euid, { mobile_phone: "2" });
  await eventually(async () => expect(await states(euid)).toHaveProperty("mobile_phone"));
  await set(euid, { mobile_phone: "3" }, LATER);
  expect((await second).status).toBe(202); // the first is still running
  release();
  expect((await first).status).toBe(200);
  await delivered(euid, { email: "1@b.c", mobile_phone: "3" });
});

it("202 after some seconds for a value that waits for a slow request", async () => {
  const euid = newEuid();
  hurryTimers();
  const { count, release } = holdRequests();
  const first = set(euid, { email: "a@b.c" });
  await eventually(() => expect(count()).toBe(1));
  expect((await set(euid, { mobile_phone: "1" })).status).toBe(202);
  expect((await first).status).toBe(202); // it timed out
  release();
  pass(10_000);
  await ring(euid);
  await delivered(euid, { email: "a@b.c", mobile_phone: "1" });
});
