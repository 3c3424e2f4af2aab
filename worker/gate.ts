/** Whether a mailbox may send: what EngageLab, a pause and the outbound rate say of it. */
import { type Env, readConfig } from "./config.ts";
import type { Office } from "./office.ts";
import type { Rows } from "./rows.ts";

/** How long a slot of the outbound rate is good for, in ms: alarms are not exact. */
const SLOT_VALID = 2_000;
/** The office ends a pause for all; a mailbox that it should have forgotten asks after so long, in ms. */
const PAUSE_RECHECK = 3_600_000;

/** Whether this isolate has heard of a pause, which it asks at first: not each EUID needs an attempt to find out. */
let pauseHeard: boolean | undefined;

export class Gate {
  readonly #rows: Rows;
  readonly #env: Env;

  constructor(rows: Rows, env: Env) {
    this.#rows = rows;
    this.#env = env;
  }

  /** Before that, in ms since the epoch, it is shut. */
  get opensAt(): number {
    return Math.max(this.heldUntil, this.#rows.fact("recheck") ?? 0, this.#rows.fact("slot") ?? 0);
  }

  /** EngageLab wants to be left alone until then, in ms since the epoch. */
  get heldUntil(): number {
    return this.#rows.fact("hold") ?? 0;
  }

  /** Asks the office, where there may be a pause or a rate to keep. @returns whether to send now */
  async ask(): Promise<boolean> {
    if (pauseHeard !== false || this.#rows.fact("paused") !== undefined) {
      if (await this.office.hold(this.#rows.euid)) {
        this.#pause();
        return false;
      }
      this.resume();
    }
    const { outboundRate } = readConfig(this.#env);
    const slot = this.#rows.fact("slot");
    if (outboundRate === undefined || (slot !== undefined && Date.now() <= slot + SLOT_VALID)) return true;
    const wait = await this.office.slot(outboundRate);
    if (wait > 0) this.#rows.note("slot", Date.now() + wait);
    return wait <= 0;
  }

  get office(): DurableObjectStub<Office> {
    return this.#env.OFFICE.getByName("office");
  }

  /** EngageLab refuses our credentials. */
  async refused(): Promise<void> {
    await this.office.refused(this.#rows.euid);
    this.#pause();
  }

  /** EngageLab wants to be left alone until then. */
  hold(until: number): void {
    this.#rows.note("hold", until);
  }

  /** There is no pause any more. */
  resume(): void {
    pauseHeard = false;
    if (!this.#rows.exist() || this.#rows.fact("paused") === undefined) return;
    this.#rows.countPause(Date.now());
    this.#rows.note("paused", undefined);
    this.#rows.note("recheck", undefined);
  }

  #pause(): void {
    pauseHeard = true;
    const now = Date.now();
    if (this.#rows.fact("paused") === undefined) this.#rows.note("paused", now);
    this.#rows.note("recheck", now + PAUSE_RECHECK);
  }
}
