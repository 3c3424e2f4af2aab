/** Finds the columns that hold the user's identity and the contacts. */
import { KNOWN_CONTACTS } from "../contacts.ts";
import { CommandError } from "../errors.ts";

/** The columns that the flags name. */
export interface WantedColumns {
  /** The column of `--euid-column` or `--identity-column`. */
  readonly identity: string;
  /** The pairs of `--contact`. If there are none, columns named like the known contacts are used. */
  readonly contacts: readonly (readonly [contact: string, column: string])[];
}

/** A column of the file. */
export interface Column {
  readonly name: string;
  /** Its key in the fields of a row. */
  readonly key: string;
}

export interface Mapping {
  readonly identity: Column;
  readonly contacts: readonly { readonly contact: string; readonly column: Column }[];
}

/** Lower case, without spaces, `-` and `_`. */
function simplified(name: string): string {
  return name
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\s_\-\u2010-\u2015\ufeff]/g, "");
}

/** The column with exactly this name, or else the columns whose simplified names match. */
function matches(columns: readonly Column[], wanted: string): readonly Column[] {
  const exact = columns.filter(({ name }) => name === wanted.trim());
  return exact.length > 0 ? exact : columns.filter(({ name }) => name && simplified(name) === simplified(wanted));
}

export function hasColumn(header: readonly string[], wanted: string): boolean {
  return matches(toColumns(header), wanted).length > 0;
}

function toColumns(header: readonly string[]): Column[] {
  return header.map((name, index) => ({ name, key: String(index) }));
}

/**
 * Maps the columns of a CSV.
 *
 * @throws CommandError if a column is missing or ambiguous
 */
export function mapHeader(header: readonly string[], wanted: WantedColumns, file: string): Mapping {
  const repeated = header.find((name, index) => name !== "" && header.indexOf(name) !== index);
  if (repeated !== undefined) {
    throw new CommandError(`${file} has the column "${repeated}" twice: rename or remove one of them.`);
  }
  const columns = toColumns(header);
  const find = (name: string): Column => {
    const found = matches(columns, name);
    if (found.length > 1)
      throw new CommandError(`${file}: the column ${name} may be ${list(found)}: give its exact name.`);
    if (found[0]) return found[0];
    throw new CommandError(`${file} has no column "${name}". It has ${list(columns)}.`);
  };
  const identity = find(wanted.identity);
  const contacts = wanted.contacts.map(([contact, column]) => ({ contact, column: find(column) }));
  if (wanted.contacts.length > 0) return { identity, contacts };
  const known = KNOWN_CONTACTS.filter((contact) => matches(columns, contact).length > 0);
  if (known.length === 0) {
    throw new CommandError(
      `${file} has no column for a contact: name its columns ${KNOWN_CONTACTS.join(", ")}, or give ` +
        `--contact NAME=COLUMN, such as --contact email=COLUMN. It has ${list(columns)}.`,
    );
  }
  return { identity, contacts: known.map((contact) => ({ contact, column: find(contact) })) };
}

/** Maps the members of one NDJSON object. @returns a sentence if they are ambiguous */
export function mapMembers(names: readonly string[], wanted: WantedColumns): Mapping | string {
  const columns = names.map((name) => ({ name, key: name }));
  const find = (name: string): Column => {
    const found = matches(columns, name);
    return found.length === 1 && found[0] ? found[0] : { name, key: name };
  };
  const pairs = wanted.contacts.length > 0 ? wanted.contacts : KNOWN_CONTACTS.map((name) => [name, name] as const);
  for (const name of [wanted.identity, ...pairs.map(([, column]) => column)]) {
    const found = matches(columns, name);
    if (found.length > 1) return `has more than one member for ${name}: ${list(found)}`;
  }
  return {
    identity: find(wanted.identity),
    contacts: pairs.map(([contact, column]) => ({ contact, column: find(column) })),
  };
}

function list(columns: readonly Column[]): string {
  const names = columns.filter(({ name }) => name !== "").map(({ name }) => `"${name.slice(0, 60)}"`);
  return names.length > 20 ? `${names.slice(0, 20).join(", ")} and ${names.length - 20} more` : names.join(", ");
}
