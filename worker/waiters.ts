/** A caller waits this long for the first attempt. */
const PATIENCE_MS = 5_000;

interface Waiter {
  /** EngageLab's messages by code, for the caller. They are not stored. */
  readonly messages: Map<number, string>;
  readonly tell: () => void;
}

/** The callers that wait to be told what became of their update, by its number. */
export class Waiters {
  readonly #waiters = new Map<number, Waiter>();

  /** Resolves once the caller is told, or out of patience. */
  wait(seq: number, messages: Map<number, string>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const tell = (): void => {
      clearTimeout(timer);
      this.#waiters.delete(seq);
      resolve();
    };
    const timer = setTimeout(tell, PATIENCE_MS);
    this.#waiters.set(seq, { messages, tell });
    return promise;
  }

  get(seq: number): Waiter | undefined {
    return this.#waiters.get(seq);
  }

  /** Tells those whose update need not be waited for. */
  tell(isOver: (seq: number) => boolean): void {
    for (const [seq, { tell }] of this.#waiters) if (isOver(seq)) tell();
  }
}
