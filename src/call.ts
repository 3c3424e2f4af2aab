import type { ErrorCode } from "./contract.ts";
import { type Envelope, readEnvelope } from "./envelope.ts";
import {
  AbortedError,
  ApiError,
  type Circumstances,
  ConfigurationError,
  NetworkError,
  type Outcome,
  ResponseError,
  TimeoutError,
} from "./errors.ts";
import { contract } from "./generated/contract.ts";
import { gatewayErrorCodes } from "./generated/gateway.ts";
import type { CallSettings, ClientSettings } from "./options.ts";
import { Redactor } from "./redact.ts";
import { isRetryable, nextDelay, parseRetryAfter, TIMED_OUT, TOO_MANY_REQUESTS } from "./retry.ts";
import { type OnStop, sleep, within } from "./time.ts";
import { type Reply, readReply } from "./transport.ts";

const EXCERPT_LENGTH = 256;

/** The names of headers whose values must not appear in an error. */
const SECRET_HEADER = /auth|cookie|key|secret|token/;

/** What a call came to. */
export type Answer = Reply &
  (
    | { readonly envelope: Envelope; readonly error?: never }
    | { readonly envelope?: never; readonly error: ApiError | ResponseError }
  );

/** No answer came. */
interface Unanswered {
  readonly response?: never;
  readonly error: NetworkError | TimeoutError;
}

/** What is sent at each attempt, without the headers that are added below the middleware. */
export interface Outgoing {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  body: string | null;
  /** Further members of the init for `fetch`. */
  readonly init: object;
}

/** Whether an answer says that nothing was done. An unknown code may also come from somebody who stopped waiting. */
function isRefusal(status: number, envelope: Envelope | string, known: ErrorCode | undefined): boolean {
  if (known) return !known.inDoubt;
  return typeof envelope === "object" ? !TIMED_OUT.has(status) : status === TOO_MANY_REQUESTS;
}

/** One call: its attempts and waits, and what is known of the write at any moment. */
export class Call {
  readonly #client: ClientSettings;
  readonly #settings: CallSettings;
  readonly #signal: AbortSignal | undefined;
  readonly #repeatable: boolean;
  readonly #startedAt: number = performance.now();
  readonly #secrets: string[] = [];
  #attempts = 0;
  #inFlight = false;
  /** What the finished attempts came to. */
  #outcome: Outcome = "not_sent";

  constructor(client: ClientSettings, settings: CallSettings, signal: AbortSignal | undefined, repeatable: boolean) {
    this.#client = client;
    this.#settings = settings;
    this.#signal = signal;
    this.#repeatable = repeatable;
  }

