import { type AnyEngageLabError, ConfigurationError, isEngageLabError } from "./errors.ts";
import { type CallOptions, checkCallOptions, checkNames, checkObject } from "./options.ts";
import { Pace } from "./pace.ts";
import { TOO_MANY_REQUESTS } from "./retry.ts";
import { onAbort } from "./time.ts";
import type { SetContactBody, SetContactResult } from "./types.ts";
import { isPlain } from "./validate.ts";

/** Options of `setContacts`, in addition to those of each call. */
export interface SetContactsOptions extends CallOptions {
  /** Maximum number of concurrent calls, an integer above 0. Default: 6, the connections that a Worker may have open. */
  concurrency?: number | undefined;
  /** Maximum calls per second, not counting retries by the client. Default: no limit. */
  rate?: number | undefined;
  /**
   * Codes that mean throttling, in addition to HTTP 429. The vendor documents none for MA; sibling products use 23008
   * and 3004. Default: none.
   */
  throttleCodes?: readonly number[] | undefined;
}

/** The result of one update. */
export type SetContactsResult<Update = SetContactBody> =
  | { readonly update: Update; readonly ok: true; readonly result: SetContactResult }
  | { readonly update: Update; readonly ok: false; readonly error: AnyEngageLabError };

/** A client for any contract. */
interface ContactSetter<Body> {
  setContact(body: Body, options?: CallOptions): Promise<SetContactResult>;
}

/** An update may be a class instance: its own members are sent. */
function toBody<Update>(update: Update): Update {
  const isInstance = typeof update === "object" && update !== null && !isPlain(update) && !("toJSON" in update);
  return isInstance ? { ...update } : update;
}

type Source<Update> = Iterable<Update> | AsyncIterable<Update>;

/** In seconds. An update with a longer Retry-After fails at once. */
const MAX_RETRY_AFTER = 3_600;

/** Maximum retries of a throttled update. */
const MAX_THROTTLED = 10;

/**
 * Sets the contacts of many users and yields one result per update, in the order of completion.
 *
 * Memory stays flat: at most `concurrency` updates are taken from the source and not yet yielded. Updates of one EUID
 * are sent one after the other, in their order. If the server throttles, all calls wait, for Retry-After or for 1 s
 * doubling to 60 s. The throttled update is then retried, up to 10 times. A Retry-After of more than an hour fails it.
 *
 * A failed update is yielded, not thrown. Errors of the source, of middleware and of `onRetry`, and ConfigurationErrors
 * are thrown, after the results in flight have been yielded.
 *
 * An `onRetry` given here replaces the client's.
 *
 * `break` aborts the calls in flight. So does `signal`: they are yielded as aborted, and the iteration ends without an
 * error.
 *
 * @throws ConfigurationError at once, if an option is not valid
 *
 * @example
 * ```ts
 * for await (const done of setContacts(engagelab, updates)) {
 *   if (!done.ok) console.error(done.update.euid, done.error.message);
 * }
 * ```
 */
export function setContacts<Body, Update extends Body>(
  client: ContactSetter<Body>,
  updates: Source<Update>,
  options: SetContactsOptions = {},
): AsyncGenerator<SetContactsResult<Update>, void, undefined> {
  const { concurrency = 6, rate = Infinity, throttleCodes = [], ...callOptions } = checkObject(options);
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new ConfigurationError("concurrency", "must be an integer above 0");
  }
  if (typeof rate !== "number" || !(rate > 0)) throw new ConfigurationError("rate", "must be a number above 0");
  if (!Array.isArray(throttleCodes) || !throttleCodes.every(Number.isInteger)) {
    throw new ConfigurationError("throttleCodes", "must be a list of integers");
  }
  const isSource = typeof updates === "object" && updates !== null;
  if (!isSource || !(Symbol.iterator in updates || Symbol.asyncIterator in updates)) {
    throw new ConfigurationError("updates", "must be iterable or async iterable: is an await missing?");
  }
  checkNames(callOptions);
  checkCallOptions(callOptions);
  return run<Update>(client, updates, { ...options, concurrency, rate, throttleCodes });
}

