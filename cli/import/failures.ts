/** Writes the failed rows to a file that a spreadsheet can open. Each run goes through all rows and writes it anew. */
import { createHash } from "node:crypto";
import { appendFileSync, closeSync, openSync, readFileSync, rmSync } from "node:fs";
import { attempt } from "../files.ts";
import { type Fault, toSentence } from "./candidate.ts";
import type { Row } from "./row.ts";
import type { Table } from "./table.ts";

const ADDED = ["line", "reason"];
/** How much of the text of an unreadable row its first cell shows, in UTF-16 code units. */
const MAX_TEXT = 1000;

export interface FailuresFile {
  add(row: Row, fault: Fault): void;
  /** Closes the file, or removes it if no row failed. @returns its SHA-256, unless it was removed */
  close(): string | undefined;
}

export function sha256(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

/** @throws CommandError if it can't be written */
export function openFailures(path: string, { csv }: Pick<Table, "csv">): FailuresFile {
  const file = attempt(path, () => openSync(path, "w"));
  const hash = createHash("sha256");
  let rows = 0;
  const write = (text: string) => {
    attempt(path, () => appendFileSync(file, text));
    hash.update(text);
  };
  const format = csv ? csvFormat(csv.header, csv.delimiter) : { start: "", row: ndjsonRow };
  write(format.start); // a full disk is noticed here
  return {
    add(row, fault) {
      rows++;
      write(format.row(row, toSentence(fault)));
    },
    close() {
      closeSync(file);
      if (rows > 0) return hash.digest("hex");
      rmSync(path, { force: true });
      return undefined;
    },
  };
}

function csvFormat(header: readonly string[], delimiter: string) {
  // A failures file that is imported has these columns already.
  const columns = ADDED.every((name, i) => header.at(i - ADDED.length) === name)
    ? header.slice(0, -ADDED.length)
    : header;
  const toLine = (cells: readonly string[]) => `${cells.map((cell) => quoted(cell, delimiter)).join(delimiter)}\r\n`;
  return {
    start: `\ufeff${toLine([...columns, ...ADDED])}`,
    row({ fields, text, line }: Row, reason: string): string {
      const cells = Array.isArray(fields) && fields.length > 0 ? fields : [text.slice(0, MAX_TEXT)];
      return toLine([...columns.map((_, i) => String(cells[i] ?? "")), String(line), reason]);
    },
  };
}

function quoted(cell: string, delimiter: string): string {
  return /["\r\n]|^\s|\s$/.test(cell) || cell.includes(delimiter) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function ndjsonRow({ text, line }: Row, reason: string): string {
  return `${JSON.stringify({ line, reason, row: text.trim() })}\n`;
}
