import { type Envelope, isRefusal, readEnvelope } from "./envelope.ts";
import {
  AbortedError,
  ApiError,
  type CallDetails,
  ConfigurationError,
  NetworkError,
  type Outcome,
  ResponseError,
  TimeoutError,
} from "./errors.ts";
import { gatewayErrorCodes } from "./generated/gateway.ts";
import { type HeaderLayer, type HeaderSource, mergeLayers, toLayer } from "./headers.ts";
import type { CallSettings, ClientSettings } from "./options.ts";
import { type Reply, readBody } from "./read-body.ts";
import { copyCause, type Redact, toRedact } from "./redact.ts";
import { isRetryable, nextDelay, parseRetryAfter } from "./retry.ts";
import { now, type OnStop, sleep, within } from "./time.ts";

const EXCERPT_LENGTH = 256;

/** Whether the value of a header must not appear in an error. */
function isSecret(name: string): boolean {
  return /auth|cookie|credential|jwt|key|pass|secret|session|\bsign|token/.test(name);
}

/** The result of a call. */
export type Answer = Reply &
  (
    | { readonly envelope: Envelope; readonly error?: never }
    | { readonly envelope?: never; readonly error: ApiError | ResponseError }
  );

/** Everything an attempt sends, except the credentials. */
export interface PreparedRequest {
  readonly url: string;
  readonly method: string;
  /** Later ones override earlier ones. */
  readonly headers: readonly HeaderSource[];
  readonly body: string | ArrayBuffer | null;
  /** Further members of the init for `fetch`. */
  readonly init: object;
}

/** One call: its attempts, its waits and the current outcome of the write. */
export interface Call {
  /** Applies `totalTimeout` and the caller's signal to middleware. */
  guard<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Repeats attempts until one is answered or a retry can't help. */
  send(request: PreparedRequest): Promise<Answer>;
  /** Interprets an answer and records the outcome of the write. */
  judge(reply: Reply): Answer;
  /** @throws ConfigurationError */
  refuse(option: string, problem: string, thrown?: unknown): never;
}

