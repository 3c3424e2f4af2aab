/** Parses request bodies: checks them against the contract and keeps every digit of the EUID. */
import { contract } from "../src/generated/contract.ts";
import type { SetContactBody } from "../src/index.ts";
import { parseJson } from "../src/int64.ts";
import { encode, fail } from "../src/validate.ts";
import { limits } from "./generated/gateway.ts";

/** `1e3` and `1.0` are not integer literals, although JSON.parse turns them into integers. */
function reviveNumber(literal: string): number | bigint {
  const number = Number(literal);
  if (!/^-?\d+$/.test(literal)) return Number.NaN;
  return Number.isSafeInteger(number) ? number : BigInt(literal);
}

function parse(bytes: BufferSource): unknown {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return fail("", "is not UTF-8");
  }
  try {
    return parseJson(text, reviveNumber);
  } catch (error) {
    return fail("", error instanceof RangeError ? "is nested too deeply" : "is not JSON");
  }
}

/** The members that the gateway forwards. Other members are not checked. */
function pickKnown(body: unknown): unknown {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return body;
  return Object.fromEntries(Object.entries(body).filter(([name]) => name === "euid" || name === "contacts"));
}

/** @throws ValidationError */
export function parseBody(bytes: BufferSource): { euid: string; contacts: [name: string, value: string][] } {
  const body = pickKnown(parse(bytes));
  encode(body, contract.operations["POST /v1/user/contact"]?.body);
  const { euid, contacts } = body as SetContactBody; // encode has checked it
  const entries = Object.entries(contacts).map(([name, value]): [string, string] => [name, String(value)]);
  const { maxNames, maxNameLength } = limits;
  if (entries.length > maxNames) fail("contacts", `must have at most ${maxNames} members, got ${entries.length}`);
  for (const [name, value] of entries) {
    // Code points, as JSON Schema counts.
    if ([...name].length > maxNameLength) fail("contacts", `must have names of at most ${maxNameLength} characters`);
    // A lone surrogate would be stored and sent as another character.
    if (!name.isWellFormed()) fail("contacts", "must have names in well-formed Unicode");
    if (!value.isWellFormed()) fail(`contacts.${name}`, "must be well-formed Unicode");
  }
  return { euid: String(euid), contacts: entries };
}
