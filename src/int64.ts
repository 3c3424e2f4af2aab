/**
 * The unique id of a user: a signed 64-bit integer, as a safe integer, a bigint, or canonical decimal digits.
 * A number beyond `Number.MAX_SAFE_INTEGER` has lost digits already: pass a bigint or a string.
 */
export type Euid = number | bigint | string;

/** Whether these are the canonical decimal digits of a signed 64-bit integer. */
export function isInt64(digits: string): boolean {
  return /^(0|-?[1-9]\d{0,18})$/.test(digits) && String(BigInt.asIntN(64, BigInt(digits))) === digits;
}

/**
 * The digits of a 64-bit integer, as they are sent.
 *
 * @param fail called with the fault; must throw
 */
export function int64Digits(value: unknown, fail: (problem: string) => never): string {
  switch (typeof value) {
    case "number":
      if (Number.isSafeInteger(value)) return String(value);
      return fail(
        Number.isInteger(value)
          ? "is beyond Number.MAX_SAFE_INTEGER and may have lost digits: pass a bigint or a string of digits"
          : "must be an integer",
      );
    case "bigint":
      return isInt64(String(value)) ? String(value) : fail("is beyond 64 bits");
    case "string":
      return isInt64(value) ? value : fail("must be the canonical digits of an integer of at most 64 bits");
    default:
      return fail(
        `must be an integer: a number, a bigint or a string of digits, got ${value === null ? "null" : typeof value}`,
      );
  }
}

const STRING_OR_NUMBER = /("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** An integer literal of up to 64 bits that a number can't represent becomes a bigint. */
function reviveInteger(literal: string): number | bigint {
  const number = Number(literal);
  const exact = Number.isSafeInteger(number) || !/^-?\d{1,19}$/.test(literal);
  return exact ? number : BigInt(literal);
}

/**
 * `JSON.parse` that keeps every digit of a 64-bit integer: a number if that is exact, else a bigint.
 *
 * Node 20 lacks the reviver's `context.source`. So if a long literal occurs, each string value is prefixed with `s`, each
 * number becomes a string prefixed with `n`, and a reviver removes the prefixes.
 *
 * @param reviveNumber converts a number's literal to a value; if given, it is called for every number
 * @throws SyntaxError
 */
export function parseJson(text: string, reviveNumber?: (literal: string) => unknown): unknown {
  const plain: unknown = JSON.parse(text);
  if (!reviveNumber && !/\d{16}/.test(text)) return plain;
  const revive = reviveNumber ?? reviveInteger;
  const marked = text.replace(STRING_OR_NUMBER, (token: string, string?: string, colon?: string) => {
    if (colon !== undefined) return token;
    return string === undefined ? `"n${token}"` : `"s${token.slice(1)}`;
  });
  return JSON.parse(marked, (_key, value: unknown) => {
    if (typeof value !== "string") return value;
    return value.startsWith("n") ? revive(value.slice(1)) : value.slice(1);
  });
}
