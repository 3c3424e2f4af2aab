/** EngageLab refuses the gateway's own credentials. */
import { env, runInDurableObject } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import { createEmulator } from "../../src/emulator.ts";
import { Store } from "../../worker/store.ts";
import {
  ask,
  CONFLICT,
  ENV,
  emulator,
  forget,
  LATER,
  lines,
  made,
  newEuid,
  OPERATOR,
  park,
  parked,
  pass,
  ring,
  ringOffice,
  set,
  states,
} from "./support.ts";

const DAY = 86_400_000;
const UNANSWERED = { status: 502 } as const;

/** An account whose secret has been changed. */
const elsewhere = createEmulator({ apiSecret: "changed" });

async function health(): Promise<unknown> {
  return (await ask("/healthz", { token: OPERATOR })).envelope;
}

const degraded = async () => expect(await health()).toMatchObject({ message: "degraded" });
const ok = () => vi.waitFor(async () => expect(await health()).toMatchObject({ message: "ok" }), 3_000);
const requests = ({ requests }: typeof emulator, count: number) =>
  vi.waitFor(() => expect(requests).toHaveLength(count), 3_000);

// What still waits would be woken during the next test, and take the faults that are meant for others.
afterEach(async () => {
  for (const euid of made.splice(0)) await forget(euid);
});

it("pauses for all, asks with one probe at a time, and delivers all once the credentials are right", {
  timeout: 30_000,
}, async () => {
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
  await requests(elsewhere, 2);
  await ringOffice();
  await requests(elsewhere, 3);
  await set(first, { mobile_phone: "newer" }, LATER);
  await set(second, { landline_phone: "2" });
  await ask("/parked/retry", { method: "POST", token: OPERATOR });
  expect(elsewhere.requests).toHaveLength(3);

  globalThis.fetch = emulator.fetch;
  await ringOffice();
  await vi.waitFor(() => expect(emulator.contacts.size).toBe(120), 20_000);
  expect(emulator.contacts.get(first)?.get("mobile_phone")).toBe("newer");
  expect(emulator.contacts.get(second)?.size).toBe(2);
  await vi.waitFor(async () => expect(await health()).toMatchObject({ data: { waiting: 0, parked: 0 } }), 3_000);
  expect(lines.map(({ outcome }) => outcome)).toContain("pause ended");
  expect((await set(newEuid(), { mobile_phone: "1" })).status).toBe(200);
});

it("an answer that says nothing of the credentials does not end it, also where a day is over", async () => {
  const [euid, other] = [newEuid(), newEuid()];
  emulator.fail(UNANSWERED);
  await set(euid, { email: "a@b.c" });
  globalThis.fetch = elsewhere.fetch;
  await set(other, { email: "a@b.c" }); // the pause begins
  await degraded();
  pass(DAY);
  await ring(euid); // it hears of it, a day after it was accepted
  globalThis.fetch = emulator.fetch;
  emulator.fail(UNANSWERED, 2);
  await ringOffice();
  await ring(other);
  await degraded();
  await ringOffice();
  await ring(euid);
  expect(await states(euid)).toMatchObject({ email: { state: "parked", reason: "expired" } });
  await degraded();
  await forget(euid);
  await ringOffice();
  await ring(other);
  expect(await states(other)).toMatchObject({ email: { state: "delivered" } });
  await ok();
});

it("stops the clock of the 24 hours", async () => {
  globalThis.fetch = elsewhere.fetch;
  const euid = newEuid();
  await set(euid, { email: "a@b.c" });
  await degraded();
  pass(3 * DAY);
  globalThis.fetch = emulator.fetch;
  emulator.fail(UNANSWERED, 2);
  await ringOffice();
  await ring(euid);
  await ringOffice();
  await ring(euid);
  expect(emulator.requests).toHaveLength(2);
  expect(await states(euid)).toMatchObject({ email: { state: "pending", attempts: 2 } });
  await ringOffice();
  await ring(euid);
  expect(await states(euid)).toMatchObject({ email: { state: "delivered" } });
  await ok();
});

it("Retry-After holds in a pause, too, and such an answer does not end it", async () => {
  globalThis.fetch = elsewhere.fetch;
  const euid = newEuid();
  await set(euid, { email: "a@b.c" });
  await set(euid, { mobile_phone: "1" });
  globalThis.fetch = emulator.fetch;
  emulator.fail({ status: 429, body: '{"code":99,"message":"slow down"}', headers: { "retry-after": "60" } });
  await ringOffice();
  await requests(emulator, 1);
  await degraded();
  await ringOffice();
  expect(emulator.requests).toHaveLength(1);
  await forget(euid);
  await ringOffice();
  await ok();
});

