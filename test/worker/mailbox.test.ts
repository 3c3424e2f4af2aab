import { abortAllDurableObjects, env, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { RecordedRequest } from "../../src/emulator.ts";
import { ATTEMPT_LIMIT } from "../../worker/decide.ts";
import {
  alarmIn,
  ask,
  CONFLICT,
  emulator,
  forget,
  LATER,
  lines,
  newEuid,
  OPERATOR,
  park,
  parked,
  pass,
  ring,
  ringOffice,
  set,
  states,
  stored,
} from "./support.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
const DEAD = { broken: "connection" } as const;
/** It says nothing of the values, and nobody works on them any more. */
const FAILED = { status: 500 } as const;

const bodies = (): unknown[] => emulator.requests.map(({ body }: RecordedRequest) => JSON.parse(body).contacts);

async function delivered(euid: string, contacts: Record<string, string>): Promise<void> {
  await vi.waitFor(() => expect(Object.fromEntries(emulator.contacts.get(euid) ?? [])).toEqual(contacts), 3_000);
}

// What is parked would be tried again by the next test.
afterEach(async () => {
  for (const euid of await parked()) await forget(euid);
});

describe("what a caller is told", () => {
  it("200 where EngageLab answered 0; the value itself is kept no longer", async () => {
    const euid = newEuid();
    const { status, envelope } = await set(euid, { email: "a@b.c" });
    expect({ status, envelope }).toEqual({ status: 200, envelope: { code: 0, message: "success" } });
    expect(await states(euid)).toEqual({ email: { state: "delivered", attempts: 1, since: expect.any(String) } });
    expect(await stored(euid)).toHaveLength(2);
    expect(JSON.stringify(await stored(euid))).not.toContain("a@b.c");
  });

  it("202 with Prefer: respond-async, and it is delivered", async () => {
    const euid = newEuid();
    const { status, envelope, headers } = await set(euid, { email: "a@b.c" }, LATER);
    expect({ status, envelope }).toEqual({ status: 202, envelope: { code: 0, message: "stored" } });
    expect(headers.get("preference-applied")).toBe("respond-async");
    await delivered(euid, { email: "a@b.c" });
    await vi.waitFor(async () => expect(await states(euid)).toMatchObject({ email: { state: "delivered" } }));
    expect(lines).toContainEqual(expect.objectContaining({ euid, outcome: "delivered", attempts: 1 }));
  });

  it.each([
    ["a dead upstream", DEAD],
    ["HTML", { body: "<html>", status: 200 }],
    ["an empty 500", { status: 500 }],
    ["a body cut off", { broken: "body" }],
    ["an unknown code with 503", { status: 503, body: '{"code":7,"message":"busy"}' }],
  ] as const)("202 after %s, and it is delivered later", async (_name, fault) => {
    const euid = newEuid();
    emulator.fail(fault);
    expect((await set(euid, { email: "a@b.c" })).status).toBe(202);
    expect(emulator.requests).toHaveLength(1);
    expect(await states(euid)).toMatchObject({ email: { state: "pending", attempts: 1 } });
    await ring(euid);
    await delivered(euid, { email: "a@b.c" });
  });

  it("409 with the refused name where the others were set; nothing of it is kept", async () => {
    const euid = newEuid();
    await set(newEuid(), { email: "taken@b.c" });
    const { status, envelope } = await set(euid, { email: "taken@b.c", mobile_phone: "1" });
    expect({ status, envelope }).toEqual({ status: 409, envelope: { code: 55014, message: "Contact exists: email" } });
    expect(await states(euid)).toEqual({ mobile_phone: expect.objectContaining({ state: "delivered" }) });
    expect(await parked()).not.toContain(euid);
  });

  it("422 where one name has another code than 55014", async () => {
    const REFUSED = { status: 400, body: '{"code":77,"message":"no"}' };
    emulator.fail(CONFLICT, 2);
    emulator.fail(REFUSED);
    const { status, envelope } = await set(newEuid(), { email: "a@b.c", mobile_phone: "1", landline_phone: "2" });
    expect({ status, envelope }).toEqual({
      status: 422,
      envelope: { code: 77, message: "no: email, mobile_phone" },
    });
  });

  it("400 where one user would have more than 100 names", async () => {
    const euid = newEuid();
    const names = (from: number) => Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`name${from + i}`, "x"]));
    for (let from = 0; from < 100; from += 20) expect((await set(euid, names(from))).status).toBe(200);
    expect(await set(euid, { name100: "x" })).toMatchObject({ status: 400, envelope: { code: 400000 } });
    expect((await set(euid, { name99: "y" })).status).toBe(200);
    expect(Object.keys(await states(euid))).toHaveLength(100);
  });

  it("503 where the mailbox fails, never 202", async () => {
    const MAILBOX = { getByName: () => ({ put: () => Promise.reject(new Error("overloaded")) }) };
    const broken = { env: { MAILBOX: MAILBOX as unknown as typeof env.MAILBOX } };
    for (const asked of [broken, { ...broken, ...LATER }]) {
      const { status, envelope } = await set(newEuid(), { email: "a@b.c" }, asked);
      expect({ status, code: envelope.code }).toEqual({ status: 503, code: 503000 });
    }
  });
});

