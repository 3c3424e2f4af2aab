import type { Attempt, Decision } from "./outbox.ts";

/** Writes one line of JSON. Never pass contact values, tokens or EngageLab's text. */
export function log(fields: Readonly<Record<string, unknown>>): void {
  console.log(JSON.stringify(fields));
}

/** The code of an error's cause, such as `ECONNREFUSED`, or else its name. In workerd, a lost connection has no code. */
function causeCode(error: unknown): string | undefined {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  if (typeof cause !== "object" || cause === null) return undefined;
  if ("message" in cause && cause.message === "Network connection lost.") return "CONNECTION_LOST";
  const found = "code" in cause ? cause.code : "name" in cause ? cause.name : undefined;
  return typeof found === "string" && /^\w{1,64}$/.test(found) ? found : undefined;
}

/** Logs the result of an attempt. */
export function logAttempt(attempt: Attempt, { verdict, failure }: Decision, error: unknown): void {
  const attempts = Math.max(...Array.from(attempt.deliveries.values(), (before) => before.attempts)) + 1;
  log({
    ...{ requestId: attempt.requestId, euid: attempt.euid, outcome: verdict.kind, attempts },
    ...(failure && { ...failure, cause: causeCode(error) }),
    ...("reason" in verdict && { reason: verdict.reason }),
    ...("wait" in verdict && { nextAttempt: new Date(Date.now() + verdict.wait).toISOString() }),
  });
}
