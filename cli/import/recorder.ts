/** Records what became of each row: in the journal, in the failures file, in the counts. */
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
  /** Failures that may be the server's. If it is down, they are not marked, so that the same command tries them again. */
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

  /** Records a row that never reached EngageLab, or failed in an earlier run. It is not marked. */
  failed(row: Row, fault: Fault): void {
    this.#tally.fail(row, fault);
    if (this.#failures) this.#failures.add(row, fault);
    else console.error(`line ${row.line}: ${toSentence(fault)}`);
    this.#tally.advance(row);
  }

  /** Records a failure that may be the server's. Returns how many there were in a row. */
  unanswered(candidate: Candidate, fault: Fault): number {
    this.failed(candidate.row, fault);
    return this.#pending.push([candidate, fault]);
  }

  /** Before anything else is marked, so that the journal has the rows of a user in the order of sending. */
  #mark(): void {
    for (const [candidate, fault] of this.#pending) this.#journal?.write(failedLine(candidate, fault));
    this.#pending = [];
  }
}
