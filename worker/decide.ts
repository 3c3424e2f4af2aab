/** Decides the result of an attempt and when the next one is due. Pure. */
import { type ApiError, type ErrorReason, isEngageLabError } from "../src/index.ts";
import { TIMED_OUT, TOO_MANY_REQUESTS } from "../src/retry.ts";
import { type Attempt, type Decision, type Failure, LEASE_MS, type Verdict } from "./outbox.ts";

/** While the credentials are refused, each isolate probes them once per period. */
export const PROBE_MS = 30_000;

/** About a day at maximum backoff. */
export const MAX_ATTEMPTS = 200;
const MIN_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 600_000;
/** Upper limit for Retry-After. */
const MAX_RETRY_AFTER_MS = 24 * 3_600_000;

const UNAUTHORIZED = 401;
/** EngageLab refuses the gateway's own credentials, which callers can't fix. */
const CREDENTIAL_FAULTS: ReadonlySet<ErrorReason> = new Set([
  "authentication_failed",
  "project_id_illegal",
  "project_not_found",
  "data_source_not_found",
]);

/** Half fixed, half jitter, doubling with each failure. */
function backoff(first: number, failures: number, random: number): number {
  return Math.min(MAX_BACKOFF_MS, first * 2 ** failures) * (0.5 + random / 2);
}

/** A date in the past is ignored: one of the clocks is wrong. */
function retryAfter(error: unknown): number {
  const seconds = isEngageLabError(error) ? (error.retryAfter ?? 0) : 0;
  return Math.min(seconds * 1000, MAX_RETRY_AFTER_MS);
}

const isCredentialFault = ({ reason, status }: ApiError): boolean =>
  CREDENTIAL_FAULTS.has(reason) || (reason === "unknown" && status === UNAUTHORIZED);

function waitForCredentials({ deliveries }: Attempt, random: number): Verdict {
  const faults = Math.max(...Array.from(deliveries.values(), ({ credentialFaults }) => credentialFaults));
  return { kind: "credentials", wait: backoff(2 * PROBE_MS, faults, random) };
}

/** The circuit breaker is open, so nothing was sent. Counts as a refusal of the credentials. */
export const postpone = (attempt: Attempt, random: number): Decision => ({
  verdict: waitForCredentials(attempt, random),
  holdUntil: 0,
});

export function retry({ deliveries }: Attempt, error: unknown, inDoubt: boolean, random: number): Verdict {
  const attempts = Math.max(...Array.from(deliveries.values(), (delivery) => delivery.attempts));
  return { kind: "retry", wait: retryAfter(error) || backoff(MIN_BACKOFF_MS, attempts, random), inDoubt };
}

function judge(error: unknown, attempt: Attempt, isAwaited: boolean, random: number): Verdict {
  if (error === undefined) return { kind: "delivered" };
  const before = [...attempt.deliveries.values()];
  const inDoubt = before.some((delivery) => delivery.inDoubt);
  const isUnknown = !isEngageLabError(error) || error.outcome === "unknown";
  if (isEngageLabError(error, "api")) {
    if (isCredentialFault(error)) return waitForCredentials(attempt, random);
    const isConflict = error.reason === "contact_already_set";
    if (isConflict && before.length > 1) return { kind: "split" };
    if (isConflict || !(error.retryable || isUnknown)) {
      const reason = !isConflict ? "refused" : inDoubt ? "set_or_conflicting" : "conflict";
      return isAwaited && !inDoubt ? { kind: "refused", reason } : { kind: "parked", reason, inDoubt: false };
    }
  }
  if (before.some(({ attempts }) => attempts + 1 >= MAX_ATTEMPTS)) {
    return { kind: "parked", reason: "expired", inDoubt: isUnknown };
  }
  return retry(attempt, error, isUnknown, random);
}

function toFailure(error: unknown): Failure {
  if (!isEngageLabError(error)) return { kind: "unknown" };
  const { kind } = error;
  if (kind === "api") return { kind, code: error.code };
  return kind === "response" ? { kind, status: error.status } : { kind };
}

/** Pause for this EUID: a lost request may still be running, or EngageLab throttles. */
function holdUntil(error: unknown, verdict: Verdict, { startedAt }: Attempt, now: number): number {
  const status = isEngageLabError(error) && "status" in error ? error.status : 0;
  const isLost = isEngageLabError(error, "network") || isEngageLabError(error, "timeout") || TIMED_OUT.has(status);
  const throttled = verdict.kind === "retry" && status === TOO_MANY_REQUESTS ? verdict.wait : 0;
  const asked = retryAfter(error) || throttled;
  return Math.max(isLost ? startedAt + LEASE_MS : 0, asked > 0 ? now + asked : 0);
}

/**
 * Decides the result of an attempt.
 *
 * @param error thrown by the attempt, or `undefined` if EngageLab returned code 0
 * @param isAwaited whether the caller is still waiting
 * @param random from 0 to 1
 */
export function decide(error: unknown, attempt: Attempt, isAwaited: boolean, now: number, random: number): Decision {
  const verdict = judge(error, attempt, isAwaited, random);
  const failure = error === undefined ? {} : { failure: toFailure(error) };
  return { verdict, ...failure, holdUntil: holdUntil(error, verdict, attempt, now) };
}
