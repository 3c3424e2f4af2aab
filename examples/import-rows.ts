/** Reads the rows of a CSV or NDJSON file, plain or gzip, each with the number of its first line. */
import { createInterface } from "node:readline";
import { type Duplex, pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { CsvError, parse } from "csv-parse";

export interface Row {
  /** The row's first line, from 1. */
  readonly line: number;
  readonly cells: Readonly<Record<string, unknown>>;
  /** Why the row can't be used. */
  readonly fault?: string;
}

/** A record as RFC 4180 has it: a quote stands around a whole cell, or doubled within one. */
const RFC_4180 = /^(?:"(?:[^"]|"")*"|[^",\r\n]*)(?:,(?:"(?:[^"]|"")*"|[^",\r\n]*))*$/;

/** `next`, which ends with an error where `previous` does. */
function joined<Next extends Duplex>(previous: Readable, next: Next): Next {
  pipeline(previous, next, () => {}); // the error is seen by who reads `next`
  return next;
}

async function gunzipped(input: Readable): Promise<Readable> {
  const chunks = input[Symbol.asyncIterator]();
  const { value: first } = await chunks.next();
  async function* all() {
    if (first) yield first;
    yield* { [Symbol.asyncIterator]: () => chunks };
  }
  const whole = Readable.from(all());
  return first?.[0] === 0x1f && first[1] === 0x8b ? joined(whole, createGunzip()) : whole;
}

async function* csv(input: Readable): AsyncGenerator<Row> {
  const parser = joined(
    input,
    parse({
      bom: true,
      columns: true,
      info: true,
      raw: true,
      record_delimiter: ["\r\n", "\n"],
      relax_column_count: true,
      relax_quotes: true, // else one wrong quote costs the rows after it too
      skip_empty_lines: true,
    }),
  );
  try {
    for await (const { record, raw, info } of parser) {
      const text: string = raw.trim();
      const line = info.lines - text.split("\n").length + 1;
      if (info.error) yield { line, cells: { row: text }, fault: "has more or fewer cells than the header" };
      else if (!RFC_4180.test(text)) yield { line, cells: { row: text }, fault: "has a quote in the wrong place" };
      else yield { line, cells: record };
    }
  } catch (error) {
    if (!(error instanceof CsvError && error.code === "CSV_QUOTE_NOT_CLOSED")) throw error;
    yield {
      line: Number(error.lines),
      cells: {},
      fault: "has a quote that is never closed, up to the end of the file",
    };
  }
}

/** Integers beyond 2^53 are kept digit for digit. */
function parseLine(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { source: string }) => {
    const isLong = typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value);
    return isLong && context && /^-?\d+$/.test(context.source) ? BigInt(context.source) : value;
  });
}

async function* ndjson(input: Readable): AsyncGenerator<Row> {
  let line = 0;
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    line++;
    const plain = line === 1 ? text.replace(/^\uFEFF/, "") : text;
    if (plain.trim() === "") continue;
    try {
      const cells = parseLine(plain);
      if (typeof cells === "object" && cells !== null && !Array.isArray(cells)) yield { line, cells: { ...cells } };
      else yield { line, cells: { row: plain }, fault: "is no JSON object" };
    } catch {
      yield { line, cells: { row: plain }, fault: "is not JSON" };
    }
  }
}

export async function* readRows(input: Readable, format: "csv" | "ndjson"): AsyncGenerator<Row> {
  const plain = await gunzipped(input);
  yield* format === "csv" ? csv(plain) : ndjson(plain);
}