  /** Ends what lies around the attempts, such as work of others, when the call must end. */
  guard<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return within(
      this.#remaining(),
      this.#signal,
      () => this.#timeout("totalTimeout"),
      (reason) => this.#aborted(reason),
      work,
    );
  }

  /** Attempts until there is an answer, or nothing more can be done. */
  async send(outgoing: Outgoing): Promise<Answer> {
    const { timeout, maxRetries, onRetry } = this.#settings;
    for (;;) {
      const remaining = this.#remaining();
      const limit = timeout < remaining ? "timeout" : "totalTimeout";
      let attempted: Answer | Unanswered;
      try {
        const reply = await within(
          Math.min(timeout, remaining),
          this.#signal,
          () => this.#timeout(limit),
          (reason) => this.#aborted(reason),
          (signal, onStop) => this.#exchange(outgoing, signal, onStop),
        );
        attempted = this.judge(reply);
      } catch (error) {
        if (!(error instanceof NetworkError || error instanceof TimeoutError)) throw error;
        attempted = { error };
      }
      const { error } = attempted;
      if (error === undefined) return attempted;
      const delay = nextDelay(error, this.#attempts, maxRetries, this.#remaining(), Math.random());
      if (delay === undefined) {
        if (attempted.response) return attempted;
        throw error;
      }
      await this.guard(async (signal) => {
        await onRetry?.({ attempt: this.#attempts, delay, error });
        await sleep(delay, signal);
      });
    }
  }

  /** What an answer means. */
  judge(reply: Reply): Answer {
    const { response, text } = reply;
    const { status } = response;
    const envelope = readEnvelope(reply);
    if (typeof envelope === "object" && envelope.code === 0) {
      this.#settle("unknown"); // applied: should a middleware make an error of it, nobody can say "not applied"
      return { ...reply, envelope };
    }

    const known =
      typeof envelope === "object"
        ? (contract.errorCodes[envelope.code] ?? gatewayErrorCodes[envelope.code])
        : undefined;
    this.#settle(isRefusal(status, envelope, known) ? "refused" : "unknown");
    const retryable = isRetryable(this.#repeatable, status, known && known.retryable === true);
    const retryAfter = parseRetryAfter(response.headers.get("retry-after"), Date.now());
    const circumstances = { ...this.#circumstances(retryable, reply.cause), retryAfter };
    const redactor = this.#redactor();
    if (typeof envelope === "object") {
      const fields = { code: envelope.code, reason: known?.reason ?? "unknown", status, solution: known?.solution };
      return { ...reply, error: new ApiError(redactor.text(envelope.message), fields, circumstances) };
    }
    const contentType = redactor.text(response.headers.get("content-type") ?? "");
    const excerpt = redactor.text(text).slice(0, EXCERPT_LENGTH);
    const message = `HTTP ${status}: expected an envelope, got ${envelope}`;
    return { ...reply, error: new ResponseError(message, { status, contentType, excerpt }, circumstances) };
  }

  async #exchange({ url, method, headers, body, init }: Outgoing, signal: AbortSignal, onStop: OnStop): Promise<Reply> {
    this.#attempts++;
    // Those of the options, those of the request over them, then the credentials.
    const all: Record<string, string> = {};
    for (const source of this.#settings.headers) {
      this.#addHeaders(all, typeof source === "function" ? await this.#resolve(source) : source);
    }
    if (body !== null) all["content-type"] = "application/json";
    this.#addHeaders(all, headers);
    const { fetch = globalThis.fetch, authorization } = this.#client;
    if (authorization) all.authorization = authorization;
    signal.throwIfAborted();
    this.#inFlight = true;
    try {
      const response = await fetch(url, {
        ...init,
        method,
        headers: all,
        body,
        redirect: "manual",
        signal,
      });
      return await readReply(response, signal, onStop);
    } catch (cause) {
      signal.throwIfAborted();
      this.#settle("unknown");
      throw new NetworkError(this.#circumstances(isRetryable(this.#repeatable), cause));
    }
  }

  /** What an error must not show is remembered for the whole call: a later answer may quote an earlier token. */
  #addHeaders(all: Record<string, string>, headers: Headers): void {
    headers.forEach((value, name) => {
      all[name] = value;
      if (SECRET_HEADER.test(name)) this.#secrets.push(value);
    });
  }

  async #resolve(source: () => Promise<Headers>): Promise<Headers> {
    try {
      return await source();
    } catch (cause) {
      const problem =
        cause instanceof ConfigurationError
          ? cause.message.replace(/^headers /, "")
          : "could not be resolved: the function threw";
      throw new ConfigurationError("headers", problem, this.#circumstances(false, cause));
    }
  }

  /** In ms. */
  #remaining(): number {
    return this.#settings.totalTimeout - (performance.now() - this.#startedAt);
  }

  #timeout(limit: "timeout" | "totalTimeout"): TimeoutError {
    const circumstances = this.#circumstances(isRetryable(this.#repeatable));
    if (this.#inFlight) this.#settle("unknown");
    return new TimeoutError(limit, this.#settings[limit], circumstances);
  }

  #aborted(reason: unknown): AbortedError {
    return new AbortedError(this.#circumstances(false, reason));
  }

  /** An attempt has ended. Once in doubt, a call remains in doubt. */
  #settle(outcome: Outcome): void {
    this.#inFlight = false;
    if (this.#attempts > 0 && this.#outcome !== "unknown") this.#outcome = outcome;
  }

  #circumstances(retryable: boolean, cause?: unknown): Circumstances {
    const outcome = this.#inFlight ? "unknown" : this.#outcome;
    return { outcome, attempts: this.#attempts, retryable, cause: this.#redactor().cause(cause) };
  }

  #redactor(): Redactor {
    return new Redactor([...this.#client.secrets, ...this.#secrets]);
  }
}
