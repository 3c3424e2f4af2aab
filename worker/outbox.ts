/**
 * The state of one EUID: an immutable value and the pure functions that change it. Durations are in ms, points in time in
 * ms since the epoch.
 *
 * An update goes `accept` → `begin` → one request → `decide` → `settle`. The result of `begin` is stored before the request
 * leaves, so after a crash the lease and the doubt are known.
 */

/** Timeout of one attempt. */
export const ATTEMPT_MS = 5_000;
/** How long after its start a request may still be running, even if its object crashed. Nothing else is sent until then. */
export const LEASE_MS: number = ATTEMPT_MS + 2_000;
/** How long a slot of the outbound rate stays valid: alarms can be late. */
export const SLOT_MS = 2_000;

/** Per user. */
export const MAX_NAMES = 100;
const MAX_BYTES = 512 * 1024;

/** The contacts of one request. */
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
  /** Number of the update that set it. */
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
  /** An attempt with an unknown result may have set it. */
  readonly inDoubt: boolean;
  readonly reason?: ParkReason;
  readonly lastError?: Failure | undefined;
}

export interface Box {
  readonly euid: string;
  /** Number of the newest update. */
  readonly seq: number;
  /** An attempt has begun and is not settled. */
  readonly isRunning: boolean;
  /** Nothing is sent before this time: a request may still be running, or EngageLab asked to wait. */
  readonly holdUntil: number;
  /** The reserved slot of the outbound rate, or 0. */
  readonly slotAt: number;
  /** By contact name. */
  readonly deliveries: ReadonlyMap<string, Delivery>;
}

/** One request to EngageLab. */
export interface Attempt {
  readonly euid: string;
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
  /** The caller gets the refusal, so the value is dropped. */
  | { readonly kind: "refused"; readonly reason: ParkReason }
  | { readonly kind: "parked"; readonly reason: ParkReason; readonly inDoubt: boolean }
  | { readonly kind: "retry"; readonly wait: number; readonly inDoubt: boolean }
  /** EngageLab refused the gateway's own credentials. */
  | { readonly kind: "credentials"; readonly wait: number };

export interface Decision {
  readonly verdict: Verdict;
  /** Why the attempt failed. */
  readonly failure?: Failure;
  /** Nothing else of this EUID is sent before this time, or 0. */
  readonly holdUntil: number;
}

export const createBox = (euid: string): Box => ({
  ...{ euid, seq: 0, isRunning: false, holdUntil: 0, slotAt: 0 },
  deliveries: new Map(),
});

export const isPending = ({ state }: Delivery): boolean => state === "pending";
export const isParked = ({ state }: Delivery): boolean => state === "parked";
const some = (box: Box | undefined, test: (delivery: Delivery) => boolean): boolean =>
  box !== undefined && [...box.deliveries.values()].some(test);
export const hasPending = (box: Box | undefined): boolean => some(box, isPending);
export const hasParked = (box: Box | undefined): boolean => some(box, isParked);
/** Whether an attempt at values of this update is due or running. */
export const hasDue = (box: Box, seq: number, now: number): boolean =>
  some(box, (delivery) => delivery.seq === seq && isPending(delivery) && delivery.due <= now);

/** After a crash or a deploy a request may still be running, and its lease was set by another object's clock. */
export function resume(box: Box, now: number): Box {
  return box.isRunning ? { ...box, holdUntil: now + LEASE_MS } : box;
}

/** A newer value replaces the older one of its name, in whatever state that is. */
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

/** Whether a box is small enough to store. */
export function fits({ deliveries }: Box): boolean {
  let bytes = 0;
  const encoder = new TextEncoder();
  for (const [name, { value }] of deliveries) bytes += encoder.encode(name).length + encoder.encode(value).length;
  return deliveries.size <= MAX_NAMES && bytes <= MAX_BYTES;
}

/** Begins the oldest update that is due. Store the box before the request leaves. */
export function begin(box: Box, now: number): { readonly box: Box; readonly attempt: Attempt } | undefined {
  if (Math.max(box.holdUntil, box.slotAt) > now) return undefined;
  const pending = [...box.deliveries].filter(([, delivery]) => isPending(delivery));
  const [first] = pending.filter(([, { due }]) => due <= now).sort(([, one], [, other]) => one.seq - other.seq);
  if (first === undefined) return undefined;
  const { seq, requestId, alone } = first[1];
  const together = alone ? [first] : pending.filter(([, other]) => other.seq === seq && !other.alone);
  const attempt = { euid: box.euid, seq, requestId, startedAt: now, deliveries: new Map(together) };
  const begun = change(box, attempt, (old) => ({ ...old, attempts: old.attempts + 1, inDoubt: true }));
  return { attempt, box: { ...begun, isRunning: true, holdUntil: now + LEASE_MS, slotAt: 0 } };
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

/** Applies a decision. */
export function settle(box: Box, attempt: Attempt, { verdict, failure, holdUntil }: Decision, now: number): Box {
  const settled = change(box, attempt, (current, before) => {
    const tried = { ...current, credentialFaults: 0, inDoubt: before.inDoubt, lastError: failure };
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
        // Doesn't count as an attempt.
        const credentialFaults = before.credentialFaults + 1;
        return { ...before, credentialFaults, due: now + verdict.wait, lastError: failure ?? before.lastError };
      }
    }
  });
  return { ...settled, isRunning: false, holdUntil };
}

/** Waits for a slot of the outbound rate, or until it may ask for one again. */
export function delay(box: Box, until: number, isReserved: boolean): Box {
  return isReserved ? { ...box, slotAt: until } : { ...box, holdUntil: Math.max(box.holdUntil, until) };
}

/** Makes the parked values pending again, with the attempts counted from 0. */
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

/** Removes deliveries that have expired. @param keepMs retention of deliveries that are not pending */
export function prune(box: Box, keepMs: number, now: number): Box {
  const kept = [...box.deliveries].filter(([, delivery]) => isPending(delivery) || delivery.since + keepMs > now);
  return kept.length === box.deliveries.size ? box : { ...box, deliveries: new Map(kept) };
}

/** When the next attempt of a pending delivery can begin. */
export function nextAttempt({ holdUntil, slotAt }: Box, { due }: Delivery): number {
  return Math.max(due, holdUntil, slotAt);
}

/** When the next work is due: to begin an attempt, prune, or erase an empty box. */
export function nextDue(box: Box, keepMs: number): number {
  const times = Array.from(box.deliveries.values(), (delivery) =>
    isPending(delivery) ? nextAttempt(box, delivery) : delivery.since + keepMs,
  );
  return times.length > 0 ? Math.min(...times) : box.holdUntil;
}
