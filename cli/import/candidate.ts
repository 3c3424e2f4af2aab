/** Turns a row into a user and contacts, or into the reason why it can't be sent. */
import type { Mapping } from "./columns.ts";
import { NumberLiteral } from "./ndjson.ts";
import type { Row } from "./row.ts";
import { contactProblem, euidProblem, identityProblem } from "./values.ts";

/** Why a row failed. Rows with the same `subject` and `problem` are counted together. */
export interface Fault {
  /** The column that has the problem, or "the row". */
  readonly subject: string;
  readonly value?: string;
  readonly problem: string;
}

export interface Candidate {
  readonly row: Row;
  /** The digits of an EUID, or another identity. */
  readonly user: string;
  readonly contacts: Readonly<Record<string, string>>;
}

export type IdentityKind = "euid" | "user_id" | "anonymous_id" | "registration_id";

/** The sentence that the user reads. */
export function toSentence({ subject, value, problem }: Fault): string {
  return value === undefined ? `${subject} ${problem}` : `${subject} ${shortened(value)} ${problem}`;
}

/** Quoted, and cut to 80 characters. */
export function shortened(value: string): string {
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
}

export function isFault(result: Candidate | Fault): result is Fault {
  return "problem" in result;
}

/** @param mapping the columns, or why this row's columns are ambiguous */
export function toCandidate(row: Row, mapping: Mapping | string, kind: IdentityKind): Candidate | Fault {
  if (row.fault !== undefined) return { subject: "the row", problem: row.fault };
  if (typeof mapping === "string") return { subject: "the row", problem: mapping };
  const user = readIdentity(row, mapping, kind);
  if (typeof user !== "string") return user;
  const contacts: [name: string, value: string][] = [];
  for (const { contact, column } of mapping.contacts) {
    const value = fieldOf(row, column.key);
    if (value === undefined || value === null) continue;
    const subject = column.name === contact ? contact : `${contact} (${column.name})`;
    if (typeof value !== "string") return { subject, value: print(value), problem: "must be a string" };
    const trimmed = value.trim();
    if (trimmed === "") continue;
    const problem = contactProblem(contact, trimmed);
    if (problem !== undefined) return { subject, value: trimmed, problem };
    contacts.push([contact, trimmed]);
  }
  if (contacts.length > 0) return { row, user, contacts: Object.fromEntries(contacts) };
  const names = mapping.contacts.map(({ column }) => column.name).join(", ");
  return {
    subject: "the row",
    problem: `has no contact: ${names} ${mapping.contacts.length > 1 ? "are" : "is"} empty`,
  };
}

function readIdentity(row: Row, { identity }: Mapping, kind: IdentityKind): string | Fault {
  const value = fieldOf(row, identity.key);
  const subject = identity.name;
  if (value === undefined || value === null) return { subject, problem: "is missing" };
  const isInteger = value instanceof NumberLiteral && /^-?(0|[1-9]\d*)$/.test(value.text) && value.text !== "-0";
  if (typeof value !== "string" && !isInteger) {
    return { subject, value: print(value), problem: "must be a string or an integer" };
  }
  const text = (typeof value === "string" ? value : value.text).trim();
  if (text === "") return { subject, problem: "is empty" };
  const problem = kind === "euid" ? euidProblem(text) : identityProblem(text);
  return problem === undefined ? text : { subject, value: text, problem };
}

function fieldOf({ fields }: Row, key: string): unknown {
  return Object.hasOwn(fields, key) ? Reflect.get(fields, key) : undefined;
}

/** A JSON value, with numbers as they are written in the file. */
function print(value: unknown): string {
  return value instanceof NumberLiteral ? value.text : JSON.stringify(value);
}