describe("order", () => {
  it("a value that comes during a request is sent after it, and an older one never after a newer", async () => {
    const euid = newEuid();
    emulator.fail({ delay: 200 });
    const first = set(euid, { email: "old@b.c" });
    await vi.waitFor(() => expect(emulator.requests).toHaveLength(1));
    expect((await set(euid, { email: "new@b.c" })).status).toBe(202);
    expect((await first).status).toBe(200);
    await delivered(euid, { email: "new@b.c" });
    expect(bodies()).toEqual([{ email: "old@b.c" }, { email: "new@b.c" }]);
    await vi.waitFor(async () => expect(await states(euid)).toMatchObject({ email: { state: "delivered" } }));
  });

  it("a call behind a pending one of the same name is stored, one of another name is delivered", async () => {
    const euid = newEuid();
    emulator.fail(FAILED);
    expect((await set(euid, { email: "a@b.c" })).status).toBe(202);
    expect((await set(euid, { mobile_phone: "1" })).status).toBe(200);
    emulator.fail({ delay: 50 });
    expect((await set(euid, { email: "b@b.c" })).status).toBe(202);
    await delivered(euid, { email: "b@b.c", mobile_phone: "1" });
  });

  it("what two callers send at once is not merged, and does not overlap", async () => {
    const euid = newEuid();
    emulator.fail({ delay: 50 }, 2);
    const answers = await Promise.all([set(euid, { email: "a@b.c" }), set(euid, { mobile_phone: "1" })]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(bodies()).toEqual([{ email: "a@b.c" }, { mobile_phone: "1" }]);
  });

  it("what one caller sends together goes out together", async () => {
    const euid = newEuid();
    emulator.fail(DEAD);
    await set(euid, { email: "a@b.c", mobile_phone: "1" });
    await ring(euid);
    expect(bodies()).toEqual(Array(2).fill({ email: "a@b.c", mobile_phone: "1" }));
  });

  it("who waits for a value that was replaced is told at once", async () => {
    const euid = newEuid();
    emulator.fail({ delay: 1_000 });
    const first = set(euid, { email: "1@b.c" });
    await vi.waitFor(() => expect(emulator.requests).toHaveLength(1));
    const second = set(euid, { mobile_phone: "2" });
    await scheduler.wait(20);
    const third = set(euid, { mobile_phone: "3" }, LATER);
    await Promise.all([second, third]);
    expect(emulator.contacts.get(euid)).toBeUndefined(); // the first still runs
    expect((await second).status).toBe(202);
    expect((await first).status).toBe(200);
  });

  it("who waits behind others is told after some seconds that it is stored", async () => {
    const euid = newEuid();
    emulator.fail({ delay: 200 });
    const first = set(euid, { email: "a@b.c" });
    await vi.waitFor(() => expect(emulator.requests).toHaveLength(1));
    const second = set(euid, { mobile_phone: "1" });
    await scheduler.wait(20);
    pass(5_000);
    expect((await first).status).toBe(200);
    expect((await second).status).toBe(202);
    await ring(euid);
    await delivered(euid, { email: "a@b.c", mobile_phone: "1" });
  });

  it("200 concurrent updates of one EUID: one request at a time, and the newest stands", async () => {
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
    const sent = emulator.requests.map(({ body }) => Number.parseInt(JSON.parse(body).contacts.email, 10));
    expect(sent).toEqual(sent.toSorted((a, b) => a - b));
  });

  it("a replaced object's request may still run: nothing is sent before its lease has passed", async () => {
    const euid = newEuid();
    emulator.fail({ delay: 1_000 });
    const lost = set(euid, { email: "a@b.c" }).catch(() => undefined);
    await vi.waitFor(() => expect(emulator.requests).toHaveLength(1));
    await abortAllDurableObjects();
    expect((await lost)?.status).toBe(503);
    expect((await set(euid, { mobile_phone: "1" })).status).toBe(202);
    expect(await alarmIn(euid)).toBeGreaterThan(5_000);
    expect(emulator.requests).toHaveLength(1);
    // Nobody knows what came of it.
    emulator.fail(CONFLICT);
    await ring(euid);
    expect(await states(euid)).toMatchObject({ email: { state: "parked", reason: "set_or_conflicting" } });
  });
});

describe("the alarm", () => {
  it("is set after each of twenty failures in a row", async () => {
    const euid = newEuid();
    emulator.fail(FAILED, 20);
    await set(euid, { email: "a@b.c" });
    for (let attempts = 1; attempts <= 20; attempts++) {
      expect(await states(euid)).toMatchObject({ email: { state: "pending", attempts } });
      const wait = (await alarmIn(euid)) ?? 0;
      const longest = Math.min(10 * MINUTE, 1_000 * 2 ** (attempts - 1));
      expect(wait).toBeGreaterThan(longest / 2 - 500);
      expect(wait).toBeLessThanOrEqual(longest);
      await ring(euid);
    }
    await delivered(euid, { email: "a@b.c" });
  });

  it("is set where its handler fails, and the value is delivered once that is mended", async () => {
    const euid = newEuid();
    emulator.fail(FAILED);
    await set(euid, { email: "a@b.c" });
    const [, [key = "", row] = []] = (await stored(euid)).sort(([one], [other]) => (one < other ? 1 : -1));
    const put = (value: unknown) =>
      runInDurableObject(env.MAILBOX.getByName(euid), (_, { storage }) => storage.kv.put(key, value));
    await put(null); // such a row can't be read
    await abortAllDurableObjects();
    for (let i = 0; i < 8; i++) {
      await runInDurableObject(env.MAILBOX.getByName(euid), (mailbox) => mailbox.alarm());
      expect(await alarmIn(euid)).toBeGreaterThan(5_000);
    }
    await put(row);
    await abortAllDurableObjects();
    await ring(euid);
    await delivered(euid, { email: "a@b.c" });
  });

  it("is set anew by a look, should the platform have lost it", async () => {
    const euid = newEuid();
    emulator.fail(FAILED);
    await set(euid, { email: "a@b.c" });
    await runInDurableObject(env.MAILBOX.getByName(euid), (_, { storage }) => storage.deleteAlarm());
    pass(MINUTE);
    expect(await alarmIn(euid)).toBeUndefined();
    await states(euid);
    await ring(euid);
    await delivered(euid, { email: "a@b.c" });
  });

  it("an office that does not answer holds nothing up for long", async () => {
    const euid = newEuid();
    await runInDurableObject(env.OFFICE.getByName("office"), (office) => {
      vi.spyOn(Object.getPrototypeOf(office), "list").mockImplementationOnce(() => new Promise(() => {}));
    });
    emulator.fail(CONFLICT);
    await set(euid, { email: "a@b.c" }, LATER);
    await vi.waitFor(() => expect(lines.map(({ outcome }) => outcome)).toContain("postponed"), 5_000);
    expect((await set(euid, { mobile_phone: "1" })).status).toBe(200);
    await ring(euid);
    expect(await parked()).toContain(euid);
    expect((await set(euid, { email: "b@b.c" })).status).toBe(200);
  });

  it("after what is kept long enough, the storage is deleted, and can be used again", async () => {
    const euid = newEuid();
    await set(euid, { email: "a@b.c" });
    expect(await alarmIn(euid)).toBeGreaterThan(29 * DAY);
    await ring(euid);
    expect(await stored(euid)).toEqual([]);
    expect(await alarmIn(euid)).toBeUndefined();
    expect((await set(euid, { email: "b@b.c" })).status).toBe(200);
    expect(await states(euid)).toMatchObject({ email: { state: "delivered" } });
  });
});

it.each([
  ["a 504", { status: 504 }],
  ["a 504 with a code that nobody knows", { status: 504, body: '{"code":504,"message":"upstream timed out"}' }],
  ["a broken connection", DEAD],
  ["a 524", { status: 524 }],
  ["a 524 with a code that nobody knows", { status: 524, body: '{"code":524,"message":"a timeout occurred"}' }],
])(
  "after %s, somebody may still work on the request: a newer value waits until that must have ended",
  async (_name, fault) => {
    const euid = newEuid();
    emulator.fail(fault);
    expect((await set(euid, { email: "old@b.c" })).status).toBe(202);
    expect((await set(euid, { email: "new@b.c" })).status).toBe(202);
    expect(emulator.requests).toHaveLength(1);
    expect(await alarmIn(euid)).toBeGreaterThan(ATTEMPT_LIMIT);
    await forget(euid);
  },
);

describe("throttling", () => {
  it.each(["0", "Sun, 06 Nov 1994 08:49:37 GMT"])("with Retry-After: %s, the wait is the usual one", async (after) => {
    const euid = newEuid();
    emulator.fail({ status: 503, headers: { "retry-after": after } });
    await set(euid, { email: "a@b.c" });
    expect(emulator.requests).toHaveLength(1);
    expect(await alarmIn(euid)).toBeGreaterThan(300);
    await forget(euid);
  });

  it("with a refusal: what else there is of this EUID waits all the same", async () => {
    const euid = newEuid();
    emulator.fail({ ...CONFLICT, status: 429, headers: { "retry-after": "60" } });
    expect((await set(euid, { email: "a@b.c" })).status).toBe(409);
    expect((await set(euid, { mobile_phone: "1" })).status).toBe(202);
    expect(emulator.requests).toHaveLength(1);
    expect(await alarmIn(euid)).toBeGreaterThan(50_000);
    await forget(euid);
  });

  it("with Retry-After: nothing of this EUID is sent before", async () => {
    const euid = newEuid();
    emulator.fail({ status: 429, headers: { "retry-after": "2" } });
    const started = Date.now();
    expect((await set(euid, { email: "a@b.c" })).status).toBe(202);
    expect((await set(euid, { mobile_phone: "1" })).status).toBe(202);
    expect(emulator.requests).toHaveLength(1);
    await vi.waitFor(() => expect(emulator.requests.length).toBeGreaterThan(1), 4_000);
    expect(Date.now() - started).toBeGreaterThanOrEqual(1_900);
    await delivered(euid, { email: "a@b.c", mobile_phone: "1" });
  });

  it("with a Retry-After of years: a day", async () => {
    const euid = newEuid();
    emulator.fail({ status: 503, headers: { "retry-after": "999999999" } });
    await set(euid, { email: "a@b.c" });
    expect(await alarmIn(euid)).toBeGreaterThan(DAY - MINUTE);
    expect(await alarmIn(euid)).toBeLessThanOrEqual(DAY);
  });

  it("without Retry-After: the whole EUID waits", async () => {
    const euid = newEuid();
    emulator.fail({ status: 429 });
    await set(euid, { email: "a@b.c" });
    expect((await set(euid, { mobile_phone: "1" })).status).toBe(202);
    expect(emulator.requests).toHaveLength(1);
    await delivered(euid, { email: "a@b.c", mobile_phone: "1" });
  });
});

describe("parked", () => {
  it("a conflict of one name does not hold back the others; retried by hand it is delivered", async () => {
    const euid = newEuid();
    const other = newEuid();
    await set(other, { email: "mine@b.c" });
    await set(euid, { email: "mine@b.c", mobile_phone: "1", landline_phone: "2" }, LATER);
    await vi.waitFor(async () => expect(await parked()).toContain(euid));
    expect(await states(euid)).toMatchObject({
      email: { state: "parked", reason: "conflict" },
      mobile_phone: { state: "delivered" },
      landline_phone: { state: "delivered" },
    });
    const retry = () => ask(`/parked/${euid}/retry`, { method: "POST", token: OPERATOR });
    expect((await retry()).status).toBe(202);
    await vi.waitFor(() => expect(bodies().at(-1)).toEqual({ email: "mine@b.c" }));
    await set(other, { email: "another@b.c" });
    expect((await retry()).status).toBe(202);
    await delivered(euid, { email: "mine@b.c", mobile_phone: "1", landline_phone: "2" });
    await vi.waitFor(async () => expect(await parked()).not.toContain(euid));
    expect((await retry()).status).toBe(404);
  });

  it("a refusal after an attempt in doubt: the value may be set", async () => {
    const euid = newEuid();
    emulator.fail({ ...DEAD, applied: true });
    emulator.fail(CONFLICT);
    await set(euid, { email: "a@b.c" });
    await ring(euid);
    expect(await states(euid)).toMatchObject({ email: { state: "parked", reason: "set_or_conflicting" } });
    // The same value, sent again: still nobody can say that it was refused.
    emulator.fail(CONFLICT);
    lines.length = 0;
    expect((await set(euid, { email: "a@b.c" })).status).toBe(202);
    expect(lines.map(({ outcome }) => outcome)).toEqual(["parked set_or_conflicting", "stored"]);
    expect(await states(euid)).toMatchObject({ email: { state: "parked", reason: "set_or_conflicting" } });
    emulator.fail(CONFLICT);
    expect((await set(euid, { email: "other@b.c" })).status).toBe(409);
  });

  it("the same value during an attempt that ends in doubt is in doubt, too", async () => {
    const euid = newEuid();
    emulator.fail({ ...DEAD, applied: true, delay: 100 });
    emulator.fail(CONFLICT);
    const first = set(euid, { email: "a@b.c" });
    await vi.waitFor(() => expect(emulator.requests).toHaveLength(1));
    expect((await set(euid, { email: "a@b.c" })).status).toBe(202);
    await first;
    await ring(euid);
    expect(await states(euid)).toMatchObject({ email: { reason: "set_or_conflicting" } });
  });

  it("an answer with 429 leaves no doubt", async () => {
    const euid = newEuid();
    emulator.fail({ status: 429 });
    emulator.fail(CONFLICT);
    await set(euid, { email: "a@b.c" });
    await ring(euid);
    expect(await states(euid)).toMatchObject({ email: { state: "parked", reason: "conflict" } });
  });

  it("after a day in vain: listed, retried by hand, delivered", async () => {
    const euid = newEuid();
    emulator.fail(DEAD, 2);
    await set(euid, { email: "a@b.c" });
    pass(DAY);
    await ring(euid);
    expect(await states(euid)).toMatchObject({ email: { state: "parked", reason: "expired", attempts: 2 } });
    expect(await parked()).toContain(euid);
    pass(MINUTE);
    expect((await ask("/parked/retry", { method: "POST", token: OPERATOR })).status).toBe(202);
    await ringOffice();
    // The day begins anew.
    emulator.fail(FAILED);
    await ring(euid);
    expect(await states(euid)).toMatchObject({ email: { state: "pending", attempts: 1 } });
    await ring(euid);
    await delivered(euid, { email: "a@b.c" });
    await vi.waitFor(async () => expect(await parked()).not.toContain(euid));
  });

  it("a newer value replaces a parked one and its entry in the list", async () => {
    const euid = newEuid();
    await park(euid);
    expect((await set(euid, { email: "b@b.c" })).status).toBe(200);
    await vi.waitFor(async () => expect(await parked()).not.toContain(euid));
  });

  it("a refused value leaves what it would have replaced as it was: somebody was promised that", async () => {
    const euid = newEuid();
    await park(euid, "old@b.c");
    await set(euid, { mobile_phone: "1" });
    const before = await states(euid);
    emulator.fail(CONFLICT, 4);
    const refused = { email: "new@b.c", mobile_phone: "2", landline_phone: "3" };
    expect((await set(euid, refused)).status).toBe(409);
    expect(await states(euid)).toEqual(before);
    expect(await parked()).toContain(euid);
    expect((await ask(`/parked/${euid}/retry`, { method: "POST", token: OPERATOR })).status).toBe(202);
    await delivered(euid, { email: "old@b.c", mobile_phone: "1" });
  });

  it("another code after an attempt in doubt is no refusal: the value may be set", async () => {
    const euid = newEuid();
    emulator.fail({ ...DEAD, applied: true });
    emulator.fail(CONFLICT);
    await set(euid, { email: "a@b.c" });
    await ring(euid);
    emulator.fail({ status: 400, body: '{"code":77,"message":"no"}' });
    expect((await set(euid, { email: "a@b.c" })).status).toBe(202);
    expect(await states(euid)).toMatchObject({ email: { state: "parked", reason: "refused" } });
  });

  it("stays on the list, or comes back to it, whatever becomes of a call to the office", async () => {
    const euid = newEuid();
    await set(euid, { email: "a@b.c" });
    // The office forgets late, and its answer is lost; meanwhile something is parked.
    await runInDurableObject(env.OFFICE.getByName("office"), (office) => {
      const forget = office.forget.bind(office);
      vi.spyOn(Object.getPrototypeOf(office), "forget").mockImplementationOnce(async (...told) => {
        await scheduler.wait(300);
        forget(...(told as Parameters<typeof forget>));
        throw new Error("lost");
      });
    });
    const forgetting = forget(euid);
    await scheduler.wait(50);
    emulator.fail(CONFLICT);
    await set(euid, { email: "b@b.c" }, LATER);
    await vi.waitFor(async () => expect(await states(euid)).toMatchObject({ email: { state: "parked" } }));
    expect((await forgetting).status).toBe(200);
    await ring(euid);
    await vi.waitFor(async () => expect(await parked()).toContain(euid));
    // What was given up comes late.
    await env.OFFICE.getByName("office").list(euid, false, Date.now() - MINUTE);
    await env.OFFICE.getByName("office").forget(euid, Date.now() - MINUTE);
    expect(await parked()).toContain(euid);
  });

  it("leaves the list also where its object has moved to a machine whose clock is behind", async () => {
    const euid = newEuid();
    await park(euid);
    await abortAllDurableObjects();
    pass(-2_000);
    expect((await set(euid, { email: "b@b.c" })).status).toBe(200);
    await vi.waitFor(async () => expect(await parked()).not.toContain(euid));
  });

  it("leaves the list also where the office's answer was lost", async () => {
    const euid = newEuid();
    emulator.fail(CONFLICT);
    await runInDurableObject(env.OFFICE.getByName("office"), (office) => {
      const list = office.list.bind(office);
      vi.spyOn(Object.getPrototypeOf(office), "list").mockImplementationOnce((...told) => {
        list(...(told as Parameters<typeof list>));
        throw new Error("lost");
      });
    });
    await set(euid, { email: "a@b.c" }, LATER);
    await vi.waitFor(async () => expect(await parked()).toContain(euid));
    await abortAllDurableObjects(); // it would try again in 7 s
    expect((await set(euid, { email: "b@b.c" })).status).toBe(200);
    await vi.waitFor(async () => expect(await parked()).not.toContain(euid));
  });

  it("is removed after KEEP_DAYS, with a line in the log", async () => {
    const euid = newEuid();
    await park(euid);
    await ring(euid);
    expect(await states(euid)).toEqual({});
    expect(await parked()).not.toContain(euid);
    expect(lines).toContainEqual({ euid, outcome: "parked value removed", name: "email" });
  });

  it("the list has pages", async () => {
    const office = env.OFFICE.getByName("office");
    const euids = Array.from({ length: 250 }, newEuid);
    for (const euid of euids) await office.list(euid, true, Date.now());
    const found: string[] = [];
    let after: string | undefined = "";
    while (after !== undefined) {
      const { envelope } = await ask(`/parked?after=${after}`, { token: OPERATOR });
      const page = envelope.data as { euids: string[]; next?: string };
      expect(page.euids.length).toBeLessThanOrEqual(100);
      found.push(...page.euids);
      after = page.next;
    }
    expect(found).toEqual(expect.arrayContaining(euids));
    for (const euid of euids) await office.list(euid, false, Date.now());
    expect(await parked()).toEqual([]);
  });
});

describe("forgetting", () => {
  it("takes all that is held, the entry in the list too; what was in flight leaves no trace", async () => {
    const euid = newEuid();
    await park(euid);
    emulator.fail({ delay: 100 });
    const running = set(euid, { mobile_phone: "1" });
    await vi.waitFor(() => expect(emulator.requests).toHaveLength(2));
    expect((await forget(euid)).status).toBe(200);
    expect((await running).status).toBe(200);
    expect(await states(euid)).toEqual({});
    await vi.waitFor(async () => expect(await parked()).not.toContain(euid));
    expect(await stored(euid)).toEqual([]);
  });

  it("leaves the lease: a request that has timed out may still run", async () => {
    const euid = newEuid();
    emulator.fail({ status: 504 });
    await set(euid, { email: "a@b.c" });
    expect((await forget(euid)).status).toBe(200);
    await abortAllDurableObjects();
    expect((await set(euid, { email: "b@b.c" })).status).toBe(202);
    expect(emulator.requests).toHaveLength(1);
    // Once that has ended, the storage goes.
    await forget(euid);
    expect(await alarmIn(euid)).toBeGreaterThan(ATTEMPT_LIMIT - 1_000);
    await ring(euid);
    expect(await stored(euid)).toEqual([]);
  });

  it("is answered though updates of this user keep coming", async () => {
    const euid = newEuid();
    await set(euid, { email: "a@b.c" });
    emulator.fail({ delay: 50 }, 200);
    let answered = false;
    const forgetting = forget(euid).then(() => {
      answered = true;
    });
    for (let i = 0; i < 100 && !answered; i++) {
      await set(euid, { [`name${i % 3}`]: String(i) }, LATER);
      await scheduler.wait(10);
      if (i === 10) pass(5_000);
    }
    expect(answered).toBe(true);
    await forgetting;
    await forget(euid);
  });

  it("asking for the state, or forgetting, of a user who is not known creates nothing", async () => {
    const euid = newEuid();
    expect(await states(euid)).toEqual({});
    expect((await forget(euid)).status).toBe(200);
    expect((await ask(`/parked/${euid}/retry`, { method: "POST", token: OPERATOR })).status).toBe(404);
    expect(await stored(euid)).toEqual([]);
    expect(await alarmIn(euid)).toBeUndefined();
  });
});

it("the office's alarm does nothing where there is nothing to do", async () => {
  await ringOffice();
  expect(await ringOffice()).toBe(false);
});
