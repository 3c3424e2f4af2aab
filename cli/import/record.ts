/**
 * Joins the lines of a CSV file to records (RFC 4180, with blanks allowed around a quoted cell). csv-parse then sees
 * well-formed records only: on its own it can't continue after a misplaced quote, and it miscounts lines.
 */
import { type Line, MAX_LENGTH } from "./lines.ts";

export interface CsvRecord {
  /** The line on which it begins. */
  readonly line: number;
  readonly end: number;
  readonly text: string;
  readonly fault?: string;
}

/** Patterns that classify a line, outside of quotes and inside. */
function grammar(delimiter: string) {
  const d = delimiter.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  const blanks = delimiter === "\t" ? " *" : delimiter === " " ? "\t*" : "[ \\t]*";
  const inner = '[^"]*(?:""[^"]*)*';
  const cell = `(?:${blanks}"${inner}"${blanks}|[^"${d === "-" ? "\\-" : d}]*)`;
  const line = (pattern: string) => new RegExp(`^${pattern}$`);
  return {
    whole: line(`${cell}(?:${d}${cell})*`),
    opens: line(`(?:${cell}${d})*${blanks}"${inner}`),
    goesOn: line(inner),
    closes: line(`${inner}"${blanks}(?:${d}${cell})*`),
    closesAndOpens: line(`${inner}"${blanks}(?:${d}${cell})*${d}${blanks}"${inner}`),
  };
}

/** Line ends that may be part of a cell, by the line end of the header. */
const FOREIGN: Readonly<Record<string, readonly string[]>> = { "\r\n": ["\n", "\r"], "\n": ["\r"], "\r": ["\n"] };

const BROKEN = "a line break outside of quotes that is not the header's";

/** Joins lines to records. After a malformed record it continues with the line after the fault. */
export class RecordReader {
  readonly #grammar: ReturnType<typeof grammar>;
  /** The lines of a record with an open quote. */
  #open: Line[] = [];
  #openLength = 0;
  /** Whether a line of the open record has another line end than the header, outside of quotes. */
  #broken = false;
  #gaveUp: CsvRecord | undefined;
  readonly #foreign: readonly string[];

  /**
   * @param terminator the line end of the header. Some programs write other line breaks into unquoted cells; these can't be
   *   distinguished from the end of a row
   */
  constructor(delimiter: string, terminator: string) {
    this.#grammar = grammar(delimiter);
    this.#foreign = FOREIGN[terminator] ?? [];
  }

  /** @returns the record that ends with this line, unless the line is blank */
  push(line: Line): CsvRecord | undefined {
    if (this.#gaveUp) {
      this.#gaveUp = { ...this.#gaveUp, end: line.end, fault: tooLong(this.#gaveUp.line, line.number) };
      return undefined;
    }
    if (line.tooLong || this.#openLength + line.text.length > MAX_LENGTH) {
      const first = this.#open[0] ?? line;
      const { number, text } = first;
      this.#gaveUp = { line: number, end: line.end, text, fault: tooLong(number, line.number) };
      this.#open = [];
      return undefined;
    }
    return this.#open.length === 0 ? this.#begin(line) : this.#continue(line);
  }

  /** @returns the record that is still open at the end of the file */
  finish(): CsvRecord | undefined {
    const last = this.#open.at(-1);
    if (this.#gaveUp || last === undefined) return this.#gaveUp;
    if (this.#broken && this.#open.length === 1) {
      this.#record();
      return this.#begin({ ...last, terminator: "" }); // a cell that ends in a line break is trimmed
    }
    const problem = this.#broken ? BROKEN : "a quote that is never closed";
    const record = this.#record();
    return { ...record, fault: `has ${problem}, so ${lines(record.line, last.number)} can't be read` };
  }

  #begin(line: Line): CsvRecord | undefined {
    const { text, number, end } = line;
    const quoted = text.includes('"');
    if (quoted && this.#grammar.opens.test(text)) return this.#keep(line);
    if (this.#isForeign(line)) return this.#keep(line);
    if (text.trim() === "") return undefined;
    if (!quoted || this.#grammar.whole.test(text)) return { line: number, end, text };
    return { line: number, end, text, fault: 'has a misplaced quote: double a quote inside a cell ("")' };
  }

  #continue(line: Line): CsvRecord | undefined {
    const { text, number } = line;
    const { goesOn, closes, closesAndOpens } = this.#grammar;
    this.#keep(line);
    if (!this.#broken && (!text.includes('"') || goesOn.test(text) || closesAndOpens.test(text))) return undefined;
    if (this.#isForeign(line)) return undefined;
    const broken = this.#broken;
    const record = this.#record();
    if (!broken && closes.test(text)) return record;
    const problem = broken ? BROKEN : "a quote that is not closed";
    return { ...record, fault: `has ${problem}, so ${lines(record.line, number)} can't be read` };
  }

  /** Whether the end of this line may be part of a cell. After that, quotes are not reliable. */
  #isForeign({ terminator }: Line): boolean {
    const foreign = this.#foreign.includes(terminator);
    this.#broken ||= foreign;
    return foreign;
  }

  #keep(line: Line): undefined {
    this.#open.push(line);
    this.#openLength += line.text.length;
  }

  #record(): CsvRecord {
    const text = this.#open.map((line, i) => line.text + (i < this.#open.length - 1 ? line.terminator : "")).join("");
    const record = { line: this.#open[0]?.number ?? 0, end: this.#open.at(-1)?.end ?? 0, text };
    this.#open = [];
    this.#openLength = 0;
    this.#broken = false;
    return record;
  }
}

function lines(first: number, last: number): string {
  return first === last ? `line ${first}` : `lines ${first} to ${last}`;
}

function tooLong(first: number, last: number): string {
  return `is longer than 1 MiB, perhaps since a quote is never closed, so ${lines(first, last)} and all that follow can't be read`;
}