async function* run<Update>(
  client: ContactSetter<Update>,
  updates: Source<Update>,
  options: SetContactsOptions & { concurrency: number; rate: number; throttleCodes: readonly number[] },
): AsyncGenerator<SetContactsResult<Update>, void, undefined> {
  const { concurrency, rate, throttleCodes, signal, ...callOptions } = options;
  const source = Symbol.asyncIterator in updates ? updates[Symbol.asyncIterator]() : updates[Symbol.iterator]();
  const stop = new AbortController();
  const pace = new Pace(rate, stop.signal);
  /** The latest update taken from the source, by EUID. */
  const latest = new Map<unknown, Promise<void>>();
  const finished: SetContactsResult<Update>[] = [];
  let unfinished = 0;
  let reading = false;
  /** Whether the source has ended. As in a loop, it is not closed then. */
  let exhausted = false;
  let ended = false;
  let fault: { readonly error: unknown } | undefined;
  let wake = (): void => {};

  const isThrottled = (error: unknown): boolean =>
    (isEngageLabError(error, "api") && (error.status === TOO_MANY_REQUESTS || throttleCodes.includes(error.code))) ||
    (isEngageLabError(error, "response") && error.status === TOO_MANY_REQUESTS);

  const perCall: CallOptions = {
    ...callOptions,
    signal: stop.signal,
    onRetry(retry) {
      if (isThrottled(retry.error)) pace.pause(retry.delay);
      return callOptions.onRetry?.(retry);
    },
  };

  function end(error?: { readonly error: unknown }): void {
    ended = true;
    fault ??= error;
    wake();
  }

  async function set(update: Update): Promise<void> {
    let attempts = 0;
    let inDoubt = false;
    for (let throttled = 0; ; throttled++) {
      if (pace.slow) await pace.turn();
      try {
        finished.push({ update, ok: true, result: await client.setContact(toBody(update), perCall) });
        return pace.recovered();
      } catch (error) {
        if (!isEngageLabError(error) || error.kind === "configuration") return end({ error });
        const { retryAfter = 0 } = error;
        attempts += error.attempts;
        inDoubt ||= error.outcome === "unknown";
        if (throttled === MAX_THROTTLED || retryAfter > MAX_RETRY_AFTER || !isThrottled(error)) {
          // The error describes the last call only.
          Object.assign(error, { attempts }, inDoubt && { outcome: "unknown" });
          return void finished.push({ update, ok: false, error });
        }
        pace.throttled(error.retryAfter);
      }
    }
  }

  function start(update: Update): void {
    // 1, 1n and "1" are the same EUID. The client refuses anything else.
    const { euid }: { euid?: unknown } = Object(update);
    const key = typeof euid === "object" ? undefined : String(euid);
    const settled = (latest.get(key)?.then(() => set(update)) ?? set(update)).then(() => {
      if (latest.get(key) === settled) latest.delete(key);
      unfinished--;
      wake();
    });
    if (key !== undefined) latest.set(key, settled);
    unfinished++;
  }

  function take({ done, value }: IteratorResult<Update, unknown>): void {
    reading = false;
    exhausted = done === true;
    if (done) end();
    else if (!ended) start(value);
    wake();
  }

  function failReading(error: unknown): void {
    reading = false;
    end({ error });
  }

  function read(): void {
    try {
      const next = source.next();
      // A promise would cost a synchronous source 2 % of a call.
      if (!("then" in next)) take(next);
      else {
        reading = true;
        Promise.resolve(next).then(take).catch(failReading);
      }
    } catch (error) {
      failReading(error);
    }
  }

  const abort = (): void => {
    stop.abort(signal?.reason);
    end();
  };
  if (signal?.aborted) abort();
  const unwatch = signal && onAbort(signal, abort);
  try {
    for (;;) {
      while (!reading && !ended && unfinished + finished.length < concurrency) read();
      const result = finished.shift();
      if (result) yield result;
      else if (ended && unfinished === 0) break;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
    if (fault) throw fault.error;
  } finally {
    unwatch?.();
    stop.abort();
    await Promise.all(latest.values());
    const returned = exhausted ? undefined : source.return?.();
    // `next()` may never settle: don't await `return()`, ignore its rejection.
    if (reading) Promise.resolve(returned).catch(() => {});
    else await returned;
  }
}
