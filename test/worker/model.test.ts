/**
 * Mailboxes and the office under random events, by a clock that is set ahead from alarm to alarm: letters, retries,
 * forgetting, objects that are replaced, an office that fails, refused credentials, and an EngageLab that fails in many ways.
 */
import { abortAllDurableObjects, env, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { expect, it, vi } from "vitest";
import { LEASE } from "../../worker/decide.ts";
import type { Mailbox } from "../../worker/mailbox.ts";
import type { Office } from "../../worker/office.ts";
import type { Receipt } from "../../worker/receipt.ts";
import type { Row } from "../../worker/rows.ts";
import { createDice, type Dice } from "../kill/dice.ts";
import { newEuid, parked, pass, stored } from "./support.ts";

const SEEDS = 25;
const STEPS = 30;
const NAMES = ["email", "mobile_phone", "whatsapp_phone"];
const DAY = 86_400_000;

/** One value of a letter, and what its caller was told. */
interface Sent {
  readonly euid: string;
  readonly name: string;
  readonly number: number;
  readonly value: string;
  status: number | "none";
  forgotten: boolean;
}

const { getByName } = env.OFFICE;
/** As it is, without the faults that mailboxes meet. */
const office = () => getByName.call(env.OFFICE, "office");
const mailbox = (euid: string) => env.MAILBOX.getByName(euid);
const code = (number: number, status = 400) => new Response(JSON.stringify({ code: number, message: "m" }), { status });

/** EngageLab, which remembers what it applied. */
class Upstream {
  /** By EUID and contact name, the numbers of the letters in their order. */
  readonly applied = new Map<string, number[]>();
  readonly problems: string[] = [];
  /** By EUID, since when a request runs, or until when one of a replaced object may. */
  readonly running = new Map<string, number>();
  readonly leased = new Map<string, number>();
  /** Requests that have been made, but have not left yet. */
  leaving = 0;
  /** How often objects were replaced: what had not left then never does. */
  #replaced = 0;
  #back = 0;
  refusesUs = false;
  readonly #dice: Dice;
  faults: number;

  constructor(dice: Dice) {
    this.#dice = dice;
    this.faults = dice.pick([0.3, 0.6, 1]);
  }

  /** Objects are replaced: nobody waits for these requests any more, but they may still run. */
  abandon(): void {
    this.#replaced++;
    this.leaving = 0; // the storage of an object that is gone may never answer
    for (const [euid, since] of this.running) this.leased.set(euid, since + LEASE - 100);
    this.running.clear();
  }

  /** As on another machine, whose clock is behind. */
  setClockBack(ms: number): void {
    pass(-ms);
    this.#back += ms;
  }

  /** In ms, by a clock that is never set back. */
  #now(): number {
    return Date.now() + this.#back;
  }

  /** @param storage of the mailbox that makes the request */
  async answer(init: RequestInit | undefined, storage: () => Promise<void>): Promise<Response> {
    const dice = this.#dice;
    const since = this.#now();
    const replaced = this.#replaced;
    this.leaving++;
    try {
      await storage(); // as with the platform's own fetch: a request leaves only once what was written before is safe
    } finally {
      if (replaced === this.#replaced) this.leaving--;
    }
    if (replaced !== this.#replaced) throw new Error("the object is gone");
    const { euid, contacts } = JSON.parse(String(init?.body)) as { euid: number; contacts: Record<string, string> };
    const user = String(euid);
    if (this.running.has(user)) this.problems.push(`two requests for ${user} overlap`);
    if ((this.leased.get(user) ?? 0) > this.#now())
      this.problems.push(`a request for ${user} within the lease of another`);
    this.running.set(user, since);
    const { refusesUs } = this;
    const conflicts = Object.values(contacts).some((value) => value.startsWith("conflict"));
    const fault = dice.chance(this.faults) ? dice.below(7) : undefined;
    const applies = !refusesUs && !conflicts && (fault === undefined || (fault < 4 && dice.chance(0.5)));
    const apply = () => {
      for (const [name, value] of Object.entries(contacts)) {
        const key = `${user} ${name}`;
        this.applied.set(key, [...(this.applied.get(key) ?? []), Number(value.split(" ")[1])]);
      }
    };
    const early = dice.chance(0.5);
    if (applies && early) apply();
    if (dice.chance(0.7)) await scheduler.wait(dice.below(8));
    if (applies && !early) apply();
    this.running.delete(user);
    if (refusesUs) return code(40050, 401);
    if (fault === 0) throw new TypeError("the connection breaks");
    if (fault !== undefined && fault < 4) return new Response(null, { status: [500, 502, 504][fault - 1] ?? 500 });
    if (fault === 4)
      return new Response(null, { status: 429, headers: dice.chance(0.5) ? { "retry-after": "5" } : {} });
    if (fault === 5) return code(7, 503);
    if (fault === 6) return code(77); // refused, with a code that nobody knows
    return conflicts ? code(55014) : code(0, 200);
  }
}

/** Has calls of the office fail now and then, before or after it has done what it was asked for. */
function spoil(dice: Dice, faulty: () => boolean): void {
  const namespace: DurableObjectNamespace<Office> = Object.getPrototypeOf(env.OFFICE);
  vi.spyOn(namespace, "getByName").mockImplementation(function (this: DurableObjectNamespace<Office>, name: string) {
    const stub = getByName.call(this, name);
    if (name !== "office") return stub;
    return new Proxy(stub, {
      get:
        (target, method) =>
        async (...args: unknown[]) => {
          if (faulty() && dice.chance(0.1)) throw new Error("before");
          if (dice.chance(0.3)) await scheduler.wait(dice.below(6));
          const result: unknown = await Object(target)[method](...args);
          if (dice.chance(0.3)) await scheduler.wait(dice.below(6));
          if (faulty() && dice.chance(0.1)) throw new Error("after");
          return result;
        },
    });
  });
}

/** The alarm that rings first: of which object, and in how many ms. */
async function firstAlarm(users: readonly string[]) {
  const objects = [office(), ...users.map(mailbox)];
  const alarms = await Promise.all(
    objects.map(async (object: DurableObjectStub<Mailbox | Office>) => {
      const at = await runInDurableObject(object, (_instance, { storage }) => storage.getAlarm());
      return { object, at: at ?? Infinity };
    }),
  );
  return alarms.reduce((one, other) => (other.at < one.at ? other : one));
}

async function run(seed: number): Promise<string[]> {
  const dice = createDice(seed);
  const upstream = new Upstream(dice);
  const users = [newEuid(), newEuid(), newEuid()];
  const sent: Sent[] = [];
  const calls: Promise<unknown>[] = [];
  let number = 0;
  let faulty = true;
  const others = globalThis.fetch;
  globalThis.fetch = (async (...args: Parameters<typeof fetch>) => {
    const { euid } = JSON.parse(String(args[1]?.body)) as { euid: number };
    if (!users.includes(String(euid))) return others(...args);
    return upstream.answer(args[1], () =>
      runInDurableObject(mailbox(String(euid)), (_mailbox, { storage }) => storage.sync()),
    );
  }) as typeof fetch;
  spoil(dice, () => faulty);

  function put(euid: string): void {
    number++;
    const names = NAMES.filter(() => dice.chance(0.5));
    const mine = (names.length > 0 ? names : NAMES).map((name): Sent => {
      const value = `${dice.chance(0.15) ? "conflict" : "value"} ${number}`;
      return { euid, name, number, value, status: "none", forgotten: false };
    });
    sent.push(...mine);
    const contacts = mine.map(({ name, value }) => [name, value] as const);
    const answered = ({ status, envelope }: Receipt) => {
      // Where some were refused, the message names them, and the others are set or stored.
      const [, refused = ""] = envelope.message.split(": ");
      for (const one of mine) {
        one.status = status >= 400 && refused !== "" && !refused.split(", ").includes(one.name) ? 202 : status;
      }
    };
    calls.push(
      mailbox(euid)
        .put({ euid, contacts, requestId: `r${number}` }, dice.chance(0.5))
        .then(answered, () => {}),
    );
  }

  /** @param limit in ms: how far the clock may be set ahead */
  async function tick(limit: number): Promise<boolean> {
    const { object, at } = await firstAlarm(users);
    if (at > Date.now() + limit) return false;
    // What runs is not made to seem longer than it is.
    for (let calm = 0; calm < 4; calm++) {
      await scheduler.wait(6);
      if (upstream.running.size + upstream.leaving > 0) calm = 0;
    }
    pass(Math.max(0, at - Date.now()));
    await runDurableObjectAlarm(object).catch(() => {});
    return true;
  }

  for (let step = 0; step < STEPS; step++) {
    const euid = dice.pick(users);
    const roll = dice.below(100);
    if (roll < 50) put(euid);
    else if (roll < 53) {
      for (const one of sent) if (one.euid === euid) one.forgotten = true;
      calls.push(
        mailbox(euid)
          .forget(euid)
          .catch(() => {}),
      );
    } else if (roll < 57) {
      const everybody = roll === 56;
      calls.push((everybody ? office().retryAll() : mailbox(euid).retry(euid)).catch(() => {}));
    } else if (roll < 58) upstream.refusesUs = !upstream.refusesUs;
    else if (roll < 60) {
      upstream.abandon();
      await abortAllDurableObjects();
      upstream.abandon(); // what began meanwhile
      upstream.setClockBack(dice.below(3_000));
    } else if (roll < 90) await tick(dice.chance(0.5) ? 2 * 3_600_000 : 0);
    if (dice.chance(0.5)) await scheduler.wait(dice.below(4));
  }
  // Everything is well again; nothing is left to do in the end but to remove what is kept for long.
  faulty = false;
  upstream.refusesUs = false;
  upstream.faults = 0;
  const hangs = await Promise.race([Promise.all(calls).then(() => false), scheduler.wait(8_000).then(() => true)]);
  if (hangs) upstream.problems.push("a call hangs");
  let rings = 0;
  while (rings < 300 && (await tick(2 * DAY))) rings++;
  if (rings === 300) upstream.problems.push("it does not come to rest");
  const problems = [...upstream.problems, ...(await findViolations(users, sent, upstream.applied))];
  for (const user of users) await mailbox(user).forget(user); // or the next run's office would wake them
  return problems;
}

/** What the promises of docs/gateway.md forbid. */
async function findViolations(users: readonly string[], sent: readonly Sent[], applied: Upstream["applied"]) {
  const problems: string[] = [];
  const { paused, waiting } = await office().health();
  if (paused !== undefined || waiting > 0) problems.push("the pause does not end");
  const listed = await parked();
  for (const euid of users) {
    const rows = new Map(
      (await stored(euid)).flatMap(([key, row]): [string, Row][] =>
        key.startsWith("contact ") ? [[key.slice(8), row as Row]] : [],
      ),
    );
    const states = Array.from(rows.values(), ({ state }) => state);
    if (states.includes("pending")) problems.push(`${euid} has something pending`);
    if (states.includes("parked") !== listed.includes(euid)) problems.push(`${euid} is not listed as it is`);
    for (const name of NAMES) {
      const history = applied.get(`${euid} ${name}`) ?? [];
      if (history.some((one, i) => one < (history[i - 1] ?? 0))) problems.push(`${euid} ${name} went backwards`);
      const mine = sent.filter((one) => one.euid === euid && one.name === name);
      const last = mine.findLast(({ status, forgotten }) => !forgotten && (status === 200 || status === 202));
      const row = rows.get(name);
      const stands = (one: Sent) =>
        one.number >= (last?.number ?? 0) && row?.state === "parked" && one.value === row.value;
      if (last && !history.some((one) => one >= last.number) && !mine.some(stands)) {
        problems.push(`${euid} ${name}: ${last.value} is lost`);
      }
      for (const { status, number, value } of mine) {
        const set = history.includes(number);
        if (status === 200 && !set) problems.push(`${euid} ${name}: 200, but ${value} is not set`);
        const refused = status === 409 || status === 422;
        if (refused && set) problems.push(`${euid} ${name}: ${status}, but ${value} is set`);
      }
    }
  }
  return problems;
}

it("keeps every promise, whatever happens in whatever order", { timeout: 120_000 }, async () => {
  const first = Date.now() % 1e6;
  for (let seed = first; seed < first + SEEDS; seed++) expect(await run(seed), `seed ${seed}`).toEqual([]);
});
