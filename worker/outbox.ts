/**
 * What the gateway holds for one EUID: one immutable value and the pure functions that change it. All times are in ms, points
 * in time since the epoch.
 *
 * An update goes `accept` → `begin` → one request → `decide` → `settle`. What `begin` returns is stored before the request
 * leaves, so whoever continues after a crash finds the lease and the doubt.
 */
import { type ApiError, type ErrorReason, isEngageLabError } from "../src/index.ts";
import { TIMED_OUT, TOO_MANY_REQUESTS } from "../src/retry.ts";

/** Timeout of one attempt. */
export const ATTEMPT_MS = 5_000;
/** How long after its start a request may still be running, even if its object crashed. Nothing else is sent meanwhile. */
export const LEASE_MS: number = ATTEMPT_MS + 2_000;
/** While the credentials are refused, one attempt per isolate and period finds out whether they still are. */
export const PROBE_MS = 30_000;
/** How long a slot of the outbound rate stays valid: alarms can be late. */
export const SLOT_MS = 2_000;

export const MAX_NAMES = 100;
const MAX_BYTES = 512 * 1024;

/** About a day, at the maximum backoff. */
export const MAX_ATTEMPTS = 200;
const MIN_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 600_000;
/** Upper limit for Retry-After. */
const MAX_RETRY_AFTER_MS = 24 * 3_600_000;

const UNAUTHORIZED = 401;
/** EngageLab refuses the gateway's own credentials: nothing that a caller could correct. */
const CREDENTIAL_FAULTS: ReadonlySet<ErrorReason> = new Set([
  "authentication_failed",
  "project_id_illegal",
  "project_not_found",
  "data_source_not_found",
]);

/** What one caller sent together. */
export interface Update {
  readonly contacts: readonly (readonly [name: string, value: string])[];
  readonly requestId: string;
}

export type ParkReason = "conflict" | "set_or_conflicting" | "refused" | "expired";

/** Why an attempt failed, without any text of EngageLab's. */
export interface Failure {
  readonly kind: string;
  readonly code?: number;
  readonly status?: number;
}

/** The newest value of one contact name. */
export interface Delivery {
  readonly state: "pending" | "delivered" | "refused" | "parked";
  /** Empty once it is delivered or refused. */
  readonly value: string;
  /** Number of the update that brought it. */
  readonly seq: number;
  readonly requestId: string;
  /** When it entered its state. */
  readonly since: number;
  /** When the next attempt is due. */
  readonly due: number;
  /** Attempts begun, except those refused because of the gateway's credentials. */
  readonly attempts: number;
  /** Attempts in a row that were refused because of the gateway's credentials. */
  readonly credentialFaults: number;
  /** EngageLab refused the update as a whole, so its names are sent one by one. */
  readonly alone: boolean;
  /** An attempt may have set it: its result is unknown. */
  readonly inDoubt: boolean;
  readonly reason?: ParkReason;
  readonly lastError?: Failure | undefined;
}

export interface Box {
  readonly euid: string;
  /** Number of the newest update. */
  readonly seq: number;
  /** Nothing is sent before: a request may still be running, or EngageLab asked to wait. */
  readonly holdUntil: number;
  /** The reserved slot of the outbound rate, or 0. */
  readonly slotAt: number;
  /** By contact name. */
  readonly deliveries: ReadonlyMap<string, Delivery>;
}

/** One request to EngageLab. */
export interface Attempt {
  readonly seq: number;
  readonly requestId: string;
  readonly startedAt: number;
  /** By contact name, as they were before the attempt. */
  readonly deliveries: ReadonlyMap<string, Delivery>;
}

export type Verdict =
  | { readonly kind: "delivered" }
  /** Several names: send each alone, so that one conflict does not hold back the others. */
  | { readonly kind: "split" }
  /** The caller is told, so the value is dropped. */
  | { readonly kind: "refused"; readonly reason: ParkReason }
  | { readonly kind: "parked"; readonly reason: ParkReason; readonly inDoubt: boolean }
  | { readonly kind: "retry"; readonly wait: number; readonly inDoubt: boolean }
  /** EngageLab refused the gateway's own credentials. */
  | { readonly kind: "credentials"; readonly wait: number };

