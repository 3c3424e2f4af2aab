import { PROBE_MS } from "./decide.ts";

/** The circuit breaker: open while EngageLab refuses the gateway's credentials. */
class Breaker {
  #openUntil: number | undefined;

  /** Whether a request may be sent. While the breaker is open, one probe per period is allowed. */
  allows(now: number): boolean {
    if (this.#openUntil === undefined) return true;
    // If the clock was set back, the remaining time would be longer than a period.
    const left = this.#openUntil - now;
    if (left > 0 && left <= PROBE_MS) return false;
    this.#openUntil = now + PROBE_MS;
    return true;
  }

  open(now: number): void {
    this.#openUntil = now + PROBE_MS;
  }

  /** @returns whether it was open */
  close(): boolean {
    const wasOpen = this.#openUntil !== undefined;
    this.#openUntil = undefined;
    return wasOpen;
  }
}

/** All outboxes of an isolate share one. */
export const breaker: Breaker = new Breaker();