it("a mailbox that can't try now does not keep the next one from it", async () => {
  globalThis.fetch = elsewhere.fetch;
  const [held, other] = [newEuid(), newEuid()];
  await set(held, { email: "a@b.c" });
  globalThis.fetch = emulator.fetch;
  emulator.fail({ status: 429, headers: { "retry-after": "60" } });
  await ringOffice();
  await requests(emulator, 1);
  await set(other, { email: "c@b.c" });
  await ringOffice();
  await vi.waitFor(() => expect(emulator.contacts.has(other)).toBe(true), 3_000);
  await ok();
  await forget(held);
});

it("nor does one that does not answer", async () => {
  globalThis.fetch = elsewhere.fetch;
  const [silent, other] = [newEuid(), newEuid()];
  await set(silent, { email: "a@b.c" });
  await set(other, { email: "c@b.c" });
  globalThis.fetch = emulator.fetch;
  await runInDurableObject(env.MAILBOX.getByName(silent), (mailbox) => {
    vi.spyOn(Object.getPrototypeOf(mailbox), "wake").mockImplementationOnce(() => new Promise(() => {}));
  });
  await ringOffice();
  await vi.waitFor(() => expect(emulator.contacts.has(other)).toBe(true), 5_000);
  await ok();
});

it("what an operator has retried in a pause is tried when it ends, and not at the next one", async () => {
  const [euid, other] = [newEuid(), newEuid()];
  await park(euid);
  globalThis.fetch = elsewhere.fetch;
  await set(other, { email: "c@b.c" });
  await degraded();
  await ask("/parked/retry", { method: "POST", token: OPERATOR });
  await ringOffice();
  await degraded();
  globalThis.fetch = emulator.fetch;
  await ringOffice();
  await vi.waitFor(() => expect(emulator.contacts.has(euid) && emulator.contacts.has(other)).toBe(true), 3_000);
  await vi.waitFor(async () => expect(await parked()).toEqual([]), 3_000);
  await ok();
});

it("what is retried while its mailbox is being told that the pause is over is tried all the same", async () => {
  const euid = newEuid();
  await park(euid);
  globalThis.fetch = elsewhere.fetch;
  await set(euid, { mobile_phone: "1" });
  globalThis.fetch = emulator.fetch;
  let told = 0;
  await runInDurableObject(env.MAILBOX.getByName(euid), (mailbox) => {
    const { wake } = Object.getPrototypeOf(mailbox);
    vi.spyOn(Object.getPrototypeOf(mailbox), "wake").mockImplementation(async function (this: unknown) {
      const answer = wake.call(this);
      if (++told === 2) await scheduler.wait(300); // the first was the probe
      return answer;
    });
  });
  await ringOffice();
  await vi.waitFor(() => expect(told).toBe(2), 3_000);
  expect((await ask("/parked/retry", { method: "POST", token: OPERATOR })).status).toBe(202);
  await vi.waitFor(() => expect(emulator.contacts.get(euid)?.get("email")).toBe("a@b.c"), 3_000);
  await ok();
});

it("what is retried while, in a pause, the office asks one mailbox after the other is tried all the same", async () => {
  const [silent, euid] = [newEuid(), newEuid()];
  await park(euid);
  globalThis.fetch = elsewhere.fetch;
  await set(silent, { mobile_phone: "1" });
  await set(euid, { mobile_phone: "1" });
  const asked = Promise.withResolvers<void>();
  await runInDurableObject(env.MAILBOX.getByName(silent), (mailbox) => {
    vi.spyOn(Object.getPrototypeOf(mailbox), "wake").mockImplementationOnce(() => {
      asked.resolve();
      return new Promise(() => {});
    });
  });
  const rung = ringOffice();
  await asked.promise;
  expect((await ask("/parked/retry", { method: "POST", token: OPERATOR })).status).toBe(202);
  await rung;
  globalThis.fetch = emulator.fetch;
  await ringOffice();
  await vi.waitFor(() => expect(emulator.contacts.get(euid)?.get("email")).toBe("a@b.c"), 3_000);
  await ok();
});

