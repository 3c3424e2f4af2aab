import type { Operation } from "./contract.ts";
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
import { areKnown, type HeaderLayer, type HeaderSource, mergeLayers, toLayer } from "./headers.ts";
import type { CallSettings, ClientSettings } from "./options.ts";
import { type Reply, readBody } from "./read-body.ts";
import { copyCause, type Redact, toRedact } from "./redact.ts";
import { isRepeatable, isRetryable, nextDelay, parseRetryAfter } from "./retry.ts";
import { now, type OnStop, sleep, within } from "./time.ts";

const EXCERPT_LENGTH = 256;

/** The names of headers whose values must not appear in an error. */
const SECRET_HEADER = /auth|cookie|credential|jwt|key|pass|secret|session|\bsign|token/;

function findSecrets(headers: HeaderLayer): string[] {
  return Object.keys(headers).flatMap((name) => (SECRET_HEADER.test(name) ? (headers[name] ?? []) : []));
}

/** A copy, because `fetch` may change or transfer bytes. To text, `fetch` would add a Content-Type. */
function toSendable(body: string | ArrayBuffer | null, hasType: boolean): string | ArrayBuffer | null {
  if (typeof body !== "string") return body?.slice(0) ?? null;
  return hasType ? body : Uint8Array.from(new TextEncoder().encode(body)).buffer;
}

function isResponse(value: unknown): boolean {
  const { status, headers }: Partial<Response> = Object(value);
  return Number.isInteger(status) && typeof headers?.get === "function";
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
  /** Calls the functions among the sources. */
  resolve(sources: readonly HeaderSource[]): Promise<readonly HeaderLayer[]>;
  /** Merges headers, and remembers them: an answer may quote a token in them. */
  merge(layers: readonly HeaderLayer[]): Record<string, string>;
  /** The ms until the call must end. */
  remaining(): number;
  /**
   * Repeats attempts until one is answered or a retry can't help.
   *
   * @param first the ms that remain before the first attempt
   */
  send(request: PreparedRequest, first: number): Promise<Answer>;
  /** Interprets an answer. */
  judge(reply: Reply): Answer;
  /** @throws ConfigurationError */
  refuse(option: string, problem: string, thrown?: unknown): never;
}

export function startCall(
  client: ClientSettings,
  settings: CallSettings,
  signal: AbortSignal | undefined,
  operation: Operation | undefined,
  body: string | null,
): Call {
  const { contract, credentials } = client;
  const startedAt = now();
  /** Those of all attempts: a later answer may quote an earlier token. */
  const seen: HeaderLayer[] = [];
  let attempts = 0;
  /** Middleware may change the body. */
  let repeatable = isRepeatable(operation, body);
  /** The outcome of the write. It is `unknown` from when a request leaves until its answer has been read. */
  let outcome: Outcome = "not_sent";

  const remaining = (): number => settings.totalTimeout - (now() - startedAt);
  const details = (retryable: boolean, cause?: unknown): CallDetails => ({ outcome, attempts, retryable, cause });
  const redact: Redact = (text) => toRedact([...(credentials?.secrets ?? []), ...seen.flatMap(findSecrets)])(text);

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

  function judge(reply: Reply, before?: Outcome): Answer {
    const { response, text } = reply;
    const { status } = response;
    const found = readEnvelope(reply);
    const envelope = typeof found === "object" ? found : undefined;
    const known = envelope && (contract.errorCodes[envelope.code] ?? gatewayErrorCodes[envelope.code]);
    // Even a success is `unknown` here: if middleware turns it into an error, the write may have been applied.
    if (before) outcome = before !== "unknown" && isRefusal(status, envelope, known) ? "refused" : "unknown";
    if (envelope?.code === 0) return { response, text, envelope };

    const retryable = isRetryable(repeatable, status, known && known.retryable === true);
    const read = (name: string): string => String(response.headers.get(name) ?? "");
    const retryAfter = parseRetryAfter(read("retry-after"), Date.now());
    const errorDetails = { ...details(retryable, copyCause(reply.cause, redact)), retryAfter };
    if (envelope) {
      const { reason = "unknown", solution } = known ?? {};
      const fields = { code: envelope.code, reason, status, ...(solution && { solution }) };
      return { ...reply, error: new ApiError(redact(envelope.message), fields, errorDetails) };
    }
    const contentType = redact(read("content-type"));
    const excerpt = redact(text).slice(0, EXCERPT_LENGTH);
    const message = `HTTP ${status}: expected an envelope, got ${found}`;
    return { ...reply, error: new ResponseError(message, { status, contentType, excerpt }, errorDetails) };
  }

  async function resolveOne(source: HeaderSource): Promise<HeaderLayer> {
    if (typeof source !== "function") return source;
    let value: unknown;
    try {
      value = await source();
    } catch (thrown) {
      return refuse("headers", "could not be resolved: the function threw", thrown);
    }
    return toLayer(value, credentials !== undefined, (problem) => refuse("headers", problem));
  }

  async function resolve(sources: readonly HeaderSource[]): Promise<readonly HeaderLayer[]> {
    const layers: HeaderLayer[] = [];
    for (const source of sources) layers.push(await resolveOne(source));
    return layers;
  }

  function merge(layers: readonly HeaderLayer[]): Record<string, string> {
    seen.push(...layers);
    return mergeLayers(layers);
  }

  async function exchange(request: PreparedRequest, stop: AbortSignal, onStop: OnStop): Promise<Reply> {
    const { url, method, init } = request;
    attempts++;
    const headers = merge(areKnown(request.headers) ? request.headers : await resolve(request.headers));
    if (stop.aborted) throw stop.reason; // the call has already settled
    if (credentials) headers.authorization = credentials.authorization;
    const { fetch = globalThis.fetch } = client;
    if (typeof fetch !== "function") refuse("fetch", "is needed: this runtime has none");
    const body = toSendable(request.body, "content-type" in headers);
    outcome = "unknown";
    let response: Response;
    try {
      const sent = { ...init, method, headers, body, redirect: "manual", signal: stop } as const;
      // Another implementation of `fetch` returns another Response class; the members read here are the same.
      response = (await fetch(url, sent)) as Response;
    } catch (thrown) {
      throw new NetworkError(details(isRetryable(repeatable), copyCause(thrown, redact)));
    }
    if (!isResponse(response)) refuse("fetch", "must resolve to a Response");
    return await readBody(response, onStop);
  }

  async function send(request: PreparedRequest, first: number): Promise<Answer> {
    const { timeout, maxRetries, onRetry } = settings;
    if (request.body !== body) repeatable = isRepeatable(operation, request.body);
    for (let rest = first; ; rest = remaining()) {
      const before = outcome;
      const limit = timeout < rest ? "timeout" : "totalTimeout";
      let answer: Answer | undefined;
      let error: ApiError | ResponseError | NetworkError | TimeoutError | undefined;
      try {
        const reply = await limited(limit, Math.min(timeout, rest), (stop, onStop) => exchange(request, stop, onStop));
        answer = judge(reply, before);
        error = answer.error;
      } catch (thrown) {
        if (!(thrown instanceof NetworkError || thrown instanceof TimeoutError)) throw thrown;
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

  return { guard, resolve, merge, remaining, send, judge, refuse };
}