export const createBox = (euid: string): Box => ({ euid, seq: 0, holdUntil: 0, slotAt: 0, deliveries: new Map() });

export const isPending = ({ state }: Delivery): boolean => state === "pending";
export const isParked = ({ state }: Delivery): boolean => state === "parked";
export const some = ({ deliveries }: Box, test: (delivery: Delivery) => boolean): boolean =>
  [...deliveries.values()].some(test);

/** A newer value replaces the older one of its name, whatever became of that. */
export function accept(box: Box, { contacts, requestId }: Update, now: number): Box {
  const seq = box.seq + 1;
  const deliveries = new Map(box.deliveries);
  for (const [name, value] of contacts) {
    const old = deliveries.get(name);
    const inDoubt = old?.value === value && old.inDoubt;
    deliveries.set(name, {
      ...{ state: "pending", value, seq, requestId, since: now, due: now },
      ...{ attempts: 0, credentialFaults: 0, alone: false, inDoubt },
    });
  }
  return { ...box, seq, deliveries };
}

/** Whether a box is small enough to be stored. */
export function fits({ deliveries }: Box): boolean {
  let bytes = 0;
  const encoder = new TextEncoder();
  for (const [name, { value }] of deliveries) bytes += encoder.encode(name).length + encoder.encode(value).length;
  return deliveries.size <= MAX_NAMES && bytes <= MAX_BYTES;
}

/** Begins the oldest update that is due. Store the box before the request leaves. */
export function begin(box: Box, now: number): { readonly box: Box; readonly attempt: Attempt } | undefined {
  if (box.holdUntil > now) return undefined;
  const pending = [...box.deliveries].filter(([, delivery]) => isPending(delivery));
  const [first] = pending.filter(([, { due }]) => due <= now).sort(([, one], [, other]) => one.seq - other.seq);
  if (first === undefined) return undefined;
  const { seq, requestId, alone } = first[1];
  const together = alone ? [first] : pending.filter(([, other]) => other.seq === seq && !other.alone);
  const attempt = { seq, requestId, startedAt: now, deliveries: new Map(together) };
  const begun = change(box, attempt, (old) => ({ ...old, attempts: old.attempts + 1, inDoubt: true }));
  return { attempt, box: { ...begun, holdUntil: now + LEASE_MS, slotAt: 0 } };
}

/** Changes what was sent, but nothing that has been replaced since. */
function change(
  box: Box,
  { seq, deliveries: sent }: Attempt,
  make: (current: Delivery, before: Delivery) => Delivery,
): Box {
  const deliveries = new Map(box.deliveries);
  for (const [name, before] of sent) {
    const current = deliveries.get(name);
    if (current?.seq === seq && isPending(current)) deliveries.set(name, make(current, before));
  }
  return { ...box, deliveries };
}

/** Half fixed, half jitter, doubling with each failure. */
function backoff(first: number, failures: number, random: number): number {
  return Math.min(MAX_BACKOFF_MS, first * 2 ** failures) * (0.5 + random / 2);
}

/** A date in the past asks for nothing: some clock is wrong. */
function retryAfter(error: unknown): number {
  const seconds = isEngageLabError(error) ? (error.retryAfter ?? 0) : 0;
  return Math.min(seconds * 1000, MAX_RETRY_AFTER_MS);
}

const isCredentialFault = ({ reason, status }: ApiError): boolean =>
  CREDENTIAL_FAULTS.has(reason) || (reason === "unknown" && status === UNAUTHORIZED);

/** The verdict on an attempt that met refused credentials, or an open circuit breaker. */
export function waitForCredentials({ deliveries }: Attempt, random: number): Verdict {
  const faults = Math.max(...Array.from(deliveries.values(), ({ credentialFaults }) => credentialFaults));
  return { kind: "credentials", wait: backoff(2 * PROBE_MS, faults, random) };
}

/** The verdict on an attempt that can't be settled otherwise yet. */
export function retry({ deliveries }: Attempt, error: unknown, inDoubt: boolean, random: number): Verdict {
  const attempts = Math.max(...Array.from(deliveries.values(), (delivery) => delivery.attempts));
  return { kind: "retry", wait: retryAfter(error) || backoff(MIN_BACKOFF_MS, attempts, random), inDoubt };
}

