/** What is held for one EUID until EngageLab has answered. One alarm, and one lane: no two requests overlap. */
import { DurableObject } from "cloudflare:workers";
import { type Envelope, isEngageLabError } from "../src/index.ts";
import { ATTEMPT_LIMIT, describeFault, type Env, readConfig } from "./config.ts";
import { type Decision, decide } from "./decide.ts";
import { Gate } from "./gate.ts";
import { log } from "./log.ts";
import { type ContactState, type Letter, Rows, type Unit } from "./rows.ts";
import { type Receipt, STORED, Waiter } from "./waiter.ts";

/** A replaced object's last request may still run: for so long after its start nobody else sends, in ms. */
const LEASE = 2 * ATTEMPT_LIMIT;

/** Whether EngageLab takes our credentials; `unknown`: no answer came; `empty`: there was nothing to send. */
export type Probe = "accepted" | "refused" | "unknown" | "empty";

export class Mailbox extends DurableObject<Env> {
  readonly #rows: Rows = new Rows(this.ctx.storage);
  readonly #gate: Gate = new Gate(this.#rows, this.env);
  readonly #waiters = new Map<number, Waiter>();
  /** The lane: while a request runs, other events come in. */
  #busy = false;
  /** Nothing is sent before: a request of this EUID may still be running somewhere. Unknown at first. */
  #quietUntil: number | undefined;
  #alarmAt: number | undefined;

