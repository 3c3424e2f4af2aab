/** What a caller who waits for the first attempt is told of it. Pure. */
import { failures } from "../src/generated/contract.ts";
import type { Envelope } from "../src/index.ts";
import type { Decision } from "./decide.ts";

export interface Receipt {
  readonly status: 200 | 202 | 400 | 409 | 422;
  readonly envelope: Envelope;
  readonly attempts: number;
}

/** This value, or a newer accepted one, will be answered with 0 by EngageLab, or be listed as parked. */
export const STORED: Receipt = { status: 202, envelope: { code: 0, message: "stored" }, attempts: 0 };

/** What came of an attempt at some names of the letter. */
export interface Told {
  readonly names: readonly string[];
  readonly decision: Decision;
  /** What EngageLab answered, if it did. */
  readonly envelope: Envelope | undefined;
}

/** Whether EngageLab said no, and no earlier attempt is in doubt. */
export function isRefusal(decision: Decision): boolean {
  if (decision.kind !== "parked" || decision.doubt) return false;
  return decision.reason === "conflict" || decision.reason === "refused";
}

/** @param asked how many names the letter has */
export function toReceipt(asked: number, told: readonly Told[]): Receipt {
  const attempts = told.length;
  const refusals = told.filter(({ decision }) => isRefusal(decision));
  const conflict = failures.contact_already_set.code;
  const worst = refusals.find(({ envelope }) => envelope?.code !== conflict) ?? refusals[0];
  if (worst?.envelope) {
    const { code, message } = worst.envelope;
    const names = refusals.flatMap((one) => one.names);
    const text = names.length < asked ? `${message}: ${names.join(", ")}` : message;
    return { status: code === conflict ? 409 : 422, envelope: { code, message: text }, attempts };
  }
  const delivered = told.filter(({ decision }) => decision.kind === "delivered");
  const envelope = delivered.at(-1)?.envelope;
  const all = delivered.flatMap(({ names }) => names).length === asked;
  return all && envelope ? { status: 200, envelope, attempts } : { ...STORED, attempts };
}
