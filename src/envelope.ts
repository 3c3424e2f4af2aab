import type { ErrorCode } from "./contract.ts";
import type { components } from "./generated/contract.ts";
import { parseJson } from "./int64.ts";
import type { Reply } from "./read-body.ts";
import { TIMED_OUT, TOO_MANY_REQUESTS } from "./retry.ts";

/** What EngageLab answers. `code` 0 is success or partial success. */
export type Envelope = components["schemas"]["Envelope"];

function isEnvelope(value: unknown): value is Envelope {
  const { code, message } = Object(value);
  return Number.isSafeInteger(code) && typeof message === "string";
}

/**
 * Reads an answer: an envelope, or a phrase that describes what arrived instead.
 *
 * One product of the vendor nests a failure: `{"error":{"code":…,"message":…}}`.
 */
export function readEnvelope({ response, text, flaw }: Reply): Envelope | string {
  const { status } = response;
  if (status === 0 || (status >= 300 && status < 400 && response.headers.get("location"))) {
    return "a redirect, which is never followed";
  }
  if (flaw) return flaw;
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    if (text.trim() === "") return "an empty body";
    return /^\s*<(!doctype|html)/i.test(text) ? "HTML" : "text that is not JSON";
  }
  if (isEnvelope(value)) {
    return value.code === 0 && (status < 200 || status > 299) ? "code 0, which contradicts the status" : value;
  }
  const { error: nested }: { error?: unknown } = Object(value);
  return isEnvelope(nested) && nested.code !== 0 ? nested : "JSON of another shape";
}

/**
 * Whether an answer means that nothing was applied. An unknown code may come from an intermediary that timed out.
 *
 * @param known the contract's entry for the code
 */
export function isRefusal(status: number, envelope: Envelope | undefined, known: ErrorCode | undefined): boolean {
  if (known) return !known.inDoubt;
  return envelope ? envelope.code !== 0 && !TIMED_OUT.has(status) : status === TOO_MANY_REQUESTS;
}
