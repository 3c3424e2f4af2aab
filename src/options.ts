import type { Contract } from "./contract.ts";
import { type Credentials, checkCredentials } from "./credentials.ts";
import { type AnyEngageLabError, ConfigurationError } from "./errors.ts";
import { contract as ownContract } from "./generated/contract.ts";
import { type HeaderSource, type HeadersRecord, toLayer } from "./headers.ts";
import { MAX_DELAY } from "./time.ts";
import { checkContract } from "./validate.ts";

/** What may be given for the client and for one call. */
interface SharedOptions {
  /**
   * Further headers: an object, or a (possibly async) function that returns one, called for each attempt inside its time
   * limit. Those of a call are laid over those of the client; `null` removes a header. They may contain `Authorization`
   * (a gateway's token) only if no `apiKey` is given. An invalid header, or a function that throws, ends the call with a
   * ConfigurationError.
   */
  headers?: HeadersRecord | (() => HeadersRecord | Promise<HeadersRecord>) | undefined;
  /**
   * Time limit in ms for one attempt, including reading the body: above 0, at most 2^31 - 1. `false` disables it.
   * Default: 10 000.
   */
  timeout?: number | false | undefined;
  /**
   * Time limit in ms for the whole call, including waits: above 0, at most 2^31 - 1. `false` disables it.
   * Default: 30 000.
   */
  totalTimeout?: number | false | undefined;
  /** Further attempts after the first, an integer from 0. Default: 2. */
  maxRetries?: number | undefined;
  /**
   * Called before each wait with the number of the attempt that failed, the wait in ms, and the error. A promise is
   * awaited. An error thrown here ends the call.
   */
  onRetry?: ((retry: { attempt: number; delay: number; error: AnyEngageLabError }) => void) | undefined;
}

/** The init for `fetch`. It also has the call's own members, such as `cache`. */
export interface FetchInit {
  method: string;
  headers: Record<string, string>;
  body: string | ArrayBuffer | null;
  redirect: "manual";
  signal: AbortSignal;
}

/** What is read of a Response, whichever implementation made it. */
export interface FetchResult {
  readonly status: number;
  readonly headers: Pick<Headers, "get">;
  /** Reads the whole body. */
  text(): Promise<string>;
}

/** Options of `createClient`. */
export interface ClientOptions extends SharedOptions {
  /**
   * The API key of a data source of the type API (made in the MA console). Give both it and `apiSecret`, or neither; a key
   * that is present but `undefined` is an error. Neither may contain control characters or lone surrogates, and the key
   * must not contain `:`. Sent as UTF-8.
   */
  apiKey?: string | undefined;
  /** The API secret that belongs to `apiKey`. */
  apiSecret?: string | undefined;
  /**
   * Where the API is: may have a path prefix, but no user info, query or fragment. `http:` only for loopback hosts.
   * Default: the first server of the contract, `https://ma-api.engagelab.com` (Singapore).
   */
  baseUrl?: string | URL | undefined;
  /** What `engagelab-ma generate` wrote for your own spec. Default: the contract of this package. */
  contract?: Contract | undefined;
  /**
   * Called as a plain function; any implementation will do. If it rejects, the attempt fails with a NetworkError.
   * Default: the global `fetch`, looked up at each attempt.
   */
  fetch?: ((url: string, init: FetchInit) => Promise<FetchResult>) | undefined;
  /** Allows a secret in a page, where everybody can read it. Default: `false`. */
  dangerouslyAllowBrowser?: boolean | undefined;
}

/** Options of one call. */
export interface CallOptions extends SharedOptions {
  /** Aborts the call at any point, also during a wait: AbortedError. */
  signal?: AbortSignal | undefined;
}

/** The options of a call, validated and complete. */
export interface CallSettings {
  readonly headers: readonly HeaderSource[];
  /** In ms; `Infinity` for none. */
  readonly timeout: number;
  /** In ms; `Infinity` for none. */
  readonly totalTimeout: number;
  readonly maxRetries: number;
  readonly onRetry: SharedOptions["onRetry"];
}

/** The options of a client, validated and complete. */
export interface ClientSettings extends CallSettings {
  readonly contract: Contract;
  readonly credentials: Credentials | undefined;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  readonly fetch: ClientOptions["fetch"];
}

const DEFAULTS: CallSettings = {
  headers: [],
  timeout: 10_000,
  totalTimeout: 30_000,
  maxRetries: 2,
  onRetry: undefined,
};

/** @throws ConfigurationError */
export function fail(option: string, problem: string): never {
  throw new ConfigurationError(option, problem);
}

export function checkObject<T extends object>(value: T, option = "options"): T {
  return typeof value === "object" && value !== null ? value : fail(option, "must be an object");
}

/** The rule for an option that is not `undefined`. */
interface Check {
  readonly isValid: (value: unknown) => boolean;
  readonly problem: string;
}

const isFunction = (value: unknown): boolean => typeof value === "function";
const isUpTo = (max: number, value: unknown): boolean => typeof value === "number" && value >= 0 && value <= max;

const FUNCTION: Check = { isValid: isFunction, problem: "must be a function" };
const TIME: Check = {
  isValid: (value) => value === false || (value !== 0 && isUpTo(MAX_DELAY, value)),
  problem: `must be false, or ms above 0 and at most ${MAX_DELAY}`,
};
/** Checked elsewhere. */
const ANY: Check = { isValid: () => true, problem: "" };

