import { MAX_DELAY, now, sleep } from "./time.ts";

/** Pause in ms after a throttled call without Retry-After, doubling from minimum to maximum. */
const MIN_PAUSE = 1_000;
const MAX_PAUSE = 60_000;

/** Decides when the next of several concurrent calls may start. */
export class Pace {
  readonly #interval: number;
  readonly #signal: AbortSignal;
  #nextTurn = 0;
  #pausedUntil = 0;
  #pause = MIN_PAUSE;

  /** @param rate calls per second */
  constructor(rate: number, signal: AbortSignal) {
    this.#interval = 1000 / rate;
    this.#signal = signal;
  }

  /** Whether calls must wait. A needless await costs about 10 % of a call. */
  get slow(): boolean {
    return this.#interval > 0 || this.#pausedUntil > 0;
  }

  /** Resolves when the next call may start, or if the signal is aborted: the call itself then rejects. */
  async turn(): Promise<void> {
    do {
      await this.#until(() => this.#pausedUntil);
      const turn = Math.max(now(), this.#nextTurn);
      this.#nextTurn = turn + this.#interval;
      await this.#until(() => turn);
    } while (this.#pausedUntil > now() && !this.#signal.aborted);
  }

  /** @param ms from now */
  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, now() + ms);
  }

  /** @param retryAfter in seconds */
  throttled(retryAfter: number | undefined): void {
    this.pause(retryAfter === undefined ? this.#pause : retryAfter * 1000);
    this.#pause = Math.min(MAX_PAUSE, this.#pause * 2);
  }

  recovered(): void {
    this.#pause = MIN_PAUSE;
    if (this.#pausedUntil > 0 && this.#pausedUntil <= now()) this.#pausedUntil = 0;
  }

  async #until(time: () => number): Promise<void> {
    for (let ms = time() - now(); ms > 0; ms = time() - now()) {
      if (this.#signal.aborted) return;
      await sleep(Math.min(ms, MAX_DELAY), this.#signal).catch(() => {});
    }
  }
}
