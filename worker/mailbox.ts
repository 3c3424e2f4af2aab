/** What is held for one EUID until EngageLab has answered. One alarm, and one lane: no two requests overlap. */
import { DurableObject } from "cloudflare:workers";
import type { Envelope } from "../src/index.ts";
import { attempt, type Probe } from "./attempt.ts";
import { ATTEMPT_LIMIT, describeFault, type Env, readConfig } from "./config.ts";
import { type Decision, decide, holdUntil, mayStillRun } from "./decide.ts";
import { Gate } from "./gate.ts";
import { log } from "./log.ts";
import { type ContactState, type Letter, type Outlook, Rows, type Unit } from "./rows.ts";
import { type Receipt, STORED, Waiter } from "./waiter.ts";

/** A replaced object's last request may still run: for so long after its start nobody else sends, in ms. */
const LEASE = ATTEMPT_LIMIT + 2_000;

export class Mailbox extends DurableObject<Env> {
  readonly #rows: Rows = new Rows(this.ctx.storage);
  readonly #gate: Gate = new Gate(this.#rows, this.env);
  readonly #waiters = new Map<number, Waiter>();
  /** The lane, since while a request runs other events come in: until when it is taken, at most. Free: 0. */
  #takenUntil = 0;
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
    const { seq, olderPending, replacesParked } = this.#rows.add(letter, Date.now());
    let waiter: Waiter | undefined;
    if (atOnce && !olderPending) {
      waiter = new Waiter(letter.contacts.length, replacesParked);
      this.#waiters.set(seq, waiter);
      this.ctx.waitUntil(this.#drain());
    }
    this.#schedule();
    return waiter?.receipt ?? STORED;
  }