  /**
   * Stores a letter. The answer leaves the object only once the storage has it.
   *
   * @param atOnce whether to deliver it now, where nothing older is pending for these names
   */
  async put(letter: Letter, atOnce: boolean): Promise<Receipt> {
    this.#inherit();
    const { seq, olderPending } = this.#rows.add(letter, Date.now());
    let waiter: Waiter | undefined;
    if (atOnce && !olderPending) {
      waiter = new Waiter(letter.contacts.length);
      this.#waiters.set(seq, waiter);
      this.ctx.waitUntil(this.#drain());
    }
    this.#schedule();
    return waiter?.receipt ?? STORED;
  }

  states(): Record<string, ContactState> {
    return this.#rows.exist() ? this.#rows.states() : {};
  }

  /** Forgets what is held. A request that runs can't be called back. */
  async forget(): Promise<void> {
    if (!this.#rows.exist()) return;
    this.#rows.removeAll();
    await this.#drain();
  }

  /** Tries again what is parked. @returns whether there was something */
  retry(): boolean {
    const any = this.#rows.exist() && this.#rows.retryParked(Date.now());
    this.#schedule();
    return any;
  }

  /** The pause is over. */
  wake(): void {
    this.#gate.resume();
    this.#schedule();
  }

  /** One attempt in the midst of a pause. */
  async probe(): Promise<Probe> {
    if (!this.#rows.exist()) return "empty";
    if (this.#busy || Date.now() < this.#inherit()) return "unknown";
    this.#busy = true;
    try {
      const unit = this.#take();
      if (unit) return await this.#attempt(unit);
      return this.#rows.count("state = 'pending'") > 0 ? "unknown" : "empty";
    } finally {
      this.#leave();
    }
  }

  /** Never fails, and leaves an alarm where there is something left to do: the platform gives up after six failures. */
  override async alarm(): Promise<void> {
    this.#alarmAt = undefined;
    try {
      if (!this.#rows.exist()) return;
      await this.#drain();
      this.#schedule();
    } catch (error) {
      log({ outcome: "alarm failed", error: describeFault(error) });
      await this.ctx.storage.setAlarm(Date.now() + LEASE);
    }
  }

  /** Takes over what a replaced object has left, before anything changes. @returns before when nothing is sent */
  #inherit(): number {
    this.#quietUntil ??= this.#rows.inheritLease();
    return this.#quietUntil;
  }

  /** Does whatever can be done now; what comes in meanwhile is done too. Never fails but for the storage. */
  async #drain(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (await this.#step()) {}
    } catch (error) {
      // The configuration or the office: EngageLab's faults are no exceptions here.
      this.#quietUntil = Date.now() + LEASE;
      log({ euid: this.#rows.euid, outcome: "postponed", error: describeFault(error) });
    } finally {
      this.#leave();
    }
  }

  #leave(): void {
    this.#busy = false;
    for (const waiter of this.#waiters.values()) waiter.end();
    this.#waiters.clear();
    this.#schedule();
  }

  /** @returns whether there may be more to do */
  async #step(): Promise<boolean> {
    const parked = this.#rows.count("state = 'parked'") > 0;
    if (parked !== (this.#rows.fact("listed") ?? false)) {
      await this.#gate.office.list(this.#rows.euid, parked);
      this.#rows.note("listed", parked);
      return true;
    }
    const now = Date.now();
    const due = this.#rows.firstDue("state = 'pending'") <= now;
    if (due && now >= Math.max(this.#inherit(), this.#gate.opensAt) && (await this.#gate.ask())) {
      const unit = this.#take();
      if (unit) await this.#attempt(unit);
      return true;
    }
    return this.#tidy(now);
  }

  /** What is to be sent now. The lease is stored before it goes out. */
  #take(): Unit | undefined {
    const now = Date.now();
    this.#rows.countPause(now);
    const unit = this.#rows.next(now);
    if (unit === undefined) return undefined;
    this.#rows.note("lease", { seq: unit.seq, until: now + LEASE });
    this.#rows.note("slot", undefined);
    this.#schedule();
    return unit;
  }

  async #attempt(unit: Unit): Promise<Probe> {
    const { engagelab } = readConfig(this.env);
    const started = Date.now();
    const { error, envelope } = await engagelab.setContact({ euid: this.#rows.euid, contacts: unit.contacts }).then(
      ({ code, message }) => ({ error: undefined, envelope: { code, message } }),
      (error: unknown) => {
        const answered = isEngageLabError(error, "api");
        return { error, envelope: answered ? { code: error.code, message: error.message } : undefined };
      },
    );
    const decision = decide(error, unit, Date.now(), Math.random());
    if (decision.kind === "pause") await this.#gate.refused();
    // After a time limit it may still be worked on at the other end.
    if (isEngageLabError(error, "timeout")) this.#quietUntil = started + LEASE;
    else this.#rows.note("lease", undefined);
    this.#settle(unit, decision, envelope);
    if (decision.kind === "pause") return "refused";
    if (envelope === undefined) return "unknown";
    this.#gate.resume();
    return "accepted";
  }

  #settle(unit: Unit, decision: Decision, envelope: Envelope | undefined): void {
    const now = Date.now();
    const waiter = this.#waiters.get(unit.seq);
    switch (decision.kind) {
      case "delivered":
        this.#rows.delivered(unit, now, this.#removal(now));
        break;
      case "split":
        this.#rows.split(unit);
        break;
      case "parked":
        if (waiter?.takesBack(decision)) this.#rows.remove(unit);
        else this.#rows.park(unit, decision.reason, now, this.#removal(now));
        break;
      case "repeat":
        this.#rows.repeat(unit, decision.at, decision.doubt);
        if (decision.throttled) this.#gate.hold(decision.at);
        break;
      case "pause": // the gate knows
    }
    if (waiter === undefined) {
      const outcome = decision.kind === "parked" ? `parked ${decision.reason}` : decision.kind;
      const { request: requestId, attempts } = unit;
      log({ requestId, euid: this.#rows.euid, outcome, code: envelope?.code, attempts: attempts + 1 });
      return;
    }
    const hopeful = waiter.hear(unit.names, decision, envelope);
    if (hopeful && this.#rows.count("state = 'pending' AND seq = ?", unit.seq) > 0) return;
    this.#waiters.delete(unit.seq);
    waiter.end();
  }

  #removal(now: number): number {
    return now + readConfig(this.env).keep;
  }

  /** Removes what was kept long enough, and everything where nothing is left. @returns whether values were removed */
  async #tidy(now: number): Promise<boolean> {
    const { any, parked } = this.#rows.removeOld(now);
    for (const name of parked) log({ euid: this.#rows.euid, outcome: "parked value removed", name });
    if (any || this.#rows.count("true") > 0 || this.#rows.fact("listed")) return any;
    this.#alarmAt = undefined;
    await this.#rows.erase();
    return false;
  }

  /** One alarm, at the first moment at which there is something to do. */
  #schedule(): void {
    if (!this.#rows.exist()) return;
    const now = Date.now();
    // Whoever is at work sets the alarm at its end; till then this is for the case that it does not get there.
    const quiet = Math.max(this.#inherit(), this.#busy ? (this.#rows.fact("lease")?.until ?? now + LEASE) : 0);
    const attempt = Math.max(this.#rows.firstDue("state = 'pending'"), this.#gate.opensAt, quiet);
    const misreported = (this.#rows.fact("listed") ?? false) !== this.#rows.count("state = 'parked'") > 0;
    const first = Math.min(attempt, this.#rows.firstDue("state <> 'pending'"), misreported ? quiet : Infinity);
    const at = Math.max(now, first);
    if (at === this.#alarmAt || at === Infinity) return;
    this.#alarmAt = at;
    this.ctx.waitUntil(this.ctx.storage.setAlarm(at));
  }
}
