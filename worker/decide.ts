/** What becomes of a delivery, and what a mailbox does next. Pure: the clock and the dice are arguments. */
import { type ApiError, type ErrorReason, isEngageLabError } from "../src/index.ts";
import { TIMED_OUT, TOO_MANY_REQUESTS } from "../src/retry.ts";
import type { Facts, Pending, Row } from "./rows.ts";

/** For so long is tried, in ms. */
export const GIVE_UP_AFTER = 24 * 3_600_000;

/** The limit of one attempt at EngageLab, in ms. */
export const ATTEMPT_LIMIT = 5_000;

/**
 * For so long after its start a request may still run, in ms, and nobody else sends: it is given up after ATTEMPT_LIMIT,
 * also where its object has been replaced; the rest is for the other end.
 */
export const LEASE: number = ATTEMPT_LIMIT + 2_000;

/** The bounds of the wait between attempts, in ms. */
const MIN_WAIT = 1_000;
const MAX_WAIT = 600_000;

const UNAUTHORIZED = 401;

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
  /** Whether an earlier attempt may have set them. */
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
  /** `doubt`: an earlier attempt may have set it all the same. */
  | { readonly kind: "parked"; readonly reason: ParkReason; readonly doubt: boolean }
  /** EngageLab refuses the gateway itself. */
  | { readonly kind: "pause" }
  | { readonly kind: "repeat"; readonly at: number; readonly doubt: boolean };

/** Also where a code that nobody knows comes with the status that means just this. */
function isOperatorsFault({ reason, status }: ApiError): boolean {
  return OPERATORS_FAULT.has(reason) || (reason === "unknown" && status === UNAUTHORIZED);
}

/** What Retry-After asks for, in ms. It is no wait where it is over already, such as by a clock that is wrong. */
function askedWait(error: unknown): number | undefined {
  const seconds = isEngageLabError(error) ? error.retryAfter : undefined;
  return seconds ? Math.min(seconds * 1000, GIVE_UP_AFTER) : undefined;
}

/**
 * @param error what the attempt threw, `undefined` where EngageLab answered 0
 * @param now in ms since the epoch
 * @param random from 0 to 1
 */
export function decide(error: unknown, delivery: Delivery, now: number, random: number): Decision {
  if (error === undefined) return { kind: "delivered" };
  const known = isEngageLabError(error) ? error : undefined;
  if (known?.kind === "api" && isOperatorsFault(known)) return { kind: "pause" };
  if (known?.kind === "api" && known.reason === "contact_already_set") {
    if (delivery.names.length > 1) return { kind: "split" };
    return { kind: "parked", reason: delivery.doubt ? "set_or_conflicting" : "conflict", doubt: delivery.doubt };
  }
  const unknown = (known?.outcome ?? "unknown") === "unknown";
  // Beside a status by which somebody on the way gave up, another code is no refusal.
  if (known?.kind === "api" && !known.retryable && !unknown) {
    return { kind: "parked", reason: "refused", doubt: delivery.doubt };
  }
  const doubt = delivery.doubt || unknown;
  // A first attempt may come late, where there is an outbound rate; it is not the last.
  if (delivery.attempts > 0 && now - delivery.since >= GIVE_UP_AFTER) {
    return { kind: "parked", reason: "expired", doubt };
  }
  const wait = Math.min(MAX_WAIT, MIN_WAIT * 2 ** delivery.attempts) * (0.5 + random / 2);
  return { kind: "repeat", at: now + (askedWait(error) ?? wait), doubt };
}

/**
 * What becomes of a value that was sent.
 *
 * @param keep how long what is done is kept, in ms
 */
export function become(row: Pending, decision: Decision, now: number, keep: number): Row {
  const attempts = row.attempts + 1;
  switch (decision.kind) {
    case "delivered": {
      const { seq } = row;
      return { state: "delivered", seq, attempts, since: now, removal: now + keep };
    }
    case "split":
      return { ...row, attempts, solo: true };
    case "parked": {
      const { due, ...rest } = row;
      const { reason, doubt } = decision;
      return { ...rest, state: "parked", reason, doubt, attempts, since: now, removal: now + keep };
    }
    case "repeat":
      return { ...row, attempts, due: decision.at, doubt: decision.doubt };
    case "pause":
      return row; // it was no attempt at the value
  }
}

/** Whether EngageLab has said something of the values, and so takes our credentials. */
export function isAnswer(decision: Decision): boolean {
  if (decision.kind === "parked") return decision.reason !== "expired";
  return decision.kind === "delivered" || decision.kind === "split";
}

/**
 * Until when nothing else of this EUID is sent, in ms since the epoch: somebody may still work on the request, since a
 * connection broke or somebody on the way gave up waiting; or EngageLab throttles.
 *
 * @param started when the attempt began, in ms since the epoch
 */
export function quietUntil(error: unknown, decision: Decision, started: number, now: number): number {
  const status = isEngageLabError(error) && "status" in error ? error.status : 0;
  const lost = isEngageLabError(error, "network") || isEngageLabError(error, "timeout") || TIMED_OUT.has(status);
  const asked = askedWait(error);
  const throttled = decision.kind === "repeat" && status === TOO_MANY_REQUESTS ? decision.at : 0;
  return Math.max(lost ? started + LEASE : 0, asked === undefined ? throttled : now + asked);
}

/** What a mailbox does next, and when, in ms since the epoch; `Infinity`: never. */
export interface Step {
  /** Tells the office whether something is parked; sends; removes what was kept long enough; erases the storage. */
  readonly kind: "report" | "send" | "remove" | "erase";
  readonly at: number;
}

const first = (times: readonly number[]): number => Math.min(Infinity, ...times);

/** @param reportAt not before, since the office did not answer; in ms since the epoch */
export function plan(rows: Iterable<Row>, facts: Facts, reportAt = 0): Step {
  const { quiet, slot, askAt = 0, listed = false } = facts;
  const all = [...rows];
  const due = first(all.flatMap((row) => (row.state === "pending" ? row.due : [])));
  const removal = first(all.flatMap((row) => (row.state === "pending" ? [] : row.removal)));
  const parked = all.some(({ state }) => state === "parked");
  const quietEnd = quiet?.until ?? 0;
  const steps: Step[] = [
    { kind: "report", at: parked === listed ? Infinity : reportAt },
    { kind: "send", at: Math.max(due, quietEnd, slot?.at ?? 0, askAt) },
    { kind: "remove", at: removal },
    // What holds others back goes with the storage, so first it must have ended; and the office must know.
    { kind: "erase", at: all.length === 0 && !listed ? quietEnd : Infinity },
  ];
  return steps.reduce((one, other) => (other.at < one.at ? other : one));
}
