/** Finds faults in values, mostly damage done by spreadsheets. A problem completes the sentence "VALUE …". */
import { isInt64 } from "../../src/int64.ts";

const AS_TEXT = "format the column as text and export again";

const SPREADSHEET_ERROR = /^(#{2,}|#(REF|N\/A|VALUE|NAME|DIV\/0|NULL|NUM)[!?]?)$/i;
const ROUNDED = /^[+-]?\d+(?:[.,]\d+)?E[+-]?\d+$/i;
/** The form that only a spreadsheet writes. `7E10` may be somebody's id. */
const ROUNDED_BY_SPREADSHEET = /^[+-]?\d(?:[.,]\d+)?E[+-]\d+$/i;
const GROUPED = /^[+-]?\d{1,3}(?:[,.'’_\s]\d{3})+(?:[.,]\d+)?$/;
const DECIMAL = /^[+-]?\d+[.,]\d+$/;

/** Checked in this order. All are integers in a form that is not canonical. */
const EUID_PROBLEMS: readonly (readonly [pattern: RegExp, problem: string])[] = [
  [SPREADSHEET_ERROR, `is an error of a spreadsheet, or a number too wide for its column: ${AS_TEXT}`],
  [ROUNDED, `was rounded by a spreadsheet: ${AS_TEXT}`],
  [GROUPED, `has separators between its digits: ${AS_TEXT}`],
  [DECIMAL, `has decimals, as a spreadsheet writes numbers: ${AS_TEXT}`],
  [/^["'’`]/, "begins with a quote, the mark of a spreadsheet for text: remove it"],
  [/^=/, "is a formula: export its value"],
  [/^\+\d+$/, "has a plus sign: remove it"],
  [/^-?0\d+$/, "has leading zeros, which no EUID has: was the column padded?"],
  [/^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|^\d{1,2}[-. ][a-z]{3}/i, `was turned into a date by a spreadsheet: ${AS_TEXT}`],
  [/^-?\d+$/, "has more than 64 bits, so it is no EUID"],
  [/^\p{Nd}+$/u, "has digits that are not 0 to 9"],
];

/** Damage that spreadsheets do to phone numbers. */
const PHONE_PROBLEMS: readonly (readonly [pattern: RegExp, problem: string])[] = [
  [/^\d{6,}[.,]0+$/, `has decimals, as a spreadsheet writes numbers: ${AS_TEXT}`],
  [/^\d{1,3}(?:,\d{3}){2,}$/, `has separators between its digits: ${AS_TEXT}`],
  [/^['’`]/, "begins with a quote, the mark of a spreadsheet for text: remove it"],
];

/** Control characters, soft hyphens, zero-width spaces, direction marks and byte-order marks. */
const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/;

function textProblem(value: string): string | undefined {
  const [invisible] = INVISIBLE.exec(value) ?? [];
  if (invisible !== undefined) {
    const code = invisible.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    return `contains an invisible character, U+${code}: remove it`;
  }
  if (value.includes("\ufffd")) return "contains U+FFFD, a letter that an earlier conversion lost: export again";
  return value.isWellFormed() ? undefined : "contains half of a character (a lone surrogate)";
}

function find(problems: typeof EUID_PROBLEMS, value: string): string | undefined {
  return problems.find(([pattern]) => pattern.test(value))?.[1];
}

export function euidProblem(value: string): string | undefined {
  if (isInt64(value)) return undefined;
  return textProblem(value) ?? find(EUID_PROBLEMS, value) ?? "is no EUID, which is an integer";
}

/** @param value a user id or the like: any text */
export function identityProblem(value: string): string | undefined {
  if (ROUNDED_BY_SPREADSHEET.test(value)) return `was rounded by a spreadsheet: ${AS_TEXT}`;
  if (SPREADSHEET_ERROR.test(value)) return find(EUID_PROBLEMS, value);
  return textProblem(value);
}

export function contactProblem(name: string, value: string): string | undefined {
  if (ROUNDED_BY_SPREADSHEET.test(value)) return `was rounded by a spreadsheet: ${AS_TEXT}`;
  if (SPREADSHEET_ERROR.test(value)) return find(EUID_PROBLEMS, value);
  if (value.startsWith('="')) return "is a formula: export its value";
  return textProblem(value) ?? (name.includes("phone") ? find(PHONE_PROBLEMS, value) : undefined);
}
