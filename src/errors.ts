import type { ErrorReason as KnownReason } from "./generated/contract.ts";
import type { GatewayReason } from "./generated/gateway.ts";
import { describe } from "./redact.ts";

/** The name of a code: those of the package's contract, a gateway's, those of your own, and `unknown` for any other code. */
export type ErrorReason = KnownReason | GatewayReason | (string & {});

/**
 * What is known of the write: `not_sent`, `refused` (EngageLab refused it, and no earlier attempt is in doubt), or
 * `unknown` (it may have been applied).
 */
export type Outcome = "not_sent" | "refused" | "unknown";

const OUTCOMES: readonly unknown[] = ["not_sent", "refused", "unknown"] satisfies Outcome[];

/** What all errors tell about the call. */
export type CallDetails = Pick<EngageLabError, "outcome" | "attempts" | "retryable" | "cause"> & {
  readonly retryAfter?: number | undefined;
};

const NOT_SENT: CallDetails = { outcome: "not_sent", attempts: 0, retryable: false };

/** The base of every error of this package. Narrow it with `isEngageLabError` and `kind`. */
export abstract class EngageLabError extends Error {
  /** The discriminant: tells the class, also across realms and copies of the package. */
  abstract readonly kind: string;
  /** What is known of the write. */
  readonly outcome: Outcome;
  /** The number of attempts begun. It includes an attempt that sent nothing, for example because `headers` threw. */
  readonly attempts: number;
  /** Whether repeating the call can help. */
  readonly retryable: boolean;
  /** Seconds to wait before the next attempt, if the server said so. */
  declare readonly retryAfter?: number;
  /** A copy of what was thrown, without secrets. For an AbortedError, the signal's reason itself. */
  declare readonly cause?: unknown;

  constructor(message: string, { outcome, attempts, retryable, retryAfter, cause }: CallDetails) {
    super(message, cause === undefined ? undefined : { cause });
    this.outcome = outcome;
    this.attempts = attempts;
    this.retryable = retryable;
    if (retryAfter !== undefined) this.retryAfter = retryAfter;
  }

  /** What `JSON.stringify` shows: all fields but `stack` and `cause`. */
  toJSON(): object {
    return { ...this, message: this.message };
  }
}

/** An option is not valid, or the runtime refuses to build the request. */
export class ConfigurationError extends EngageLabError {
  override readonly name = "ConfigurationError";
  readonly kind = "configuration";
  /** The name of the option. */
  readonly option: string;

  constructor(option: string, problem: string, details: Partial<CallDetails> = {}) {
    super(`${option} ${problem}`, { ...NOT_SENT, ...details });
    this.option = option;
  }
}

/** An argument does not fit the contract. Nothing was sent. */
export class ValidationError extends EngageLabError {
  override readonly name = "ValidationError";
  readonly kind = "validation";
  /** Where the fault is: `contacts.email`. Empty for the body itself. */
  readonly path: string;

  constructor(path: string, message: string) {
    super(message, NOT_SENT);
    this.path = path;
  }
}

/** An envelope with a code other than 0, whatever the HTTP status was. `message` is the envelope's, without secrets. */
export class ApiError extends EngageLabError {
  override readonly name = "ApiError";
  readonly kind = "api";
  /** EngageLab's code, or the HTTP status times 1000 if the gateway itself refused the call. */
  declare readonly code: number;
  /** The name that the contract gives to the code, or `unknown`. */
  declare readonly reason: ErrorReason;
  /** The HTTP status. */
  declare readonly status: number;
  /** What to do about it, if the contract says so. */
  declare readonly solution?: string;

  constructor(
    message: string,
    fields: Pick<ApiError, "code" | "reason" | "status" | "solution">,
    details: CallDetails,
  ) {
    super(message, details);
    Object.assign(this, fields);
  }
}

/** A response that is not an envelope: HTML, a body that is empty, cut off or too large, or a redirect. */
export class ResponseError extends EngageLabError {
  override readonly name = "ResponseError";
  readonly kind = "response";
  /** The HTTP status; 0 if a browser hides it (a redirect). */
  declare readonly status: number;
  /** The header Content-Type, or an empty string. */
  declare readonly contentType: string;
  /** The beginning of the body, at most 256 characters, without secrets. */
  declare readonly excerpt: string;

  constructor(
    message: string,
    fields: Pick<ResponseError, "status" | "contentType" | "excerpt">,
    details: CallDetails,
  ) {
    super(message, details);
    Object.assign(this, fields);
  }
}

/** `fetch` rejected: no connection, or a broken one. */
export class NetworkError extends EngageLabError {
  override readonly name = "NetworkError";
  readonly kind = "network";

  constructor(details: CallDetails) {
    const why = describe(details.cause);
    super(`The request failed before an answer came${why && ": "}${why}`, details);
  }
}

/** A time limit passed. */
export class TimeoutError extends EngageLabError {
  override readonly name = "TimeoutError";
  readonly kind = "timeout";
  /** The limit that passed, in ms. */
  readonly timeout: number;

  constructor(limit: "timeout" | "totalTimeout", timeout: number, details: CallDetails) {
    super(`No answer within ${timeout} ms (${limit})`, details);
    this.timeout = timeout;
  }
}

/** The caller's signal was aborted; `cause` is its reason. */
export class AbortedError extends EngageLabError {
  override readonly name = "AbortedError";
  readonly kind = "aborted";

  constructor(details: CallDetails) {
    super("The call was aborted", details);
  }
}

/** All errors of this package, discriminated by `kind`. */
export type AnyEngageLabError =
  | ConfigurationError
  | ValidationError
  | ApiError
  | ResponseError
  | NetworkError
  | TimeoutError
  | AbortedError;

/** The values of `kind`. New ones may come with a minor version. */
export type ErrorKind = AnyEngageLabError["kind"];

/**
 * Whether `value` is an error of this package, of the given kind if one is given. It checks the fields, so it works
 * across realms, copies of the package and Workers RPC, where `instanceof` does not. RPC keeps the fields of an error from
 * compatibility date 2026-04-21 on.
 */
export function isEngageLabError<Kind extends ErrorKind = ErrorKind>(
  value: unknown,
  kind?: Kind,
): value is Extract<AnyEngageLabError, { kind: Kind }> {
  try {
    const { kind: actual, outcome, attempts, retryable, message } = Object(value);
    const branded = OUTCOMES.includes(outcome) && typeof attempts === "number" && typeof retryable === "boolean";
    return branded && typeof message === "string" && typeof actual === "string" && (kind ?? actual) === actual;
  } catch {
    return false; // a revoked Proxy, for example
  }
}
