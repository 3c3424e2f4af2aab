/**
 * The journal of an import: one line per finished row. It survives a kill at any moment; an incomplete last line is
 * dropped.
 *
 *     {"journal":1,…}                 the import: file, columns and target
 *     + LINE USER CONTENT             set or stored; the user and the contacts as hashes
 *     - LINE USER {"problem":…}       sent, but failed
 *     = SHA-256                       the run ended and wrote this failures file
 */
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { CommandError } from "../errors.ts";
import type { Candidate, Fault } from "./candidate.ts";
import { readLines } from "./lines.ts";

/** The import that a journal belongs to. */
export interface ImportId {
  /** SHA-256 of the file. */
  readonly file: string;
  readonly columns: string;
  /** The base URL and the API key, or the gateway, that rows are sent with. */
  readonly target: string;
}

export type Entry =
  | { readonly type: "done"; readonly line: number; readonly user: string; readonly content: string }
  | { readonly type: "failed"; readonly line: number; readonly user: string; readonly fault: Fault }
  | { readonly type: "ended"; readonly failures: string };

export interface StoredJournal {
  readonly id: ImportId;
  /** Length of its complete lines, in bytes. */
  readonly size: number;
  entries(): AsyncGenerator<Entry>;
}

/** @throws CommandError if the file is not a journal */
export async function readJournal(path: string): Promise<StoredJournal | undefined> {
  if (!existsSync(path)) return undefined;
  const lines = wholeLines(path);
  const { value: header } = await lines.next();
  if (header === undefined) return undefined; // killed before the first line was written
  const id = parseHeader(header);
  if (id === undefined) {
    throw new CommandError(`${path} is not the journal of an import: remove it, or name another file with --journal.`);
  }
  let size = Buffer.byteLength(header) + 1;
  for await (const line of lines) size += Buffer.byteLength(line) + 1;
  return {
    id,
    size,
    async *entries() {
      let number = 0;
      for await (const line of wholeLines(path)) {
        if (++number === 1 || line === "") continue;
        const entry = parseEntry(line);
        if (entry === undefined) {
          throw new CommandError(`${path} is damaged in line ${number}: remove it to import all rows again.`);
        }
        yield entry;
      }
    },
  };
}

async function* wholeLines(path: string): AsyncGenerator<string> {
  for await (const lines of readLines(createReadStream(path, "utf8"))) {
    for (const { text, terminator } of lines) if (terminator !== "") yield text;
  }
}

export function headerLine(id: ImportId): string {
  return `${JSON.stringify({ journal: 1, ...id })}\n`;
}

export function doneLine({ row, user, contacts }: Candidate): string {
  return `+ ${row.line} ${hash(user)} ${contentHash(contacts)}\n`;
}

export function failedLine({ row, user }: Candidate, fault: Fault): string {
  return `- ${row.line} ${hash(user)} ${JSON.stringify(fault)}\n`;
}

/** @param failures SHA-256 of the failures file */
export function endedLine(failures: string): string {
  return `= ${failures}\n`;
}

export function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 20);
}

export function contentHash(contacts: Readonly<Record<string, string>>): string {
  return hash(JSON.stringify(contacts));
}

function parseHeader(line: string): ImportId | undefined {
  const { journal, file, columns, target }: Record<string, unknown> = Object(parseJson(line));
  return journal === 1 && typeof file === "string" && typeof columns === "string" && typeof target === "string"
    ? { file, columns, target }
    : undefined;
}

function parseEntry(text: string): Entry | undefined {
  const [, ended] = /^= (\w+)$/.exec(text) ?? [];
  if (ended !== undefined) return { type: "ended", failures: ended };
  const [, sign, line, user = "", rest = ""] = /^([+-]) (\d+) (\w+) (.+)$/.exec(text) ?? [];
  if (sign === "+") return { type: "done", line: Number(line), user, content: rest };
  const { subject, problem, value }: Record<string, unknown> = Object(sign === "-" ? parseJson(rest) : undefined);
  if (typeof subject !== "string" || typeof problem !== "string") return undefined;
  const fault = { subject, problem, ...(typeof value === "string" && { value }) };
  return { type: "failed", line: Number(line), user, fault };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
