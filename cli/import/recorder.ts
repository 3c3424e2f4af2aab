/** Records the result of each row: in the journal, the failures file and the counts. */
import type { Candidate, Fault } from "./candidate.ts";
import { toSentence } from "./candidate.ts";
import type { FailuresFile } from "./failures.ts";
import { doneLine, failedLine } from "./journal.ts";
import type { JournalFile } from "./journal-file.ts";
import type { Row } from "./row.ts";
import type { Tally } from "./tally.ts";

export class Recorder {
  readonly #tally: Tally;
  readonly #journal: JournalFile | undefined;
  readonly #failures: FailuresFile | undefined;
  /** Failures that the server may have caused. If it is down, they stay out of the journal, so the same command retries them. */
  #pending: (readonly [candidate: Candidate, fault: Fault])[] = [];

  constructor(tally: Tally, journal: JournalFile | undefined, failures: FailuresFile | undefined) {
    this.#tally = tally;
    this.#journal = journal;
    this.#failures = failures;
  }

  done(candidate: Candidate, status: number): void {
    this.#mark();
    this.#journal?.write(doneLine(candidate));
    if (status === 202) this.#tally.stored++;
    else this.#tally.set++;
    this.#tally.advance(candidate.row);
  }

  /** Records a row that EngageLab refused. */
  refused(candidate: Candidate, fault: Fault): void {
    this.#mark();
    this.#journal?.write(failedLine(candidate, fault));
    this.failed(candidate.row, fault);
  }

  /** Records a row that never reached EngageLab, or failed in an earlier run. The journal does not get it. */
  failed(row: Row, fault: Fault): void {
    this.#tally.fail(row, fault);
    if (this.#failures) this.#failures.add(row, fault);
    else console.error(`line ${row.line}: ${toSentence(fault)}`);
    this.#tally.advance(row);
  }

  /** Records a failure that the server may have caused. @returns how many came in a row */
  unanswered(candidate: Candidate, fault: Fault): number {
    this.failed(candidate.row, fault);
    return this.#pending.push([candidate, fault]);
  }

  /** Runs before other rows are written, so that the journal keeps the order in which a user's rows were sent. */
  #mark(): void {
    for (const [candidate, fault] of this.#pending) this.#journal?.write(failedLine(candidate, fault));
    this.#pending = [];
  }
}