it("a retry counts, though the answer to the one before comes after it", async () => {
  const euid = newEuid();
  await park(euid);
  const late = Promise.withResolvers<void>();
  await runInDurableObject(env.MAILBOX.getByName(euid), (mailbox) => {
    const { retry } = Object.getPrototypeOf(mailbox);
    vi.spyOn(Object.getPrototypeOf(mailbox), "retry").mockImplementationOnce(async function (this: unknown, ...args) {
      const answer = await retry.apply(this, args);
      await late.promise;
      return answer;
    });
  });
  const retryAll = () => ask("/parked/retry", { method: "POST", token: OPERATOR });
  emulator.fail(CONFLICT);
  await retryAll();
  await requests(emulator, 2);
  await vi.waitFor(async () => expect(await states(euid)).toMatchObject({ email: { state: "parked" } }));
  expect((await retryAll()).status).toBe(202);
  late.resolve();
  await requests(emulator, 3);
  expect(emulator.contacts.get(euid)?.get("email")).toBe("a@b.c");
});

it("where the office does not answer either, not each mailbox tries the credentials", async () => {
  await set(newEuid(), { email: "a@b.c" }); // there is no pause, as far as this isolate knows
  globalThis.fetch = elsewhere.fetch;
  elsewhere.reset();
  await runInDurableObject(env.OFFICE.getByName("office"), (office) => {
    const prototype = Object.getPrototypeOf(office);
    for (const method of ["refused", "hold"]) {
      vi.spyOn(prototype, method).mockImplementation(() => Promise.reject(new Error("overloaded")));
    }
  });
  const euids = Array.from({ length: 5 }, newEuid);
  for (const euid of euids) expect((await set(euid, { email: "a@b.c" })).status).toBe(202);
  for (const euid of euids) await ring(euid);
  expect(elsewhere.requests).toHaveLength(1);
});

it("an answer to what was sent before the pause does not end it", async () => {
  const [early, other] = [newEuid(), newEuid()];
  emulator.fail({ delay: 300 });
  const first = set(early, { email: "a@b.c" });
  await requests(emulator, 1);
  globalThis.fetch = elsewhere.fetch;
  await set(other, { email: "c@b.c" });
  await degraded();
  expect((await first).status).toBe(200);
  await degraded();
  expect(lines.map(({ outcome }) => outcome)).not.toContain("pause ended");
  await forget(other);
  await ringOffice();
  await ok();
});

it("one that has just come to wait is not taken off the list with what it answered before", async () => {
  globalThis.fetch = elsewhere.fetch;
  const euid = newEuid();
  await set(euid, { email: "a@b.c" });
  await forget(euid);
  await env.OFFICE.getByName("office").hold(euid); // as it would, had it something to send
  await runInDurableObject(env.MAILBOX.getByName(euid), (mailbox) => {
    vi.spyOn(Object.getPrototypeOf(mailbox), "wake").mockImplementationOnce(async () => {
      await env.OFFICE.getByName("office").hold(euid);
      return "empty";
    });
  });
  await ringOffice();
  expect(await health()).toMatchObject({ message: "degraded", data: { waiting: 1 } });
  globalThis.fetch = emulator.fetch;
  await ringOffice();
  await ok();
});

it("an isolate that has just started asks whether there is a pause", async () => {
  globalThis.fetch = elsewhere.fetch;
  await set(newEuid(), { email: "a@b.c" });
  const fresh = "../../worker/gate.ts?as-a-new-isolate";
  const { Gate }: typeof import("../../worker/gate.ts") = await import(fresh);
  const euid = newEuid();
  await runInDurableObject(env.MAILBOX.getByName(euid), async (_, { storage }) => {
    const store = new Store(storage);
    store.accept({ euid, contacts: [["email", "a@b.c"]], requestId: "r" }, Date.now());
    expect(await new Gate(store, ENV).ask(euid)).toBe(false);
  });
  globalThis.fetch = emulator.fetch;
  await ringOffice();
  await ok();
});

it("a user who was forgotten in the pause does not keep it up", async () => {
  globalThis.fetch = elsewhere.fetch;
  const euid = newEuid();
  await set(euid, { email: "a@b.c" });
  expect((await forget(euid)).status).toBe(200);
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
    storage.kv.delete("pause");
    await storage.deleteAlarm();
  });
  globalThis.fetch = emulator.fetch;
  await ring(euid);
  expect(await states(euid)).toMatchObject({ email: { state: "delivered" } });
});

