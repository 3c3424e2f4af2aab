/** What becomes of a delivery after an attempt. Pure: the clock and the dice are arguments. */
import { type ErrorReason, isEngageLabError } from "../src/index.ts";

/** For so long is tried, in ms. */
export const GIVE_UP_AFTER = 24 * 3_600_000;

/** The bounds of the wait between attempts, in ms. */
const MIN_WAIT = 1_000;
const MAX_WAIT = 600_000;

/** EngageLab refuses our credentials: nothing that a caller could mend. */
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
  /** `throttled`: nothing else of this EUID is sent before that either. */
  | { readonly kind: "repeat"; readonly at: number; readonly doubt: boolean; readonly throttled: boolean };

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
  const asked = known?.retryAfter === undefined ? undefined : Math.min(known.retryAfter * 1000, GIVE_UP_AFTER);
  return {
    kind: "repeat",
    at: now + (asked ?? wait),
    doubt: delivery.doubt || (known?.outcome ?? "unknown") === "unknown",
    throttled: asked !== undefined || (known !== undefined && "status" in known && known.status === 429),
  };
}
