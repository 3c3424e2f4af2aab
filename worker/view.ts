/** Deliveries as callers see them. Pure. */
import { failures } from "../src/generated/contract.ts";
import type { components } from "./generated/gateway.ts";
import { type Box, isPending, nextAttempt } from "./outbox.ts";
import type { Answer } from "./responses.ts";

type States = components["schemas"]["ContactStates"]["contacts"];

const CONFLICT = failures.contact_already_set.code;

/** The current state of an update. */
export interface Submission {
  readonly box: Box;
  readonly seq: number;
  /** EngageLab's messages by code. They are not stored. */
  readonly messages: ReadonlyMap<number, string>;
}

/** @param names of the update, including those that a newer update has replaced meanwhile */
export function toAnswer(
  names: readonly string[],
  { box, seq, messages }: Submission,
): { readonly outcome: "delivered" | "stored" | "refused"; readonly attempts: number; readonly answer: Answer } {
  const mine = [...box.deliveries].filter(([, delivery]) => delivery.seq === seq);
  const attempts = Math.max(0, ...mine.map(([, delivery]) => delivery.attempts));
  const refused = mine.filter(([, { state }]) => state === "refused");
  if (refused.length > 0) {
    const codes = refused.map(([, { lastError }]) => lastError?.code ?? CONFLICT);
    const code = codes.find((one) => one !== CONFLICT) ?? CONFLICT;
    const text = messages.get(code) ?? "refused";
    const message = refused.length < names.length ? `${text}: ${refused.map(([name]) => name).join(", ")}` : text;
    return {
      outcome: "refused",
      attempts,
      answer: { status: code === CONFLICT ? 409 : 422, envelope: { code, message } },
    };
  }
  const isDelivered = mine.length === names.length && mine.every(([, { state }]) => state === "delivered");
  return isDelivered
    ? { outcome: "delivered", attempts, answer: { status: 200, envelope: { code: 0, message: "success" } } }
    : { outcome: "stored", attempts, answer: { status: 202, envelope: { code: 0, message: "stored" } } };
}

/** The states by contact name, never the values. */
export function toStates(box: Box | undefined): States {
  const states = Array.from(box?.deliveries ?? [], ([name, delivery]) => {
    const { state, attempts, since, lastError, reason } = delivery;
    const next = box && isPending(delivery) ? toDate(nextAttempt(box, delivery)) : undefined;
    const optional = { ...(next && { nextAttempt: next }), ...(lastError && { lastError }), ...(reason && { reason }) };
    return [name, { state, attempts, since: toDate(since), ...optional }] as const;
  });
  return Object.fromEntries(states);
}

export const toDate = (time: number): string => new Date(time).toISOString();
