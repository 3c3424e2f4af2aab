/** What to do after a failed attempt, and when. Pure: the clock and the dice are arguments. */
import type { Operation } from "./contract.ts";
import { MAX_DELAY } from "./time.ts";

/** HTTP statuses worth a retry, unless the contract says otherwise of the code. */
const RETRYABLE_STATUSES = new Set([408, 429, 500, 502, 503, 504]);

/** The one status that says: nothing was done. */
export const TOO_MANY_REQUESTS = 429;

/** The statuses that say: somebody stopped waiting, and what they waited for may still come about. */
export const TIMED_OUT: ReadonlySet<number> = new Set([408, 504, 524]);

/** The bounds of the backoff, in ms. */
const MIN_BACKOFF = 500;
const MAX_BACKOFF = 8_000;

/**
 * Whether the contract allows to send this body again without a change of meaning.
 *
 * @param body as it is sent
 */
export function isRepeatable(operation: Operation | undefined, body: string | null | undefined): boolean {
  const repeatable = operation?.repeatable ?? false;
  if (typeof repeatable === "boolean") return repeatable;
  const members = Object(JSON.parse(body ?? "null"));
  return Object.entries(repeatable).every(([name, values]) => {
    const value: unknown = members[name];
    return typeof value === "string" && values.includes(value);
  });
}

/**
 * Whether a retry can help.
 *
 * @param status none: no answer came
 * @param codeRetryable what the contract says of the code, if it knows it
 */
export function isRetryable(repeatable: boolean, status?: number, codeRetryable?: boolean): boolean {
  const helps = codeRetryable ?? (status === undefined || RETRYABLE_STATUSES.has(status));
  return helps && (repeatable || status === TOO_MANY_REQUESTS);
}

/**
 * The seconds that the header Retry-After asks for, in either of its forms.
 *
 * @param now in ms since the epoch
 * @see https://datatracker.ietf.org/doc/html/rfc9110#section-10.2.3
 */
export function parseRetryAfter(header: string | null | undefined, now: number): number | undefined {
  if (!header) return undefined;
  if (/^\d+$/.test(header)) return Number(header);
  // Date.parse alone would take "1.5" for a day in January. One of the three forms of a date does not name its zone.
  const date = /^[A-Z][a-z]{2} |GMT$/.test(header) ? Date.parse(header.replace(/( GMT)?$/, " GMT")) : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}

/**
 * The wait before the next attempt in ms, or nothing: give up.
 *
 * @param attempt the number of the attempt that failed, from 1
 * @param remaining ms until the call as a whole must end
 * @param random a number from 0 to 1
 */
export function nextDelay(
  failure: { readonly retryable: boolean; readonly retryAfter?: number | undefined },
  attempt: number,
  maxRetries: number,
  remaining: number,
  random: number,
): number | undefined {
  if (!failure.retryable || attempt > maxRetries) return undefined;
  const delay =
    failure.retryAfter === undefined
      ? random * Math.min(MAX_BACKOFF, MIN_BACKOFF * 2 ** (attempt - 1))
      : failure.retryAfter * 1000;
  // A longer delay than setTimeout knows would fire at once.
  return delay < Math.min(remaining, MAX_DELAY) ? delay : undefined;
}
