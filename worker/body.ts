/** What a caller sent: checked against the contract, with every digit of the EUID. */
import { operations } from "../src/generated/contract.ts";
import type { SetContactBody } from "../src/index.ts";
import { parseJson } from "../src/int64.ts";
import { encode } from "../src/validate.ts";

/** An integer is what is written as one: `1e3` and `1.0` are not, though JSON.parse would make integers of them. */
function reviveNumber(literal: string): number | bigint {
  if (!/^-?\d+$/.test(literal)) return Number.NaN;
  const number = Number(literal);
  return Number.isSafeInteger(number) ? number : BigInt(literal);
}

/** @throws SyntaxError where it is no JSON, ValidationError where it is another JSON */
export function parseBody(text: string): SetContactBody {
  const body = parseJson(text, reviveNumber);
  encode(body, operations["POST /v1/user/contact"]?.body);
  return body as SetContactBody; // encode has checked it
}