export function startCall(
  client: ClientSettings,
  settings: CallSettings,
  signal: AbortSignal | undefined,
  repeatable: boolean,
): Call {
  const { contract, credentials } = client;
  const startedAt = now();
  /** The headers of each attempt. A later answer may quote an earlier token. */
  let sent: readonly Readonly<Record<string, string>>[] = [];
  let attempts = 0;
  /** The outcome of the write. It is `unknown` from when a request leaves until its answer has been judged. */
  let outcome: Outcome = "not_sent";
  /** The outcome before that request. Once in doubt, a call remains in doubt. */
  let before: Outcome = outcome;

  const remaining = (): number => settings.totalTimeout - (now() - startedAt);
  const details = (retryable: boolean, cause?: unknown): CallDetails => ({ outcome, attempts, retryable, cause });
  const redact: Redact = (text) => {
    const tokens = sent.flatMap((headers) =>
      Object.keys(headers)
        .filter(isSecret)
        .map((name) => String(headers[name])),
    );
    return toRedact([...(credentials?.secrets ?? []), ...tokens])(text);
  };

  function refuse(option: string, problem: string, thrown?: unknown): never {
    throw new ConfigurationError(option, problem, details(false, copyCause(thrown, redact)));
  }

  function limited<T>(
    limit: "timeout" | "totalTimeout",
    ms: number,
    work: (signal: AbortSignal, onStop: OnStop) => Promise<T>,
  ): Promise<T> {
    const toError = (aborted: boolean) =>
      aborted
        ? new AbortedError(details(false, signal?.reason))
        : new TimeoutError(limit, settings[limit], details(isRetryable(repeatable)));
    return within(ms, signal, toError, work);
  }

  function guard<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return limited("totalTimeout", remaining(), work);
  }

  function judge(reply: Reply): Answer {
    const { response, text } = reply;
    const { status } = response;
    const read = readEnvelope(reply);
    const envelope = typeof read === "object" ? read : undefined;
    const known = envelope && (contract.errorCodes[envelope.code] ?? gatewayErrorCodes[envelope.code]);
    if (attempts > 0) {
      // Even a success is `unknown` here: if middleware turns it into an error, the write may have been applied.
      outcome = before !== "unknown" && isRefusal(status, envelope, known) ? "refused" : "unknown";
      before = outcome;
    }
    if (envelope?.code === 0) return { ...reply, envelope };

    const retryable = isRetryable(repeatable, status, known && known.retryable === true);
    const retryAfter = parseRetryAfter(response.headers.get("retry-after"), Date.now());
    const errorDetails = { ...details(retryable, copyCause(reply.cause, redact)), retryAfter };
    if (envelope) {
      const { reason = "unknown", solution } = known ?? {};
      const fields = { code: envelope.code, reason, status, ...(solution && { solution }) };
      return { ...reply, error: new ApiError(redact(envelope.message), fields, errorDetails) };
    }
    const contentType = redact(response.headers.get("content-type") ?? "");
    const excerpt = redact(text).slice(0, EXCERPT_LENGTH);
    const message = `HTTP ${status}: expected an envelope, got ${read}`;
    return { ...reply, error: new ResponseError(message, { status, contentType, excerpt }, errorDetails) };
  }

  async function resolve(source: () => unknown): Promise<HeaderLayer> {
    let value: unknown;
    try {
      value = await source();
    } catch (thrown) {
      return refuse("headers", "could not be resolved: the function threw", thrown);
    }
    return toLayer(value, credentials !== undefined, (problem) => refuse("headers", problem));
  }

  async function exchange(request: PreparedRequest, stop: AbortSignal, onStop: OnStop): Promise<Reply> {
    const { url, method, headers, body, init } = request;
    attempts++;
    const layers: HeaderLayer[] = [];
    for (const source of headers) layers.push(typeof source === "function" ? await resolve(source) : source);
    if (stop.aborted) throw stop.reason; // the call has already settled
    const merged = mergeLayers(layers);
    sent = [...sent, merged];
    if (credentials) merged.authorization = credentials.authorization;
    const { fetch = globalThis.fetch } = client;
    if (typeof fetch !== "function") refuse("fetch", "is needed: this runtime has none");
    before = outcome;
    outcome = "unknown";
    let response: Response;
    try {
      const sent = { ...init, method, headers: merged, body, redirect: "manual", signal: stop } as const;
      // Another implementation of `fetch` returns another Response class; the members read here are the same.
      response = (await fetch(url, sent)) as Response;
    } catch (thrown) {
      throw new NetworkError(details(isRetryable(repeatable), copyCause(thrown, redact)));
    }
    if (!Number.isInteger(response?.status) || typeof response.headers?.get !== "function")
      refuse("fetch", "must resolve to a Response");
    return await readBody(response, onStop);
  }

  async function send(request: PreparedRequest): Promise<Answer> {
    const { timeout, maxRetries, onRetry } = settings;
    for (;;) {
      const rest = remaining();
      const limit = timeout < rest ? "timeout" : "totalTimeout";
      let answer: Answer | undefined;
      let error: ApiError | ResponseError | NetworkError | TimeoutError | undefined;
      try {
        answer = judge(await limited(limit, Math.min(timeout, rest), (...stop) => exchange(request, ...stop)));
        error = answer.error;
      } catch (thrown) {
        if (!(thrown instanceof NetworkError || thrown instanceof TimeoutError)) throw thrown;
        before = outcome;
        error = thrown;
      }
      const delay = error && nextDelay(error, attempts, maxRetries, remaining(), Math.random());
      if (error === undefined || delay === undefined) {
        if (answer) return answer;
        throw error;
      }
      const retry = { attempt: attempts, delay, error };
      await guard(async (stop) => {
        await onRetry?.(retry);
        await sleep(delay, stop);
      });
    }
  }

  return { guard, send, judge, refuse };
}
