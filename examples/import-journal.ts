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
  readonly #path: string;
  readonly #failuresPath: string;
  /** The first line, where there is no journal yet. */
  readonly #header: string | undefined;
  #files: { readonly journal: number; readonly failures: number } | undefined;

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
    const reported = header === undefined ? [] : readLines(failuresPath);
    this.#reported = new Set(reported.map((text) => JSON.parse(text).line));
    this.#path = path;
    this.#failuresPath = failuresPath;
    this.#header = header === undefined ? input : undefined;
  }

  /** Told for each row when it is done; with `reason` where it failed. */
  record(line: number, row: unknown, reason?: string): void {
    const { journal, failures } = this.#open();
    // In this order: a crash between the two must not lose a failure, and the set keeps it from being told twice.
    if (reason !== undefined && !this.#reported.has(line)) {
      const text = JSON.stringify({ line, reason, row }, (_key, value) =>
        typeof value === "bigint" ? `${value}` : value,
      );
      writeSync(failures, `${text}\n`);
    }
    writeSync(journal, `${line}\n`);
  }

  close(): void {
    const { journal, failures } = this.#open();
    closeSync(journal);
    closeSync(failures);
  }

  /** Only for what is done: an import that is refused at its first row leaves everything as it was. */
  #open() {
    if (this.#files) return this.#files;
    // Without a journal nothing has been done yet, and an old failures file is of another run.
    const failures = openSync(this.#failuresPath, this.#header === undefined ? "a" : "w");
    const journal = openSync(this.#path, "a");
    if (this.#header !== undefined) writeSync(journal, `${this.#header}\n`);
    this.#files = { journal, failures };
    return this.#files;
  }
}