  states(): Record<string, ContactState> {
    this.#schedule(); // should the platform have lost an alarm, a look brings it back
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
    if (!this.#rows.exist() || this.#rows.outlook().attempt === Infinity) return "empty";
    if (this.#takenUntil > 0 || Date.now() < Math.max(this.#inherit(), this.#gate.heldUntil)) return "unknown";
    this.#takenUntil = Date.now() + LEASE;
    try {
      const unit = this.#take();
      return unit ? await this.#attempt(unit) : "unknown";
    } finally {
      this.#leave();
    }
  }

  /** Never fails, and leaves an alarm where there is something left to do: the platform gives up after six failures. */
  override async alarm(): Promise<void> {
    this.#alarmAt = undefined;
    try {
      if (!this.#rows.exist()) return;
      if (this.#takenUntil > 0 && this.#takenUntil <= Date.now()) await this.#reset();
      await this.#drain();
      this.#schedule();
    } catch (error) {
      log({ outcome: "alarm failed", error: describeFault(error) });
      await this.ctx.storage.setAlarm(Date.now() + LEASE);
    }
  }

  /** Each step has a time limit of its own. One that has not ended now never will: a new object goes on. */
  async #reset(): Promise<void> {
    log({ euid: this.#rows.euid, outcome: "lane reset" });
    await this.ctx.storage.setAlarm(Date.now() + LEASE);
    await this.ctx.storage.sync();
    this.ctx.abort("a step has not ended in time");
  }

  /** Takes over what a replaced object has left, before anything changes. @returns before when nothing is sent */
  #inherit(): number {
    this.#quietUntil ??= this.#rows.inheritLease();
    return this.#quietUntil;
  }

  /** Does whatever can be done now; what comes in meanwhile is done too. Never fails but for the storage. */
  async #drain(): Promise<void> {
    if (this.#takenUntil > 0) return;
    try {
      do this.#takenUntil = Date.now() + LEASE;
      while (await this.#step());
    } catch (error) {
      // The configuration or the office: EngageLab's faults are no exceptions here.
      this.#quietUntil = Date.now() + LEASE;
      log({ euid: this.#rows.euid, outcome: "postponed", error: describeFault(error) });
    } finally {
      this.#leave();
    }
  }

  #leave(): void {
    this.#takenUntil = 0;
    for (const waiter of this.#waiters.values()) waiter.end();
    this.#waiters.clear();
    this.#schedule();
  }

  /** @returns whether there may be more to do */
  async #step(): Promise<boolean> {
    const outlook = this.#rows.outlook();
    if (outlook.unreported) {
      this.#rows.note("listed", "unsure"); // its answer may be lost
      await this.#gate.office.list(this.#rows.euid, outlook.parked);
      this.#rows.note("listed", outlook.parked);
      return true;
    }
    const now = Date.now();
    const open = Math.max(outlook.attempt, this.#inherit(), this.#gate.opensAt) <= now;
    if (open && (await this.#gate.ask())) {
      const unit = this.#take();
      if (unit) await this.#attempt(unit);
      return true;
    }
    return this.#tidy(outlook, now);
  }

  /** What is to be sent now. The lease is stored before it goes out. */
  #take(): Unit | undefined {
    const now = Date.now();
    this.#rows.countPause(now);
    const unit = this.#rows.next(now);
    if (unit === undefined) return undefined;
    this.#takenUntil = now + LEASE;
    this.#rows.note("lease", { seq: unit.seq, until: this.#takenUntil });
    this.#rows.note("slot", undefined);
    this.#schedule();
    return unit;
  }

  async #attempt(unit: Unit): Promise<Probe> {
    const { engagelab } = readConfig(this.env);
    const started = Date.now();
    const { error, envelope } = await attempt(engagelab, { euid: this.#rows.euid, contacts: unit.contacts });
    const now = Date.now();
    const decision = decide(error, unit, now, Math.random());
    if (decision.kind === "pause") await this.#gate.refused();
    if (mayStillRun(error)) this.#quietUntil = started + LEASE;
    else this.#rows.note("lease", undefined);
    const held = holdUntil(error, decision, now);
    if (held !== undefined) this.#gate.hold(held);
    this.#settle(unit, decision, envelope);
    if (decision.kind === "pause") return "refused";
    if (decision.kind === "repeat") return "unknown";
    this.#gate.resume();
    return "accepted";
  }

  #settle(unit: Unit, decision: Decision, envelope: Envelope | undefined): void {
    const now = Date.now();
    const removal = now + readConfig(this.env).keep;
    const waiter = this.#waiters.get(unit.seq);
    switch (decision.kind) {
      case "delivered":
        this.#rows.delivered(unit, now, removal);
        break;
      case "split":
        this.#rows.split(unit);
        break;
      case "parked":
        if (waiter?.takesBack(decision)) this.#rows.remove(unit);
        else this.#rows.park(unit, decision.reason, now, removal);
        break;
      case "repeat":
        this.#rows.repeat(unit, decision.at, decision.doubt);
        break;
      case "pause": // the gate knows
        break;
      default:
        decision satisfies never;
    }
    if (waiter === undefined) {
      const outcome = decision.kind === "parked" ? `parked ${decision.reason}` : decision.kind;
      const { request: requestId, attempts } = unit;
      log({ requestId, euid: this.#rows.euid, outcome, code: envelope?.code, attempts: attempts + 1 });
      return;
    }
    const hopeful = waiter.hear(unit.names, decision, envelope);
    if (hopeful && this.#rows.isPending(unit.seq)) return;
    this.#waiters.delete(unit.seq);
    waiter.end();
  }

  /** Removes what was kept long enough, and everything where nothing is left. @returns whether values were removed */
  async #tidy({ attempt, removal }: Outlook, now: number): Promise<boolean> {
    if (removal <= now) {
      const lost = this.#rows.removeOld(now);
      for (const name of lost) log({ euid: this.#rows.euid, outcome: "parked value removed", name });
      return true;
    }
    // What holds others back goes with the storage, so first it must have ended.
    if (Math.min(attempt, removal) === Infinity && Math.max(this.#inherit(), this.#gate.heldUntil) <= now) {
      this.#alarmAt = undefined;
      await this.#rows.erase();
    }
    return false;
  }

  /** One alarm, at the first moment at which there is something to do. */
  #schedule(): void {
    if (!this.#rows.exist()) return;
    // Whoever is at work sets the alarm at its end; till then it is for the case that it does not get there.
    const at = this.#takenUntil > 0 ? this.#takenUntil : this.#nextMoment();
    if (at === this.#alarmAt || at === Infinity) return;
    this.#alarmAt = at;
    this.ctx.waitUntil(this.ctx.storage.setAlarm(at));
  }

  #nextMoment(): number {
    const { attempt, removal, unreported } = this.#rows.outlook();
    const quiet = this.#inherit();
    const empty = Math.min(attempt, removal) === Infinity;
    const tidy = unreported ? quiet : empty ? Math.max(quiet, this.#gate.heldUntil) : Infinity;
    const first = Math.min(Math.max(attempt, this.#gate.opensAt, quiet), removal, tidy);
    return Math.max(Date.now(), Math.ceil(first));
  }
}
