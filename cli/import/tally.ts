/** Counts the rows by result, for progress and summary. */
import { type Fault, shortened } from "./candidate.ts";
import type { Row } from "./row.ts";

const MAX_REASONS = 20;

interface Reason {
  count: number;
  readonly example: string;
}

export class Tally {
  set = 0;
  stored = 0;
  failed = 0;
  /** Failed rows that an earlier run sent. */
  failedBefore = 0;
  doneBefore = 0;
  /** Length of the file's text up to the last finished row, in UTF-16 code units. */
  position = 0;
  /** `position` when this run finished its first row. Rows of earlier runs took no time. */
  start = 0;
  readonly #reasons = new Map<string, Reason>();

  /** Rows that this run has finished. */
  get finished(): number {
    return this.set + this.stored + this.failed - this.failedBefore;
  }

  get rows(): number {
    return this.set + this.stored + this.failed + this.doneBefore;
  }

  advance({ end }: Row): void {
    this.position = Math.max(this.position, end);
    if (this.finished === 1) this.start = this.position;
  }

  fail({ line }: Row, { subject, value, problem }: Fault): void {
    this.failed++;
    const text = `${subject} ${problem}`;
    const reason = this.#reasons.get(text);
    if (reason) reason.count++;
    else if (this.#reasons.size < 1000) {
      const example = value === undefined ? `line ${line}` : `line ${line}: ${shortened(value)}`;
      this.#reasons.set(text, { count: 1, example });
    }
  }

  /** Each reason with its count and an example. */
  *reasons(): Generator<string> {
    const reasons = [...this.#reasons].sort(([, a], [, b]) => b.count - a.count);
    for (const [text, { count, example }] of reasons.slice(0, MAX_REASONS)) {
      yield `  ${count} ${count === 1 ? "row" : "rows"}: ${text} (for example ${example})`;
    }
    if (reasons.length > MAX_REASONS) yield `  and ${reasons.length - MAX_REASONS} other reasons`;
  }

  counts(dryRun: boolean): string {
    const failed = this.failedBefore > 0 ? ` (${this.failedBefore} in an earlier run)` : "";
    const set = dryRun ? `would set ${this.set}` : `set ${this.set}, stored ${this.stored}`;
    return `${set}, failed ${this.failed}${failed}, done before ${this.doneBefore}`;
  }
}
