/** Whether a mailbox may send: what the office says of a pause and of the outbound rate. */
import { type Env, readConfig } from "./config.ts";
import { type Decision, isAnswer } from "./decide.ts";
import { inTime } from "./in-time.ts";
import type { Office } from "./office.ts";
import type { Store } from "./store.ts";

/** How long a slot of the outbound rate is good for, in ms: alarms are not exact. */
const SLOT_GOOD = 2_000;
/** The office wakes all when a pause ends; a mailbox that it missed asks by itself after so long, in ms. */
const PAUSE_RECHECK = 300_000;

/** Whether this isolate has heard of a pause: not each EUID needs an attempt to find out. `undefined`: it has not asked. */
let pauseHeard: boolean | undefined;

export function officeOf(env: Env): DurableObjectStub<Office> {
  return env.OFFICE.getByName("office");
}

export class Gate {
  readonly #store: Store;
  readonly #env: Env;
  /** Whether what is sent now is to find out if the pause is over. */
  #probing = false;

  constructor(store: Store, env: Env) {
    this.#store = store;
    this.#env = env;
  }

  /** Asks the office, where need be. @returns whether to send now; if not, the facts say when to ask again */
  async ask(euid: string): Promise<boolean> {
    const office = officeOf(this.#env);
    this.#probing = false;
    if (pauseHeard !== false || this.#store.facts?.paused !== undefined) {
      const answer = await inTime(office.hold(euid));
      this.#probing = answer === "probe";
      if (this.#probing) return true;
      if (answer === "wait") {
        this.#pause();
        return false;
      }
      this.#resume();
    }
    const { outboundRate } = readConfig(this.#env);
    const slot = this.#store.facts?.slot;
    if (outboundRate === undefined || (slot && Date.now() <= slot.goodUntil)) return true;
    const { wait, reserved } = await inTime(office.slot(outboundRate));
    if (wait <= 0) return true;
    const at = Date.now() + wait;
    this.#store.note({ slot: { at, goodUntil: reserved ? at + SLOT_GOOD : 0 } });
    return false;
  }

  /** Learns of the credentials from what came of an attempt, and tells the office. */
  async learn(euid: string, decision: Decision): Promise<void> {
    if (decision.kind === "pause") {
      pauseHeard = true; // also where the office does not answer: who sends next asks it
      await inTime(officeOf(this.#env).refused(euid));
      this.#pause();
    } else if (this.#probing && isAnswer(decision)) {
      await inTime(officeOf(this.#env).accepted());
      this.#resume();
    }
  }

  #pause(): void {
    pauseHeard = true;
    const now = Date.now();
    this.#store.note({ paused: this.#store.facts?.paused ?? now, askAt: now + PAUSE_RECHECK });
  }

  #resume(): void {
    pauseHeard = false;
    if (this.#store.facts?.paused === undefined) return;
    this.#store.countPause(Date.now());
    this.#store.note({ paused: undefined, askAt: undefined });
  }
}
