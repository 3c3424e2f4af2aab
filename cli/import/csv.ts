/** Reads the rows of a CSV file, as spreadsheets write them. */
import { parse } from "csv-parse/sync";
import { CommandError } from "../errors.ts";
import { type Line, readLines } from "./lines.ts";
import { type CsvRecord, RecordReader } from "./record.ts";
import type { Row } from "./row.ts";

const DELIMITERS = [",", ";", "\t", "|"];

export interface CsvTable {
  readonly header: readonly string[];
  readonly delimiter: string;
  /** Yields the rows of each chunk of the file together. */
  readonly rows: AsyncGenerator<Row[]>;
  /** Closes the file if the rows are not read. */
  close(): Promise<unknown>;
}

/**
 * @param delimiter the value of `--delimiter`. Default: the one that gives a header with the wanted column, or else the
 *   most columns
 * @throws CommandError if there is no readable header
 */
export async function readCsv(
  chunks: AsyncIterable<string>,
  name: string,
  isWanted: (header: readonly string[]) => boolean,
  delimiter?: string,
): Promise<CsvTable> {
  const batches = readLines(chunks);
  let batch = await batches.next();
  while (!batch.done && batch.value.length === 0) batch = await batches.next();
  const first: Line[] = batch.value ?? [];
  // The first line of the file may tell Excel the delimiter.
  const [, declared] = /^"?sep=(.)"?$/i.exec(first[0]?.text ?? "") ?? [];
  const start = declared === undefined ? first : first.slice(1);
  const only = delimiter ?? declared;
  const headers = (only === undefined ? DELIMITERS : [only]).flatMap((each) => readHeader(start, each) ?? []);
  const [best] = headers.sort(
    (a, b) => Number(isWanted(b.cells)) - Number(isWanted(a.cells)) || b.cells.length - a.cells.length,
  );
  if (best === undefined) {
    const blank = start.every(({ text }) => text.trim() === "");
    throw new CommandError(
      blank ? `${name} has no rows.` : `${name}: the quotes in the header (line ${start[0]?.number}) can't be read.`,
    );
  }
  const { cells: header, lines, terminator } = best;
  return {
    header,
    delimiter: best.delimiter,
    rows: readRows(start.slice(lines), batches, best.delimiter, header.length, terminator),
    close: () => batches.return(undefined),
  };
}

function readHeader(lines: readonly Line[], delimiter: string) {
  const reader = new RecordReader(delimiter, "");
  for (const [index, line] of lines.entries()) {
    const record = reader.push(line);
    if (record?.fault !== undefined) return undefined;
    if (record) {
      const cells = readCells([record], delimiter)[0] ?? [];
      return { delimiter, lines: index + 1, terminator: line.terminator, cells: cells.map((cell) => cell.trim()) };
    }
  }
  return undefined;
}

async function* readRows(
  first: readonly Line[],
  batches: AsyncIterable<Line[]>,
  delimiter: string,
  columns: number,
  terminator: string,
): AsyncGenerator<Row[]> {
  const reader = new RecordReader(delimiter, terminator);
  yield toRows(recordsOf(first, reader), delimiter, columns);
  for await (const lines of batches) yield toRows(recordsOf(lines, reader), delimiter, columns);
  const last = reader.finish();
  if (last) yield toRows([last], delimiter, columns);
}

function recordsOf(lines: readonly Line[], reader: RecordReader): CsvRecord[] {
  return lines.flatMap((line) => reader.push(line) ?? []);
}

function toRows(records: readonly CsvRecord[], delimiter: string, columns: number): Row[] {
  const table = readCells(
    records.filter(({ fault }) => fault === undefined),
    delimiter,
  )[Symbol.iterator]();
  return records.flatMap((record): Row | [] => {
    if (record.fault !== undefined) return { ...record, fields: [] };
    const cells: string[] = table.next().value ?? [];
    // Spreadsheets write rows of empty cells behind the last one.
    if (cells.every((cell) => cell.trim() === "")) return [];
    const more = cells.slice(columns).some((cell) => cell.trim() !== "");
    if (cells.length >= columns && !more) return { ...record, fields: cells };
    const fault = `has ${cells.length} cells, but the header has ${columns}`;
    return { ...record, fields: cells, fault };
  });
}

/** The cells of well-formed records. */
function readCells(records: readonly CsvRecord[], delimiter: string): string[][] {
  const text = records.map((record) => record.text).join("\n");
  const table: string[][] =
    text === "" ? [] : parse(text, { delimiter, record_delimiter: "\n", trim: true, relax_column_count: true });
  if (table.length !== records.length) throw new Error("csv-parse and the records of the file differ");
  return table;
}
