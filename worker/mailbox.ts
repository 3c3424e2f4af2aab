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
import { type ContactState, type Letter, toState, type Unit } from "./rows.ts";
import { type Acceptance, MAX_HELD, Store } from "./store.ts";

/** A caller that waits for what comes of its letter. */
interface Waiter {
  /** How many names its letter has. */
  readonly asked: number;
  readonly replaced: Acceptance["replaced"];
  readonly told: Told[];
  readonly promise: PromiseWithResolvers<Receipt>;
}

/** For so long the lane goes on by itself, in ms; then the alarm does: whoever waits for its end must be answered. */
const RUN = 5_000;

export class Mailbox extends DurableObject<Env> {
  readonly #store: Store = new Store(this.ctx.storage);
  readonly #gate: Gate = new Gate(this.#store, this.env);
  /** By the `seq` of the letter. */
  readonly #waiters = new Map<number, Waiter>();
  /**
   * The lane: other events come in while a request runs. 0: free; else when the alarm is to ring, should this object not
   * live to free it.
   */
  #busyUntil = 0;
  /** After something failed within Cloudflare. */
  #postponedUntil = 0;
  /** The same for the report to the office, which holds up no delivery. */
  #reportAt = 0;
  #alarmAt: number | undefined;

  /**
   * Stores a letter. The answer leaves the object only once the storage has it.
   *
   * @param atOnce whether to deliver it now, where nothing older is pending for these names
   */
  async put(letter: Letter, atOnce: boolean): Promise<Receipt> {
    const accepted = this.#store.accept(letter, Date.now());
    if (accepted === undefined) {
      const { envelope } = failure("invalid_request", `contacts would make more than ${MAX_HELD} names of this user`);
      return { status: 400, envelope, attempts: 0 };
    }
    const { seq, replaced } = accepted;
    const olderPending = [...replaced.values()].some(({ state }) => state === "pending");
    const running = this.#store.facts?.quiet?.seq;
    for (const [older, waiter] of this.#waiters) {
      // What was replaced before it was sent has nothing to wait for.
      if (older !== running && !this.#store.isPending(older)) this.#tell(older, waiter);
    }
    let receipt: Receipt | Promise<Receipt> = STORED;
    if (atOnce && !olderPending) {
      const waiter = { asked: letter.contacts.length, replaced, told: [], promise: Promise.withResolvers<Receipt>() };
      this.#waiters.set(seq, waiter);
      receipt = waiter.promise.promise;
      this.ctx.waitUntil(this.#work());
    }
    this.#schedule();
    return receipt;
  }

  states(): Record<string, ContactState> {
    this.#schedule(); // should the platform have lost an alarm, a look at a new object brings it back
    return Object.fromEntries(Array.from(this.#store.rows, ([name, row]) => [name, toState(row)]));
  }

  /** Forgets what is held. A request that runs can't be called back. @param euid an empty mailbox does not know it */
  async forget(euid: string): Promise<void> {
    this.#store.removeAll();
    await this.#reportAnew(euid);
    await this.#work();
  }

  /** Tries again what is parked. @returns whether there was something */
  async retry(euid: string): Promise<boolean> {
    const any = this.#store.retryParked(Date.now());
    await this.#reportAnew(euid);
    return any;
  }

  /**
   * Has it ask the office again, and try again what waits for its next attempt.
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
    const { kind, at } = facts ? plan(rows.values(), facts, this.#reportAt) : { kind: "erase" as const, at: Infinity };
    return { kind, at: Math.max(at, this.#postponedUntil) };
  }

  /** Does whatever can be done now; what comes in meanwhile is done too, by this run or by the alarm. */
  async #work(): Promise<void> {
    if (this.#busyUntil > 0) return;
    const end = Date.now() + RUN;
    try {
      do this.#busyUntil = Date.now() + LEASE;
      while ((await this.#step()) && Date.now() < end);
    } catch (error) {
      // The configuration or the office: EngageLab's faults are no exceptions here.
      this.#postponedUntil = Date.now() + LEASE;
      log({ euid: this.#store.facts?.euid, outcome: "postponed", error: describeFault(error) });
    } finally {
      this.#busyUntil = 0;
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
      case "report":
        await this.#report(euid, now);
        return true;
      case "send":
        if (await this.#gate.ask(euid)) await this.#send(euid);
        return true;
      case "remove":
        for (const name of this.#store.removeOld(now)) log({ euid, outcome: "parked value removed", name });
        return true;
      case "erase":
        this.#alarmAt = undefined;
        await this.#store.erase();
        return false;
    }
  }

  /** Whatever the office thinks, it is told once more: with the next step, or at once where nothing is held. */
  async #reportAnew(euid: string): Promise<void> {
    this.#store.note({ listed: "unsure" });
    this.#schedule();
    if (this.#store.facts === undefined) await inTime(officeOf(this.env).forget(euid, Date.now()));
  }

  async #report(euid: string, now: number): Promise<void> {
    // This object may have moved to a machine whose clock is behind.
    const told = Math.max(now, (this.#store.facts?.told ?? 0) + 1);
    const office = officeOf(this.env);
    const rows = [...this.#store.rows.values()];
    const parked = rows.some(({ state }) => state === "parked");
    this.#store.note({ listed: "unsure", told }); // its answer may be lost
    try {
      await inTime(rows.length > 0 ? office.list(euid, parked, told) : office.forget(euid, told));
      this.#store.note({ listed: parked });
    } catch (error) {
      this.#reportAt = Date.now() + LEASE;
      log({ euid, outcome: "postponed", error: describeFault(error) });
    }
  }

  async #send(euid: string): Promise<void> {
    const { engagelab } = readConfig(this.env);
    const started = Date.now();
    this.#store.countPause(started);
    const unit = this.#store.next(started);
    if (unit === undefined) return;
    // The lease is stored before the request goes out.
    this.#busyUntil = started + LEASE;
    this.#store.note({ quiet: { until: this.#busyUntil, seq: unit.seq }, slot: undefined });
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
    this.#settle(unit, decision, envelope); // first: until it is written, what came of the request is not known
    this.#store.note({ quiet: until > now ? { until } : undefined });
    await this.#gate.learn(euid, decision);
  }

  #settle(unit: Unit, decision: Decision, envelope: Envelope | undefined): void {
    const now = Date.now();
    const { keep } = readConfig(this.env);
    const waiter = this.#waiters.get(unit.seq);
    // Who waits is told of a refusal: all is as it was before.
    const refused = waiter !== undefined && isRefusal(decision);
    this.#store.settle(unit, (row, name) => (refused ? waiter.replaced.get(name) : become(row, decision, now, keep)));
    if (waiter === undefined || (decision.kind === "parked" && !refused)) {
      const outcome = decision.kind === "parked" ? `parked ${decision.reason}` : decision.kind;
      const attempts = unit.attempts + 1;
      log({ requestId: unit.request, euid: this.#store.facts?.euid, outcome, code: envelope?.code, attempts });
    }
    if (waiter === undefined) return;
    waiter.told.push({ names: unit.names, decision, envelope });
    const over = decision.kind === "repeat" || decision.kind === "pause";
    if (over || !this.#store.isPending(unit.seq)) this.#tell(unit.seq, waiter);
  }

  #tell(seq: number, { asked, told, promise }: Waiter): void {
    this.#waiters.delete(seq);
    promise.resolve(toReceipt(asked, told));
  }

  /** One alarm, at the first moment at which there is something to do. */
  #schedule(): void {
    const now = Date.now();
    // Whoever is at work sets the alarm at its end; till then it is for the case that it does not get there.
    const at = this.#busyUntil > 0 ? Math.max(this.#busyUntil, now + 1_000) : Math.max(this.#next().at, now);
    if (this.#store.facts === undefined || at === Infinity || Math.ceil(at) === this.#alarmAt) return;
    this.#alarmAt = Math.ceil(at);
    this.ctx.waitUntil(this.ctx.storage.setAlarm(this.#alarmAt));
  }
}