it("mailboxes that can't be told keep no other from being told", async () => {
  const office = env.OFFICE.getByName("office");
  const broken = Array.from({ length: 50 }, newEuid);
  for (const euid of broken) await office.list(euid, true, Date.now());
  const euid = newEuid();
  await park(euid);
  const { getByName } = env.MAILBOX;
  const broke = await runInDurableObject(office, (instance) => {
    const { MAILBOX } = Object(instance).env as typeof env;
    return vi.spyOn(MAILBOX, "getByName").mockImplementation((name) => {
      if (!broken.includes(name)) return getByName.call(env.MAILBOX, name);
      return { retry: () => Promise.reject(new Error("broken")) } as unknown as ReturnType<typeof getByName>;
    });
  });
  await ask("/parked/retry", { method: "POST", token: OPERATOR });
  await ringOffice();
  await ringOffice();
  await vi.waitFor(() => expect(emulator.contacts.has(euid)).toBe(true), 3_000);
  broke.mockRestore();
  for (const one of broken) await forget(one);
  expect(await parked()).toEqual([]);
});

it("an entry in the list that is wrong goes with a retry, or with forgetting", async () => {
  const office = env.OFFICE.getByName("office");
  const [one, other, third] = [newEuid(), newEuid(), newEuid()];
  for (const euid of [one, other, third]) await office.list(euid, true, Date.now());
  expect((await ask(`/parked/${one}/retry`, { method: "POST", token: OPERATOR })).status).toBe(404);
  await forget(other);
  expect(await parked()).toEqual([third]);
  await ask("/parked/retry", { method: "POST", token: OPERATOR });
  await vi.waitFor(async () => expect(await parked()).toEqual([]), 3_000);
});

it("slots of the outbound rate are reserved for a minute, so that a mended rate is soon in force", async () => {
  await runInDurableObject(env.OFFICE.getByName("office"), (office) => {
    const slots = Array.from({ length: 200 }, () => office.slot(1));
    expect(slots.filter(({ reserved }) => reserved)).toHaveLength(61);
    expect(Math.max(...slots.map(({ wait }) => wait))).toBeLessThanOrEqual(60_000);
    pass(61_000);
    expect(office.slot(0.0001)).toMatchObject({ reserved: false });
    expect(office.slot(1_000)).toEqual({ wait: 0, reserved: true });
    expect(office.slot(0.0001)).toMatchObject({ reserved: false });
    expect(office.slot(1_000).reserved).toBe(true);
  });
});

it("a failure of the office is known for some seconds, and then asked for again", async () => {
  pass(60_000);
  let asked = 0;
  const OFFICE = {
    getByName: () => ({
      health: () => {
        asked++;
        return Promise.reject(new Error("overloaded"));
      },
    }),
  } as unknown as typeof env.OFFICE;
  const look = () => ask("/healthz", { env: { OFFICE }, headers: { authorization: "none" } });
  for (let i = 0; i < 5; i++) expect((await look()).status).toBe(503);
  expect(asked).toBe(1);
  expect(lines).toMatchObject([{ outcome: "unavailable", error: "Error" }]);
  // One that does not answer is no better.
  pass(6_000);
  const SILENT = { getByName: () => ({ health: () => new Promise(() => {}) }) } as unknown as typeof env.OFFICE;
  expect((await ask("/healthz", { env: { OFFICE: SILENT }, headers: { authorization: "none" } })).status).toBe(503);
  pass(6_000);
  const looks = await Promise.all(Array.from({ length: 10 }, () => ask("/healthz")));
  expect(looks.map(({ status }) => status)).toEqual(Array(10).fill(200));
});

it("/healthz is public, says only whether it works, and does not ask the office each time", async () => {
  pass(120_000);
  const asked = vi.spyOn(env.OFFICE, "getByName");
  for (let i = 0; i < 3; i++) {
    const { status, envelope, headers } = await ask("/healthz", { headers: { authorization: "none" } });
    expect({ status, envelope }).toEqual({ status: 200, envelope: { code: 0, message: "ok" } });
    expect(headers.get("cache-control")).toBe("public, max-age=5");
  }
  expect(asked.mock.calls.length).toBeLessThanOrEqual(1);
  expect((await ask("/healthz", { token: OPERATOR })).headers.get("cache-control")).toBe("no-store");
});
