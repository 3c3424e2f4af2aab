/** Writes the journal. Each line is written before the next row is sent. */
import { appendFileSync, closeSync, fsyncSync, openSync, renameSync, rmSync, truncateSync } from "node:fs";
import { attempt } from "../files.ts";
import { headerLine, type ImportId, type StoredJournal } from "./journal.ts";

export class JournalFile {
  readonly #path: string;
  readonly #file: number;

  private constructor(path: string, file: number) {
    this.#path = path;
    this.#file = file;
  }

  /** Continues a journal, or starts one. */
  static open(path: string, id: ImportId, stored: StoredJournal | undefined): JournalFile {
    return attempt(path, () => {
      if (stored) truncateSync(path, stored.size); // a line that a kill cut off
      const file = openSync(path, stored ? "a" : "w");
      // Fails here if the disk is full, before the first row is sent. If a kill leaves the empty line, it does no harm.
      appendFileSync(file, stored ? "\n" : headerLine(id));
      if (stored) truncateSync(path, stored.size);
      fsyncSync(file);
      return new JournalFile(path, file);
    });
  }

  /** Starts a journal with these lines. It replaces an older one atomically. */
  static async replace(path: string, id: ImportId, lines: AsyncIterable<string>): Promise<JournalFile> {
    const temporary = `${path}.new`;
    const journal = JournalFile.open(temporary, id, undefined);
    for await (const line of lines) journal.write(line);
    attempt(path, () => renameSync(temporary, path));
    return new JournalFile(path, journal.#file);
  }

  /** @throws CommandError if the disk is full, or the file is gone */
  write(line: string): void {
    attempt(this.#path, () => appendFileSync(this.#file, line));
  }

  /** @param remove whether to delete the file: nothing in it is worth keeping */
  close(remove: boolean): void {
    closeSync(this.#file);
    if (remove) rmSync(this.#path, { force: true });
  }
}
