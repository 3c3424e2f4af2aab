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
import { addLayer, type HeaderLayer } from "./headers.ts";
import type { CallSettings, ClientSettings } from "./options.ts";
import { type Reply, readBody } from "./read-body.ts";
import { Redactor } from "./redact.ts";
import { isRetryable, nextDelay, parseRetryAfter } from "./retry.ts";
import { now, type OnStop, sleep, within } from "./time.ts";

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

/** What is sent at each attempt, apart from the credentials. */
export interface PreparedRequest {
  readonly url: string;
  readonly method: string;
  /** In the order in which one is laid over the other. A function is called at each attempt. */
  readonly headers: readonly HeaderSource[];
  readonly body: string | ArrayBuffer | null;
  /** Further members of the init for `fetch`. */
  readonly init: object;
}

export type HeaderSource = HeaderLayer | (() => Promise<HeaderLayer>);

/** One call: its attempts and waits, and what is known of the write at any moment. */
export class Call {
  readonly #client: ClientSettings;
  readonly #settings: CallSettings;
  readonly #signal: AbortSignal | undefined;
  readonly #repeatable: boolean;
  readonly #startedAt: number = now();
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

  /** Applies `totalTimeout` and the caller's signal to middleware. */
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
  async send(request: PreparedRequest): Promise<Answer> {
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
          (signal, onStop) => this.#exchange(request, signal, onStop),
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

  /** What an answer means, and records what it says of the write. */
  judge(reply: Reply): Answer {
    const { response, text } = reply;
    const { status } = response;
    const envelope = readEnvelope(reply);
    const accepted = typeof envelope === "object" && envelope.code === 0;
    const { errorCodes } = this.#client.contract;
    const known =
      typeof envelope === "object" ? (errorCodes[envelope.code] ?? gatewayErrorCodes[envelope.code]) : undefined;
    // Accepted, and yet unknown: if middleware makes an error of it, nobody can say "not applied".
    this.#record(!accepted && isRefusal(status, envelope, known) ? "refused" : "unknown");
    if (accepted) return { ...reply, envelope };

    const retryable = isRetryable(this.#repeatable, status, known && known.retryable === true);
    const retryAfter = parseRetryAfter(response.headers.get("retry-after"), Date.now());
    const redactor = this.#redactor();
    const details = { ...this.#details(retryable, redactor.cause(reply.cause)), retryAfter };
    if (typeof envelope === "object") {
      const fields = { code: envelope.code, reason: known?.reason ?? "unknown", status, solution: known?.solution };
      return { ...reply, error: new ApiError(redactor.text(envelope.message), fields, details) };
    }
    const contentType = redactor.text(response.headers.get("content-type") ?? "");
    const excerpt = redactor.text(text).slice(0, EXCERPT_LENGTH);
    const message = `HTTP ${status}: expected an envelope, got ${envelope}`;
    return { ...reply, error: new ResponseError(message, { status, contentType, excerpt }, details) };
  }

  /** @throws ConfigurationError */
  refuse(option: string, problem: string, thrown?: unknown): never {
    throw new ConfigurationError(option, problem, this.#details(false, this.#redactor().cause(thrown)));
  }

  async #exchange(request: PreparedRequest, signal: AbortSignal, onStop: OnStop): Promise<Reply> {
    const { url, method, headers, body, init } = request;
    this.#attempts++;
    const all = new Map<string, string>();
    for (const source of headers) {
      addLayer(all, typeof source === "function" ? await this.#resolve(source) : source);
    }
    if (signal.aborted) throw signal.reason; // the caller has been told
    // Remembered for the whole call: a later answer may quote an earlier token.
    for (const [name, value] of all) if (SECRET_HEADER.test(name)) this.#secrets.push(value);
    const { fetch = globalThis.fetch, credentials } = this.#client;
    if (credentials) all.set("authorization", credentials.authorization);
    if (typeof fetch !== "function") this.refuse("fetch", "is needed: this runtime has none");
    this.#inFlight = true;
    let response: Response;
    try {
      const sent = { ...init, method, headers: Object.fromEntries(all), body, redirect: "manual", signal } as const;
      // What another implementation of `fetch` returns is a Response in all that is read of it.
      response = (await fetch(url, sent)) as Response;
    } catch (thrown) {
      if (signal.aborted) throw thrown; // the next attempt may be in flight
      this.#record("unknown");
      const cause = this.#redactor().cause(thrown);
      throw new NetworkError(this.#details(isRetryable(this.#repeatable), cause));
    }
    if (!signal.aborted && typeof response?.headers?.get !== "function") {
      this.#record("unknown");
      this.refuse("fetch", "must resolve to a Response");
    }
    return readBody(response, onStop);
  }

  async #resolve(source: () => Promise<HeaderLayer>): Promise<HeaderLayer> {
    try {
      return await source();
    } catch (thrown) {
      const known = thrown instanceof ConfigurationError && thrown.option === "headers";
      return this.refuse(
        "headers",
        known ? thrown.message.slice("headers ".length) : "could not be resolved: the function threw",
        thrown,
      );
    }
  }

  /** In ms. */
  #remaining(): number {
    return this.#settings.totalTimeout - (now() - this.#startedAt);
  }

  #timeout(limit: "timeout" | "totalTimeout"): TimeoutError {
    const details = this.#details(isRetryable(this.#repeatable));
    if (this.#inFlight) this.#record("unknown");
    return new TimeoutError(limit, this.#settings[limit], details);
  }

  #aborted(reason: unknown): AbortedError {
    return new AbortedError(this.#details(false, reason));
  }

  /** An attempt has ended. Once in doubt, a call remains in doubt. */
  #record(outcome: Outcome): void {
    this.#inFlight = false;
    if (this.#attempts > 0 && this.#outcome !== "unknown") this.#outcome = outcome;
  }

  #details(retryable: boolean, cause?: unknown): CallDetails {
    return { outcome: this.#inFlight ? "unknown" : this.#outcome, attempts: this.#attempts, retryable, cause };
  }

  #redactor(): Redactor {
    return new Redactor([...(this.#client.credentials?.secrets ?? []), ...this.#secrets]);
  }
}