/**
 * What becomes of an attempt.
 *
 * @param error what it threw, or `undefined` if EngageLab returned code 0
 * @param isAwaited whether the caller is still waiting to be told
 * @param random from 0 to 1
 */
export function decide(error: unknown, attempt: Attempt, isAwaited: boolean, random: number): Verdict {
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

export function toFailure(error: unknown): Failure {
  if (!isEngageLabError(error)) return { kind: "unknown" };
  const { kind } = error;
  if (kind === "api") return { kind, code: error.code };
  return kind === "response" ? { kind, status: error.status } : { kind };
}

/** How long nothing else of this EUID is sent: someone may still be working on a lost request, or EngageLab throttles. */
function holdUntil(error: unknown, verdict: Verdict, { startedAt }: Attempt, now: number): number {
  const status = isEngageLabError(error) && "status" in error ? error.status : 0;
  const isLost = isEngageLabError(error, "network") || isEngageLabError(error, "timeout") || TIMED_OUT.has(status);
  const throttled = verdict.kind === "retry" && status === TOO_MANY_REQUESTS ? verdict.wait : 0;
  const asked = retryAfter(error) || throttled;
  return Math.max(isLost ? startedAt + LEASE_MS : 0, asked > 0 ? now + asked : 0);
}

/** Applies a verdict. */
export function settle(box: Box, attempt: Attempt, verdict: Verdict, error: unknown, now: number): Box {
  const lastError = error === undefined ? undefined : toFailure(error);
  const settled = change(box, attempt, (current, before) => {
    const tried = { ...current, credentialFaults: 0, inDoubt: before.inDoubt, lastError };
    switch (verdict.kind) {
      case "delivered":
        return { ...tried, state: "delivered", value: "", since: now, inDoubt: false };
      case "split":
        return { ...tried, alone: true };
      case "refused":
        return { ...tried, state: "refused", value: "", since: now, reason: verdict.reason };
      case "parked":
        return {
          ...{ ...tried, state: "parked", since: now, reason: verdict.reason },
          inDoubt: before.inDoubt || verdict.inDoubt,
        };
      case "retry":
        return { ...tried, due: now + verdict.wait, inDoubt: before.inDoubt || verdict.inDoubt };
      case "credentials": {
        // Not an attempt at the value.
        const credentialFaults = before.credentialFaults + 1;
        return { ...before, credentialFaults, due: now + verdict.wait, lastError: lastError ?? before.lastError };
      }
    }
  });
  return { ...settled, holdUntil: holdUntil(error, verdict, attempt, now) };
}

/** Waits for a slot of the outbound rate, or to ask for one again. */
export function delay(box: Box, until: number, isReserved: boolean): Box {
  return isReserved ? { ...box, slotAt: until } : { ...box, holdUntil: Math.max(box.holdUntil, until) };
}

/** An operator wants the parked values to be tried again, from the first attempt. */
export function retryParked(box: Box, now: number): Box {
  const renew = ({ reason, ...delivery }: Delivery): Delivery => ({
    ...delivery,
    ...{ state: "pending", since: now, due: now, attempts: 0, credentialFaults: 0 },
  });
  const deliveries = Array.from(
    box.deliveries,
    ([name, delivery]) => [name, isParked(delivery) ? renew(delivery) : delivery] as const,
  );
  return { ...box, deliveries: new Map(deliveries) };
}

/** Removes what has been kept long enough. @param keepMs how long what is not pending is kept */
export function prune(box: Box, keepMs: number, now: number): Box {
  const kept = [...box.deliveries].filter(([, delivery]) => isPending(delivery) || delivery.since + keepMs > now);
  return kept.length === box.deliveries.size ? box : { ...box, deliveries: new Map(kept) };
}

/** When the next attempt of a pending delivery can begin. */
export function nextAttempt({ holdUntil, slotAt }: Box, { due }: Delivery): number {
  return Math.max(due, holdUntil, slotAt);
}

/** When there is something to do: begin an attempt, prune, or erase an empty box. */
export function nextDue(box: Box, keepMs: number): number {
  const times = Array.from(box.deliveries.values(), (delivery) =>
    isPending(delivery) ? nextAttempt(box, delivery) : delivery.since + keepMs,
  );
  return times.length > 0 ? Math.min(...times) : box.holdUntil;
}
