/** Refused credentials of the gateway, and health. */
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { createEmulator } from "../../src/emulator.ts";
import {
  alarmIn,
  ask,
  CONFLICT,
  delivered,
  emulator,
  eventually,
  FAILED,
  failRegistry,
  LATER,
  lines,
  newEuid,
  OPERATOR,
  outbox,
  park,
  pass,
  ring,
  set,
  states,
  withStorage,
} from "./support.ts";

/** The account's secret has been changed. */
const elsewhere = createEmulator({ apiSecret: "changed" });

const health = async () => (await ask("/healthz", { token: OPERATOR })).envelope;
const healthIs = (expected: object) => eventually(async () => expect(await health()).toMatchObject(expected));

describe("refused credentials", () => {
  it("one refusal stops all outboxes; probes detect when they are accepted again; attempts don't count", async () => {
    elsewhere.reset();
    globalThis.fetch = elsewhere.fetch;
    const euids = Array.from({ length: 20 }, newEuid);
    for (const euid of euids) {
      expect(await set(euid, { mobile_phone: euid })).toMatchObject({ status: 202, envelope: { message: "stored" } });
    }
    expect(elsewhere.requests).toHaveLength(1);
    const [first = "", second = ""] = euids;
    expect(await states(first)).toMatchObject({
      mobile_phone: { state: "pending", attempts: 0, lastError: { kind: "api", code: 40050 } },
    });
    expect(lines).toContainEqual(expect.objectContaining({ outcome: "credentials", code: 40050 }));
    await healthIs({
      message: "degraded",
      data: { pending: 20, breaker: "open", credentialsRefusedAt: expect.stringMatching(/Z$/) },
    });
    // One probe per 30 s, from whichever outbox comes first.
    await ring(first);
    expect(elsewhere.requests).toHaveLength(2);
    await runInDurableObject(outbox(second), (object) => object.alarm());
    expect(elsewhere.requests).toHaveLength(2);
    expect(await states(first)).toMatchObject({ mobile_phone: { attempts: 0 } });

    globalThis.fetch = emulator.fetch;
    for (const euid of euids) await ring(euid);
    for (const euid of euids) await delivered(euid, { mobile_phone: euid });
    await healthIs({ message: "ok", data: { pending: 0, breaker: "closed" } });
    expect(Object.hasOwn((await health()).data as object, "credentialsRefusedAt")).toBe(false);
  });

  it("outboxes wait with jitter, longer each time, and at most 10 min", async () => {
    globalThis.fetch = elsewhere.fetch;
    const euid = newEuid();
    await set(euid, { mobile_phone: "1" }, LATER);
    await eventually(async () =>
      expect(await states(euid)).toMatchObject({ mobile_phone: { lastError: { code: 40050 } } }),
    );
    for (const [least, most] of [
      [30, 60],
      [60, 120],
      [120, 240],
      [240, 480],
      [300, 600],
      [300, 600],
    ] as const) {
      const wait = ((await alarmIn(euid)) ?? 0) / 1000;
      expect(wait).toBeGreaterThan(least - 2);
      expect(wait).toBeLessThanOrEqual(most);
      await ring(euid);
    }
    expect(await states(euid)).toMatchObject({ mobile_phone: { state: "pending", attempts: 0 } });
  });

  it("an attempt without an answer does not close the breaker, nor does one that expires", async () => {
    globalThis.fetch = elsewhere.fetch;
    const [euid, expiring, other] = [newEuid(), newEuid(), newEuid()];
    emulator.fail(FAILED);
    globalThis.fetch = emulator.fetch;
    await set(expiring, { mobile_phone: "1" });
    await withStorage(expiring, (storage) => {
      const box = storage.kv.get("box") as { deliveries: Map<string, object> };
      for (const [name, delivery] of box.deliveries) box.deliveries.set(name, { ...delivery, attempts: 199 });
      storage.kv.put("box", box);
    });
    globalThis.fetch = elsewhere.fetch;
    await set(euid, { mobile_phone: "1" });
    globalThis.fetch = emulator.fetch;
    emulator.fail(FAILED, 2);
    pass(31_000);
    await ring(expiring); // the probe
    expect(await states(expiring)).toMatchObject({ mobile_phone: { state: "parked", reason: "expired" } });
    const before = emulator.requests.length;
    await set(other, { mobile_phone: "1" });
    expect(emulator.requests).toHaveLength(before);
    expect(await health()).toMatchObject({ message: "degraded" });
  });

  it("a clock that is set back does not keep the breaker open", async () => {
    globalThis.fetch = elsewhere.fetch;
    await set(newEuid(), { mobile_phone: "1" });
    globalThis.fetch = emulator.fetch;
    pass(-3_600_000);
    expect((await set(newEuid(), { mobile_phone: "2" })).status).toBe(200);
  });
});

describe("/healthz", () => {
  it("reports pending and parked counts to operators only", async () => {
    const [waiting, other] = [newEuid(), newEuid()];
    emulator.fail(FAILED);
    await set(waiting, { mobile_phone: "1" });
    await park(other);
    await healthIs({ message: "ok", data: { pending: 1, parked: 1, breaker: "closed" } });
    const { envelope, headers } = await ask("/healthz", { headers: { authorization: "" } });
    expect(envelope).toEqual({ code: 0, message: "ok" });
    expect(headers.get("cache-control")).toBe("public, max-age=5");
    await ring(waiting);
    await healthIs({ data: { pending: 0 } });
  });

  it("503 if the registry fails, and the next operator's request asks it again", async () => {
    await failRegistry("health");
    expect(await ask("/healthz", { token: OPERATOR })).toMatchObject({ status: 503, envelope: { code: 503000 } });
    expect((await ask("/healthz")).status).toBe(503); // cached for some seconds
    expect((await ask("/healthz", { token: OPERATOR })).status).toBe(200);
    expect((await ask("/healthz")).status).toBe(200);
  });

  it("a conflict does not open the breaker", async () => {
    emulator.fail(CONFLICT);
    await set(newEuid(), { email: "a@b.c" });
    expect(await health()).toMatchObject({ message: "ok" });
  });
});
