/** A caller that waits for the first attempt at its letter, and what it is told. */
import { failures } from "../src/generated/contract.ts";
import type { Envelope } from "../src/index.ts";
import type { Decision } from "./decide.ts";

/** What a caller is told, and after how many attempts. */
export interface Receipt {
  readonly status: 200 | 202 | 409 | 422;
  readonly envelope: Envelope;
  readonly attempts: number;
}

/** This value, or a newer accepted one, will be answered with 0 by EngageLab, or be listed as parked. */
export const STORED: Receipt = { status: 202, envelope: { code: 0, message: "stored" }, attempts: 0 };

function isRefusal(decision: Decision): boolean {
  return decision.kind === "parked" && (decision.reason === "conflict" || decision.reason === "refused");
}

export class Waiter {
  readonly #names: number;
  readonly #replacesParked: boolean;
  readonly #promise: PromiseWithResolvers<Receipt> = Promise.withResolvers();
  readonly #refused: string[] = [];
  #delivered = 0;
  #attempts = 0;
  #envelope: Envelope = STORED.envelope;

  /** @param replacesParked whether one of the values took the place of one that was listed as parked */
  constructor(names: number, replacesParked: boolean) {
    this.#names = names;
    this.#replacesParked = replacesParked;
  }

  get receipt(): Promise<Receipt> {
    return this.#promise.promise;
  }

  /**
   * Hears of an attempt at some of its names.
   *
   * @returns whether it may still be told something better than "stored"
   */
  hear(names: readonly string[], decision: Decision, envelope: Envelope | undefined): boolean {
    this.#attempts++;
    if (envelope && this.#refused.length === 0) this.#envelope = envelope;
    if (decision.kind === "delivered") this.#delivered += names.length;
    else if (isRefusal(decision)) this.#refused.push(...names);
    else return decision.kind === "split";
    return true;
  }

  /** Whether the values need not be parked: the caller is there to be told, and nobody else waits for the name. */
  takesBack(decision: Decision): boolean {
    return isRefusal(decision) && !this.#replacesParked;
  }

  end(): void {
    const { code, message } = this.#envelope;
    const attempts = this.#attempts;
    if (this.#refused.length > 0) {
      const status = code === failures.contact_already_set.code ? 409 : 422;
      const told = this.#refused.length < this.#names ? `${message}: ${this.#refused.join(", ")}` : message;
      this.#promise.resolve({ status, envelope: { code, message: told }, attempts });
    } else if (this.#delivered === this.#names) {
      this.#promise.resolve({ status: 200, envelope: { code, message }, attempts });
    } else this.#promise.resolve({ ...STORED, attempts });
  }
}