const SHARED: Record<keyof SharedOptions, Check> = {
  headers: ANY,
  timeout: TIME,
  totalTimeout: TIME,
  maxRetries: {
    isValid: (value) => Number.isInteger(value) && isUpTo(MAX_DELAY, value),
    problem: `must be an integer from 0 to ${MAX_DELAY}`,
  },
  onRetry: FUNCTION,
};

type ClientOnly = Exclude<keyof ClientOptions, keyof SharedOptions>;

const CLIENT_ONLY: Record<ClientOnly, Check> = {
  apiKey: ANY,
  apiSecret: ANY,
  dangerouslyAllowBrowser: { isValid: (value) => typeof value === "boolean", problem: "must be true or false" },
  fetch: FUNCTION,
  baseUrl: ANY,
  contract: ANY,
};

const CLIENT_CHECKS: Record<string, Check> = { ...SHARED, ...CLIENT_ONLY };
const CALL_CHECKS: Record<string, Check> = {
  ...SHARED,
  signal: {
    isValid: (value) => isFunction(Object(value).addEventListener) && isFunction(Object(value).removeEventListener),
    problem: "must be an AbortSignal",
  },
};

const TRANSPORT = ["method", "redirect", "Request", "parseAs", "bodySerializer", "pathSerializer"] as const;

/** Names that a call can't set: they would send the secret elsewhere or bypass the transport. */
export type Reserved = ClientOnly | (typeof TRANSPORT)[number];

const RESERVED: readonly string[] = [...Object.keys(CLIENT_ONLY), ...TRANSPORT];

/** A verb passes other members on to the init for `fetch`. */
export function isCallOption(name: string): boolean {
  return Object.hasOwn(CALL_CHECKS, name);
}

/** @param onOther called with each name that the table lacks */
function checkEach(options: object, checks: Record<string, Check>, onOther: (name: string) => void): void {
  const values: Record<string, unknown> = Object(options);
  for (const name in values) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check === undefined) onOther(name);
    else if (values[name] !== undefined && !check.isValid(values[name])) fail(name, check.problem);
  }
}

function toSource(headers: SharedOptions["headers"], authorized: boolean): HeaderSource {
  return typeof headers === "function" ? headers : toLayer(headers, authorized, (problem) => fail("headers", problem));
}

function merge(options: SharedOptions, defaults: CallSettings, authorized: boolean): CallSettings {
  const { headers, timeout = defaults.timeout, totalTimeout = defaults.totalTimeout } = options;
  const { maxRetries = defaults.maxRetries, onRetry = defaults.onRetry } = options;
  return {
    headers: headers === undefined ? defaults.headers : [...defaults.headers, toSource(headers, authorized)],
    timeout: timeout || Infinity,
    totalTimeout: totalTimeout || Infinity,
    maxRetries,
    onRetry,
  };
}

/** The options of a call without any: there is nothing to check. */
export const NO_OPTIONS: CallOptions = {};

/** The options of one call, with those of its client as defaults. */
export function checkCallOptions(
  options: CallOptions,
  client: CallSettings & Partial<ClientSettings> = DEFAULTS,
): CallSettings {
  if (options === NO_OPTIONS) return client;
  checkEach(checkObject(options), CALL_CHECKS, (name) => {
    if (RESERVED.includes(name)) fail(name, "can't be given for one call");
  });
  return merge(options, client, client.credentials !== undefined);
}

/** Named operations take call options only; reject typos. */
export function checkNames(options: CallOptions = NO_OPTIONS): CallOptions {
  for (const name in checkObject(options)) if (!isCallOption(name)) fail(name, "can't be given for one call");
  return options;
}

function checkBaseUrl(value: unknown): string {
  let text: string;
  let url: URL;
  try {
    text = String(value);
    url = new URL(text);
  } catch {
    return fail("baseUrl", "must be an absolute URL");
  }
  const { protocol, hostname, username, password, pathname, origin } = url;
  if (username || password) fail("baseUrl", "must not contain a user or password");
  if (/[?#]/.test(text)) fail("baseUrl", "must not contain a query or a fragment");
  const loopback = /^((.+\.)?localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  if (protocol !== "https:" && !(protocol === "http:" && loopback)) {
    fail("baseUrl", "must be https:, or http: for a loopback host");
  }
  return origin + pathname.replace(/\/+$/, "");
}

function inPage(): boolean {
  const { document, process } = globalThis as { document?: unknown; process?: { versions?: { node?: string } } };
  return document !== undefined && process?.versions?.node === undefined;
}

/** @throws ConfigurationError with the name of the option, never with its value */
export function checkOptions(options: ClientOptions): ClientSettings {
  checkEach(checkObject(options), CLIENT_CHECKS, (name) => fail(name, "is not an option"));
  const { contract = ownContract, fetch } = options;
  checkContract(contract);
  const { baseUrl = contract.servers[0] } = options;
  const credentials = checkCredentials(options);
  if (credentials && !options.dangerouslyAllowBrowser && inPage()) {
    fail("dangerouslyAllowBrowser", "must be true to use a secret in a page, where everybody can read it");
  }
  const shared = merge(options, DEFAULTS, credentials !== undefined);
  // An operation that another contract lacks, such as that of `setContact`, is checked by the package's own.
  const operations = { ...ownContract.operations, ...contract.operations };
  return {
    ...shared,
    contract: { ...contract, operations },
    credentials,
    baseUrl: checkBaseUrl(baseUrl),
    fetch,
  };
}
