/** Decides whether and when to retry. Pure: time and randomness are arguments. */
import type { Operation } from "./contract.ts";
import { MAX_DELAY } from "./time.ts";

/** HTTP statuses worth a retry, unless the contract has the code. */
const RETRYABLE_STATUSES = new Set([408, 429, 500, 502, 503, 504]);

/** The only one of them that means nothing was applied. */
export const TOO_MANY_REQUESTS = 429;

/** An intermediary timed out; the request may still be applied. */
export const TIMED_OUT: ReadonlySet<number> = new Set([408, 504, 524]);

/** Limits of the backoff, in ms. */
const MIN_BACKOFF = 500;
const MAX_BACKOFF = 8_000;

/**
 * Whether the contract allows this body to be sent twice.
 *
 * @param body as it is sent
 */
export function isRepeatable(operation: Operation | undefined, body: string | ArrayBuffer | null): boolean {
  const repeatable = operation?.repeatable ?? false;
  if (typeof repeatable === "boolean") return repeatable;
  const members = parseBody(body);
  return Object.entries(repeatable).every(([name, values]) => {
    const value: unknown = members[name];
    return typeof value === "string" && values.includes(value);
  });
}

function parseBody(body: string | ArrayBuffer | null): Record<string, unknown> {
  try {
    return Object(JSON.parse(typeof body === "string" ? body : new TextDecoder().decode(body ?? undefined)));
  } catch {
    return {}; // middleware may have compressed it
  }
}

/**
 * Whether a retry can help.
 *
 * @param status `undefined` if no answer arrived
 * @param codeRetryable from the contract, if it has the code
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
  // Date.parse alone would read "1.5" as a day in January. One of the three date formats has no time zone.
  const date = /^[A-Z][a-z]+(,.* [\d:]{8} GMT|.* [\d:]{8} \d{4})$/.test(header)
    ? Date.parse(header.replace(/( GMT)?$/, " GMT"))
    : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}

/**
 * The wait before the next attempt in ms, or `undefined` to give up.
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
  // setTimeout would fire at once for a longer delay.
  return delay < Math.min(remaining, MAX_DELAY) ? delay : undefined;
}
