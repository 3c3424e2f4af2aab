/** One row of the file, as it was read. */
export interface Row {
  /** The line on which it begins, from 1. */
  readonly line: number;
  /** Length of the file's text up to its end. */
  readonly end: number;
  /** Its text in the file. */
  readonly text: string;
  /** Its values by column: a CSV has its cells here, by their index, and NDJSON the members of the object. */
  readonly fields: Readonly<Record<string, unknown>> | readonly string[];
  /** Why it can't be read; then it has no fields. */
  readonly fault?: string;
}
