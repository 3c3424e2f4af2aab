/** What is held for one EUID until EngageLab has answered. One alarm, and one lane: no two requests overlap. */
import { DurableObject } from "cloudflare:workers";
import { type Envelope, isEngageLabError } from "../src/index.ts";
import { failure } from "./answers.ts";
import { describeFault, type Env, readConfig } from "./config.ts";
import { become, type Decision, decide, LEASE, plan, quietUntil, type Step } from "./decide.ts";
import { Gate, officeOf } from "./gate.ts";
import { inTime } from "./in-time.ts";
import { log } from "./log.ts";
import { isRefusal, type Receipt, STORED, type Told, toReceipt } from "./receipt.ts";
import type { Letter, Row, Unit } from "./rows.ts";
import { type Acceptance, MAX_NAMES, Store } from "./store.ts";

/** The state of one contact name, never its value. */
export interface ContactState extends Pick<Row, "state" | "attempts"> {
  readonly since: string;
  readonly reason?: string;
}

/** A caller that waits for what comes of its letter. */
interface Waiter {
  readonly names: number;
  readonly parked: Acceptance["parked"];
  readonly told: Told[];
  readonly promise: PromiseWithResolvers<Receipt>;
}

export class Mailbox extends DurableObject<Env> {
  readonly #store: Store = new Store(this.ctx.storage);
  readonly #gate: Gate = new Gate(this.#store, this.env);
  /** By the `seq` of the letter. */
  readonly #waiters = new Map<number, Waiter>();
  /** The lane, since while a request runs other events come in: until when it is taken, at most. Free: 0. */
  #takenUntil = 0;
  /** After something failed within Cloudflare. */
  #postponedUntil = 0;
  #alarmAt: number | undefined;

  /**
   * Stores a letter. The answer leaves the object only once the storage has it.
   *
   * @param atOnce whether to deliver it now, where nothing older is pending for these names
   */
  async put(letter: Letter, atOnce: boolean): Promise<Receipt> {
    const accepted = this.#store.accept(letter, Date.now());
    if (accepted === undefined) {
      const { envelope } = failure("invalid_request", `contacts would make more than ${MAX_NAMES} names of this user`);
      return { status: 400, envelope, attempts: 0 };
    }
    const { seq, olderPending, parked } = accepted;
    let receipt: Receipt | Promise<Receipt> = STORED;
    if (atOnce && !olderPending) {
      const waiter = { names: letter.contacts.length, parked, told: [], promise: Promise.withResolvers<Receipt>() };
      this.#waiters.set(seq, waiter);
      receipt = waiter.promise.promise;
      this.ctx.waitUntil(this.#work());
    }
    this.#schedule();
    return receipt;
  }

  states(): Record<string, ContactState> {
    this.#schedule(); // should the platform have lost an alarm, a look brings it back
    const states = [...this.#store.rows].map(([name, row]): [string, ContactState] => {
      const { state, attempts, since } = row;
      const reason = state === "parked" ? { reason: row.reason } : {};
      return [name, { state, attempts, since: new Date(since).toISOString(), ...reason }];
    });
    return Object.fromEntries(states);
  }

  /** Forgets what is held. A request that runs can't be called back. */
  async forget(euid: string): Promise<void> {
    this.#store.removeAll();
    this.#schedule();
    await inTime(officeOf(this.env).forget(euid));
    this.#store.note({ listed: "unsure" }); // something may have been parked meanwhile
    await this.#work();
  }

  /** Tries again what is parked. @returns whether there was something */
  async retry(euid: string): Promise<boolean> {
    const any = this.#store.retryParked(Date.now());
    this.#schedule();
    if (!any) {
      await inTime(officeOf(this.env).list(euid, false)); // should it think otherwise
      this.#store.note({ listed: "unsure" });
      this.#schedule();
    }
    return any;
  }

