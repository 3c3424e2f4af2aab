/** The rows of a CSV or NDJSON file, each with its user and contacts. */
import { CommandError } from "../errors.ts";
import { type Candidate, type Fault, type IdentityKind, toCandidate } from "./candidate.ts";
import { hasColumn, type Mapping, mapHeader, mapMembers, type WantedColumns } from "./columns.ts";
import { readCsv } from "./csv.ts";
import { readNdjson } from "./ndjson.ts";
import type { Row } from "./row.ts";
import type { Source } from "./source.ts";

export interface Item {
  readonly row: Row;
  readonly result: Candidate | Fault;
}

export interface Table {
  /** Present for a CSV file. */
  readonly csv?: { readonly header: readonly string[]; readonly delimiter: string };
  /** The columns that are read, as text that can be compared with an earlier run. */
  readonly columns: string;
  /** All rows, in batches: one per chunk of the file. */
  items(): AsyncGenerator<Item[]>;
}

export type Format = "csv" | "ndjson";

/** Detects the format by the file's name, or else by its first character. */
export function detectFormat({ name, firstCharacter }: Source): Format {
  if (/\.(ndjson|jsonl|json)$/i.test(name)) return "ndjson";
  if (/\.(csv|tsv|txt)$/i.test(name)) return "csv";
  return firstCharacter === "{" ? "ndjson" : "csv";
}

/** @throws CommandError if its columns are not as wanted */
export async function openTable(
  source: Source,
  format: Format,
  wanted: WantedColumns,
  kind: IdentityKind,
  delimiter?: string,
): Promise<Table> {
  if (source.firstCharacter === "") throw new CommandError(`${source.name} has no rows.`);
  if (format === "csv") return openCsv(source, wanted, kind, delimiter);
  if (source.firstCharacter === "[") {
    throw new CommandError(
      `${source.name} is a JSON array: write one object per line (NDJSON), without commas between them.`,
    );
  }
  return {
    columns: JSON.stringify([kind, wanted]),
    async *items() {
      for await (const rows of readNdjson(source.text())) {
        yield rows.map((row) => toItem(row, mapMembers(Object.keys(row.fields), wanted), kind));
      }
    },
  };
}

async function openCsv(
  source: Source,
  wanted: WantedColumns,
  kind: IdentityKind,
  delimiter: string | undefined,
): Promise<Table> {
  const open = () => readCsv(source.text(), source.name, (header) => hasColumn(header, wanted.identity), delimiter);
  const csv = await open();
  await csv.close();
  const mapping = mapHeader(csv.header, wanted, source.name);
  const names = [mapping.identity.name, mapping.contacts.map(({ contact, column }) => [contact, column.name])];
  return {
    csv: { header: csv.header, delimiter: csv.delimiter },
    columns: JSON.stringify([kind, names, csv.delimiter]),
    async *items() {
      for await (const rows of (await open()).rows) yield rows.map((row) => toItem(row, mapping, kind));
    },
  };
}

function toItem(row: Row, mapping: Mapping | string, kind: IdentityKind): Item {
  return { row, result: toCandidate(row, mapping, kind) };
}
