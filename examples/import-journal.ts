/** What of an import is done, so that a second run goes on where the first ended, however it ended. */
import { closeSync, existsSync, openSync, readFileSync, truncateSync, writeSync } from "node:fs";

/** The whole lines of a file. A last line that a crash has cut off is taken away. */
function readLines(path: string): string[] {
  if (!existsSync(path)) return [];
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf("\n") + 1;
  truncateSync(path, end);
  return bytes.subarray(0, end).toString().split("\n").slice(0, -1);
}

export class Journal {
  /** The rows, by line, of which nothing is left to do. */
  readonly done: Set<number>;
  readonly #reported: Set<number>;
  readonly #journal: number;
  readonly #failures: number;

  /**
   * @param input says what is imported and how; a journal of another input is refused
   * @throws Error
   */
  constructor(path: string, failuresPath: string, input: string) {
    const [header, ...lines] = readLines(path);
    if (header !== undefined && header !== input) {
      throw new Error(
        `${path} is the journal of another import (${header}): remove it, or name another with --journal`,
      );
    }
    this.done = new Set(lines.map(Number));
    // Without a journal nothing has been done yet, and an old failures file is of another run.
    if (header === undefined && existsSync(failuresPath)) truncateSync(failuresPath);
    this.#reported = new Set(readLines(failuresPath).map((text) => JSON.parse(text).line));
    this.#journal = openSync(path, "a");
    this.#failures = openSync(failuresPath, "a");
    if (header === undefined) writeSync(this.#journal, `${input}\n`);
  }

  /** Told for each row when it is done; with `reason` where it failed. */
  record(line: number, row: unknown, reason?: string): void {
    // In this order: a crash between the two must not lose a failure, and the set keeps it from being told twice.
    if (reason !== undefined && !this.#reported.has(line)) {
      const text = JSON.stringify({ line, reason, row }, (_key, value) =>
        typeof value === "bigint" ? `${value}` : value,
      );
      writeSync(this.#failures, `${text}\n`);
    }
    writeSync(this.#journal, `${line}\n`);
  }

  close(): void {
    closeSync(this.#journal);
    closeSync(this.#failures);
  }
}