  /**
   * Has it ask the office again, whatever it waits for.
   *
   * @returns whether it will send something now, later, or has nothing to send
   */
  wake(): "now" | "later" | "empty" {
    const now = Date.now();
    if (!this.#store.hurry(now)) return "empty";
    this.#store.note({ askAt: undefined });
    this.#schedule();
    const { quiet, slot } = this.#store.facts ?? {};
    return Math.max(quiet?.until ?? 0, slot?.at ?? 0, this.#postponedUntil) <= now ? "now" : "later";
  }

  /** Never fails, and leaves an alarm where there is something left to do: the platform gives up after six failures. */
  override async alarm(): Promise<void> {
    this.#alarmAt = undefined;
    try {
      await this.#work();
      this.#schedule();
    } catch (error) {
      log({ outcome: "alarm failed", error: describeFault(error) });
      await this.ctx.storage.setAlarm(Date.now() + LEASE);
    }
  }

  #next(): Step {
    const { facts, rows } = this.#store;
    const { kind, at } = facts ? plan(rows.values(), facts) : { kind: "erase" as const, at: Infinity };
    return { kind, at: Math.max(at, this.#postponedUntil) };
  }

  /** Does whatever can be done now; what comes in meanwhile is done too. */
  async #work(): Promise<void> {
    if (this.#takenUntil > 0) return;
    try {
      do this.#takenUntil = Date.now() + LEASE;
      while (await this.#step());
    } catch (error) {
      // The configuration or the office: EngageLab's faults are no exceptions here.
      this.#postponedUntil = Date.now() + LEASE;
      log({ euid: this.#store.facts?.euid, outcome: "postponed", error: describeFault(error) });
    } finally {
      this.#takenUntil = 0;
      for (const [seq, waiter] of this.#waiters) this.#tell(seq, waiter);
      this.#schedule();
    }
  }

  /** @returns whether there may be more to do */
  async #step(): Promise<boolean> {
    const { kind, at } = this.#next();
    const now = Date.now();
    if (at > now) return false;
    const { euid } = this.#store.facts ?? { euid: "" };
    switch (kind) {
      case "report": {
        const parked = [...this.#store.rows.values()].some(({ state }) => state === "parked");
        this.#store.note({ listed: "unsure" }); // its answer may be lost
        await inTime(officeOf(this.env).list(euid, parked));
        this.#store.note({ listed: parked });
        return true;
      }
      case "send":
        if (await this.#gate.opens(euid)) await this.#send(euid);
        return true;
      case "remove":
        for (const name of this.#store.removeOld(now)) log({ euid, outcome: "parked value removed", name });
        return true;
      case "erase":
        this.#alarmAt = undefined;
        await this.#store.erase();
        return false;
      default:
        return kind satisfies never;
    }
  }

  async #send(euid: string): Promise<void> {
    const { engagelab } = readConfig(this.env);
    const started = Date.now();
    this.#store.countPause(started);
    const unit = this.#store.next(started);
    if (unit === undefined) return;
    // The lease is stored before the request goes out.
    this.#takenUntil = started + LEASE;
    this.#store.note({ quiet: { until: this.#takenUntil, seq: unit.seq }, slot: undefined });
    this.#schedule();
    let error: unknown;
    let envelope: Envelope | undefined;
    try {
      const { code, message } = await engagelab.setContact({ euid, contacts: unit.contacts });
      envelope = { code, message };
    } catch (thrown) {
      error = thrown;
      if (isEngageLabError(error, "api")) envelope = { code: error.code, message: error.message };
    }
    const now = Date.now();
    const decision = decide(error, unit, now, Math.random());
    const until = quietUntil(error, decision, started, now);
    this.#store.note({ quiet: until > now ? { until } : undefined });
    this.#settle(unit, decision, envelope);
    await this.#gate.learn(euid, decision);
  }

  #settle(unit: Unit, decision: Decision, envelope: Envelope | undefined): void {
    const now = Date.now();
    const { keep } = readConfig(this.env);
    const waiter = this.#waiters.get(unit.seq);
    // Who waits is told of a refusal, so it need not be parked, unless somebody was promised that it stays on the list.
    const told = waiter !== undefined && isRefusal(decision);
    this.#store.settle(unit, (row, name) =>
      told && !waiter.parked.has(name) ? undefined : become(row, decision, now, keep),
    );
    if (waiter === undefined) {
      const outcome = decision.kind === "parked" ? `parked ${decision.reason}` : decision.kind;
      const { request: requestId, attempts } = unit;
      const { euid } = this.#store.facts ?? {};
      log({ requestId, euid, outcome, code: envelope?.code, attempts: attempts + 1 });
      return;
    }
    waiter.told.push({ names: unit.names, decision, envelope });
    const over = decision.kind === "repeat" || decision.kind === "pause";
    if (over || !this.#store.isPending(unit.seq)) this.#tell(unit.seq, waiter);
  }

  #tell(seq: number, { names, told, promise }: Waiter): void {
    this.#waiters.delete(seq);
    promise.resolve(toReceipt(names, told));
  }

  /** One alarm, at the first moment at which there is something to do. */
  #schedule(): void {
    const now = Date.now();
    // Whoever is at work sets the alarm at its end; till then it is for the case that it does not get there.
    const at = this.#takenUntil > 0 ? Math.max(this.#takenUntil, now + 1_000) : Math.max(this.#next().at, now);
    if (this.#store.facts === undefined || at === Infinity || Math.ceil(at) === this.#alarmAt) return;
    this.#alarmAt = Math.ceil(at);
    this.ctx.waitUntil(this.ctx.storage.setAlarm(this.#alarmAt));
  }
}
