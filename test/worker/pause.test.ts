/** EngageLab refuses the gateway's own credentials. */
import { env, runInDurableObject } from "cloudflare:test";
import { expect, it, vi } from "vitest";
import { createEmulator } from "../../src/emulator.ts";
import { Rows } from "../../worker/rows.ts";
import { ask, ENV, emulator, LATER, lines, newEuid, OPERATOR, ringOffice, set, states, tamper } from "./support.ts";

const DAY = 86_400_000;

/** An account whose secret has been changed. */
const elsewhere = createEmulator({ apiSecret: "changed" });

async function health(): Promise<unknown> {
  return (await ask("/healthz", { token: OPERATOR })).envelope;
}

it("pauses for all, asks with one probe at a time, and delivers all once the credentials are mended", async () => {
  globalThis.fetch = elsewhere.fetch;
  expect(await health()).toMatchObject({ message: "ok", data: { parked: 0, waiting: 0 } });
  const euids = Array.from({ length: 120 }, newEuid);
  for (const [i, euid] of euids.entries()) {
    const { status, envelope } = await set(euid, { mobile_phone: String(i) });
    expect({ status, envelope }).toEqual({ status: 202, envelope: { code: 0, message: "stored" } });
  }
  const [first = "", second = ""] = euids;
  // One attempt told all others.
  expect(elsewhere.requests).toHaveLength(1);
  expect(lines.filter(({ outcome }) => outcome === "paused")).toHaveLength(1);
  expect(await health()).toMatchObject({ message: "degraded", data: { waiting: 120 } });
  expect(await states(first)).toEqual({ mobile_phone: { state: "pending", attempts: 0, since: expect.any(String) } });

  await ringOffice();
  await ringOffice();
  expect(elsewhere.requests).toHaveLength(3);
  await set(first, { mobile_phone: "newer" }, LATER);
  await set(second, { landline_phone: "2" });
  expect(elsewhere.requests).toHaveLength(3);

  // An answer that is no envelope tells nothing of the credentials.
  globalThis.fetch = emulator.fetch;
  emulator.fail({ status: 502 });
  await ringOffice();
  expect(await health()).toMatchObject({ message: "degraded" });

  // A pause of three days counts for nothing.
  const third = String(euids[2]);
  await tamper(third, `UPDATE contact SET since = since - ${3 * DAY}`);
  await runInDurableObject(env.MAILBOX.getByName(third), (_, { storage }) => {
    storage.kv.put("paused", Number(storage.kv.get("paused")) - 3 * DAY);
  });
  emulator.fail({ status: 502 });
  await ringOffice();
  expect(await states(third)).toMatchObject({ mobile_phone: { state: "pending" } });

  await ringOffice();
  await vi.waitFor(() => expect(emulator.contacts.size).toBe(120), 5_000);
  expect(emulator.contacts.get(first)?.get("mobile_phone")).toBe("newer");
  expect(emulator.contacts.get(second)?.size).toBe(2);
  expect(await health()).toMatchObject({ message: "ok", data: { waiting: 0, parked: 0 } });
  expect(lines.map(({ outcome }) => outcome)).toContain("pause ended");
  expect((await set(newEuid(), { mobile_phone: "1" })).status).toBe(200);
});

it("Retry-After holds in a pause, too, and such an answer does not end it", async () => {
  globalThis.fetch = elsewhere.fetch;
  const euid = newEuid();
  await set(euid, { email: "a@b.c" });
  await set(euid, { mobile_phone: "1" });
  globalThis.fetch = emulator.fetch;
  emulator.fail({ status: 429, body: '{"code":99,"message":"slow down"}', headers: { "retry-after": "60" } });
  await ringOffice();
  expect(await health()).toMatchObject({ message: "degraded" });
  await ringOffice();
  expect(emulator.requests).toHaveLength(1);
  await ask(`/v1/user/contact/${euid}`, { method: "DELETE", token: OPERATOR });
  await ringOffice();
  await ringOffice();
  expect(await health()).toMatchObject({ message: "ok" });
});

it("an isolate that has just started asks whether there is a pause", async () => {
  globalThis.fetch = elsewhere.fetch;
  await set(newEuid(), { email: "a@b.c" });
  const fresh = "../../worker/gate.ts?as-a-new-isolate";
  const { Gate }: typeof import("../../worker/gate.ts") = await import(fresh);
  const euid = newEuid();
  await runInDurableObject(env.MAILBOX.getByName(euid), async (_, { storage }) => {
    const rows = new Rows(storage);
    rows.add({ euid, contacts: [["email", "a@b.c"]], requestId: "r" }, Date.now());
    expect(await new Gate(rows, ENV).ask()).toBe(false);
  });
  globalThis.fetch = emulator.fetch;
  await ringOffice();
  await ringOffice();
  expect(await health()).toMatchObject({ message: "ok" });
});

it("a user who was forgotten in the pause does not keep it up", async () => {
  globalThis.fetch = elsewhere.fetch;
  const euid = newEuid();
  await set(euid, { email: "a@b.c" });
  expect((await ask(`/v1/user/contact/${euid}`, { method: "DELETE", token: OPERATOR })).status).toBe(200);
  await ringOffice();
  await ringOffice();
  expect(await health()).toMatchObject({ message: "ok", data: { waiting: 0 } });
  globalThis.fetch = emulator.fetch;
  expect((await set(newEuid(), { email: "a@b.c" })).status).toBe(200);
});

it("a mailbox that the office has forgotten asks by itself", async () => {
  globalThis.fetch = elsewhere.fetch;
  const euid = newEuid();
  await set(euid, { email: "a@b.c" });
  await runInDurableObject(env.OFFICE.getByName("office"), async (_, { storage }) => {
    storage.sql.exec("DELETE FROM mailbox");
    storage.kv.delete("paused");
    await storage.deleteAlarm();
  });
  globalThis.fetch = emulator.fetch;
  await runInDurableObject(env.MAILBOX.getByName(euid), async (mailbox, { storage }) => {
    storage.kv.put("recheck", 0);
    await mailbox.alarm();
  });
  expect(await states(euid)).toMatchObject({ email: { state: "delivered" } });
});

it("/healthz is public, says only whether it works, and does not ask the office each time", async () => {
  const asked = vi.spyOn(env.OFFICE, "getByName");
  for (let i = 0; i < 3; i++) {
    const { status, envelope, headers } = await ask("/healthz", { headers: { authorization: "none" } });
    expect({ status, envelope }).toEqual({ status: 200, envelope: { code: 0, message: "ok" } });
    expect(headers.get("cache-control")).toBe("public, max-age=5");
  }
  expect(asked.mock.calls.length).toBeLessThanOrEqual(1);
  expect((await ask("/healthz", { token: OPERATOR })).headers.get("cache-control")).toBe("no-store");
});
