/** What becomes of a delivery after an attempt. Pure: the clock and the dice are arguments. */
import { type ErrorReason, isEngageLabError } from "../src/index.ts";

/** For so long is tried, in ms. */
export const GIVE_UP_AFTER = 24 * 3_600_000;

/** The bounds of the wait between attempts, in ms. */
const MIN_WAIT = 1_000;
const MAX_WAIT = 600_000;

/** EngageLab refuses our credentials: nothing that a caller could correct. */
const OPERATORS_FAULT: ReadonlySet<ErrorReason> = new Set([
  "authentication_failed",
  "project_id_illegal",
  "project_not_found",
  "data_source_not_found",
]);

/** Values that one caller sent together, as they were before the attempt. */
export interface Delivery {
  readonly names: readonly string[];
  /** When they were accepted, in ms since the epoch, later by what a pause took. */
  readonly since: number;
  /** Attempts before this one. */
  readonly attempts: number;
  /** An earlier attempt may have set them. */
  readonly doubt: boolean;
}

/**
 * `conflict`: EngageLab refused with 55014; `set_or_conflicting`: it did after an attempt in doubt; `refused`: with
 * another code; `expired`: a day of attempts was in vain.
 */
export type ParkReason = "conflict" | "set_or_conflicting" | "refused" | "expired";

export type Decision =
  | { readonly kind: "delivered" }
  /** Each name alone, at once, so that one does not hold back the others. */
  | { readonly kind: "split" }
  | { readonly kind: "parked"; readonly reason: ParkReason }
  /** EngageLab refuses the gateway itself. */
  | { readonly kind: "pause" }
  | { readonly kind: "repeat"; readonly at: number; readonly doubt: boolean };

const TOO_MANY_REQUESTS = 429;
const GATEWAY_TIMEOUT = 504;

function statusOf(error: unknown): number | undefined {
  return isEngageLabError(error) && "status" in error ? error.status : undefined;
}

/** What Retry-After asks for, in ms. It is no wait where it is over already, such as by a clock that is wrong. */
function askedWait(error: unknown): number | undefined {
  const seconds = isEngageLabError(error) ? error.retryAfter : undefined;
  return seconds ? Math.min(seconds * 1000, GIVE_UP_AFTER) : undefined;
}

/**
 * Until when nothing else of this EUID is sent, in ms since the epoch: EngageLab throttles.
 *
 * @param now in ms since the epoch
 */
export function holdUntil(error: unknown, decision: Decision, now: number): number | undefined {
  const asked = askedWait(error);
  if (asked !== undefined) return now + asked;
  return decision.kind === "repeat" && statusOf(error) === TOO_MANY_REQUESTS ? decision.at : undefined;
}

/** Whether the other end may still work on the request: somebody on the way gave up waiting. */
export function mayStillRun(error: unknown): boolean {
  return isEngageLabError(error, "timeout") || statusOf(error) === GATEWAY_TIMEOUT;
}

/**
 * @param error what the attempt threw, `undefined` where EngageLab answered 0
 * @param now in ms since the epoch
 * @param random from 0 to 1
 */
export function decide(error: unknown, delivery: Delivery, now: number, random: number): Decision {
  if (error === undefined) return { kind: "delivered" };
  const known = isEngageLabError(error) ? error : undefined;
  if (known?.kind === "api" && OPERATORS_FAULT.has(known.reason)) return { kind: "pause" };
  if (known?.kind === "api" && known.reason === "contact_already_set") {
    if (delivery.names.length > 1) return { kind: "split" };
    return { kind: "parked", reason: delivery.doubt ? "set_or_conflicting" : "conflict" };
  }
  if (known?.kind === "api" && !known.retryable) return { kind: "parked", reason: "refused" };
  if (now - delivery.since >= GIVE_UP_AFTER) return { kind: "parked", reason: "expired" };
  const wait = Math.min(MAX_WAIT, MIN_WAIT * 2 ** delivery.attempts) * (0.5 + random / 2);
  const doubt = delivery.doubt || (known?.outcome ?? "unknown") === "unknown";
  return { kind: "repeat", at: now + (askedWait(error) ?? wait), doubt };
}
