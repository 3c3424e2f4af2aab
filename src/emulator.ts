/**
 * EngageLab's API as a `fetch` handler, for tests and local work: no network, no mocking library.
 *
 * ```ts
 * import { createClient } from "engagelab-ma";
 * import { createEmulator, VENDOR_CREDENTIALS } from "engagelab-ma/emulator";
 *
 * const emulator = createEmulator();
 * const engagelab = createClient({ ...VENDOR_CREDENTIALS, fetch: emulator.fetch });
 * await engagelab.setContact({ euid: 10362473, contacts: { email: "12@gmail.com" } });
 * emulator.contacts.get("10362473")?.get("email"); // "12@gmail.com"
 * ```
 *
 * It follows the contract: an operation that appears there is checked and answered with the example in the contract.
 *
 * As a server: `deno serve`, Bun and wrangler run the default export.
 *
 * @module
 */

import type { Contract, Operation } from "./contract.ts";
import { basicAuth } from "./credentials.ts";
import { type ReadableRequest, type RecordedRequest, readRequest, signalOf } from "./emulator-request.ts";
import { essenceOf, findRoutes, normalize } from "./emulator-routes.ts";
import { createState, type State, type StateOptions, SUCCESS } from "./emulator-state.ts";
import type { Envelope } from "./envelope.ts";
import { isEngageLabError } from "./errors.ts";
import { contract as ownContract, failures as ownFailures, successes as ownSuccesses } from "./generated/contract.ts";
import { parseJson } from "./int64.ts";
import { sleep, within } from "./time.ts";
import { checkContract, encode } from "./validate.ts";

export type { ReadableRequest, RecordedRequest } from "./emulator-request.ts";
export type { RecordedEvent } from "./emulator-state.ts";

/** The example credentials in the vendor's docs. No account has them. */
export const VENDOR_CREDENTIALS: { readonly apiKey: string; readonly apiSecret: string } = {
  apiKey: "7d431e42dfa6a6d693ac2d04",
  apiSecret: "5e987ac6d2e04d95a9d8f0d1",
};

/** Options of `createEmulator`. */
export interface EmulatorOptions extends StateOptions {
  /** What `engagelab-ma generate` wrote for your own spec. Default: the contract of this package. */
  contract?: Contract | undefined;
  /** The API key that it accepts. Default: the one in the vendor's docs. */
  apiKey?: string | undefined;
  /** The API secret that it accepts. Default: the one in the vendor's docs. */
  apiSecret?: string | undefined;
  /**
   * Whether a failure has the HTTP status 400 or 401, as in sibling products, or 200. The vendor does not say.
   * Default: `true`.
   */
  errorStatuses?: boolean | undefined;
}

/** What goes wrong with one request. Members can be combined. */
export interface Fault {
  /** Wait before the answer, in ms. */
  delay?: number | undefined;
  /** Whether the request takes effect, whatever is answered. Default: `false`. */
  applied?: boolean | undefined;
  /** Replaces the HTTP status. The body is then empty, unless one is given. */
  status?: number | undefined;
  /** Headers of the answer, such as `retry-after`. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Replaces the envelope with this raw body. The status is then 200, unless one is given or the request is applied. */
  body?: string | undefined;
  /** `connection`: no answer, `fetch` rejects. `body`: the body ends in an error half-way. */
  broken?: "connection" | "body" | undefined;
}

/** EngageLab's API in memory. */
export interface Emulator extends Pick<State, "contacts" | "attributes" | "events"> {
  /**
   * Answers a request as EngageLab would. It can be passed on as a plain function.
   *
   * @throws TypeError for a fault `broken: "connection"`, and the reason of the request's signal if it is aborted
   */
  fetch(input: ReadableRequest | string | URL, init?: RequestInit): Promise<Response>;
  /** All requests so far. */
  readonly requests: RecordedRequest[];
  /** Queues a fault for each of the next `times` requests. Default: 1. */
  fail(fault: Fault, times?: number): void;
  /** Forgets users, contacts, attributes, events, requests and faults. */
  reset(): void;
}

/** The answer without a fault. */
interface Verdict {
  readonly status: number;
  readonly envelope: Envelope;
}

/** Invented: the vendor documents no codes for these. */
function invented(status: number, problem: string): Verdict {
  return { status, envelope: { code: 99_000_000 + status, message: `(emulator) ${problem}` } };
}

function fits(value: unknown, schema: Operation["body"]): boolean {
  try {
    encode(value, schema);
    return true;
  } catch {
    return false;
  }
}

/**
 * Makes an emulator. Each has a state of its own.
 *
 * @throws ConfigurationError if the contract is not valid
 */
export function createEmulator(options: EmulatorOptions = {}): Emulator {
  const {
    apiKey = VENDOR_CREDENTIALS.apiKey,
    apiSecret = VENDOR_CREDENTIALS.apiSecret,
    errorStatuses = true,
    contract = ownContract,
  } = options;
  checkContract(contract);
  const routes = findRoutes(contract);
  const failures = { ...ownFailures, ...contract.examples?.failures };
  const successes = { ...ownSuccesses, ...contract.examples?.successes };
  const authorization = basicAuth(apiKey, apiSecret);
  const { contacts, attributes, events, effects, clear } = createState(options, failures);
  const requests: RecordedRequest[] = [];
  const faults: Fault[] = [];

  /** The HTTP status of a code is not documented; this follows sibling products. */
  function toVerdict(envelope: Envelope): Verdict {
    if (envelope.code === 0) return { status: 200, envelope };
    return { status: envelope.code === failures.authentication_failed.code ? 401 : 400, envelope };
  }

  function answer({ method, url, headers, body }: RecordedRequest): Verdict {
    const { pathname } = new URL(url);
    const route = routes.find(({ pattern }) => pattern.test(`${method} ${normalize(pathname)}`));
    if (route === undefined) return invented(404, `no operation ${method} ${pathname}`);
    if (headers.authorization !== authorization) return toVerdict(failures.authentication_failed);
    const { name, operation } = route;
    const success = toVerdict(successes[name] ?? SUCCESS);
    const { body: schema, bodyOptional, contentType = "application/json" } = operation;
    if (!schema || (bodyOptional && body === "")) return success;
    if (essenceOf(headers["content-type"]) !== essenceOf(contentType)) {
      return invented(415, `Content-Type must be ${contentType}`);
    }
    let value: unknown;
    try {
      value = parseJson(body);
      // The client accepts digits in a string, but in a request an EUID must be a JSON integer.
      if (encode(value, schema) !== encode(value)) return invented(400, "an EUID must be a JSON integer");
    } catch (error) {
      if (!isEngageLabError(error, "validation")) return invented(400, "the body is not JSON");
      return error.path === "euid" && !Object.hasOwn(Object(value), "euid")
        ? toVerdict(failures.euid_empty)
        : invented(400, error.message);
    }
    const effect = effects[name];
    // Another contract may allow bodies that the effect can't handle.
    const own = ownContract.operations[name]?.body;
    return effect && (contract === ownContract || fits(value, own)) ? toVerdict(effect(value as never)) : success;
  }

  async function fetch(input: ReadableRequest | string | URL, init?: RequestInit): Promise<Response> {
    const signal = signalOf(input, init);
    // A body may never end.
    const recorded = await within(
      Infinity,
      signal,
      () => signal?.reason,
      () => readRequest(input, init),
    );
    requests.push(recorded);
    const fault = faults.shift();
    // Applied even if the caller has stopped waiting.
    const applied = fault?.applied ? answer(recorded) : undefined;
    if (fault?.delay) await sleep(fault.delay, signal);
    const overridden = fault?.status !== undefined || fault?.body !== undefined || fault?.broken !== undefined;
    const { status, envelope } = applied ?? (overridden ? toVerdict(SUCCESS) : answer(recorded));
    if (fault?.broken === "connection") throw new TypeError("(emulator) the connection broke");
    const text = fault?.body ?? (fault?.status === undefined ? encode(envelope) : "");
    return new Response(fault?.broken === "body" ? brokenStream(text) : text || null, {
      status: fault?.status ?? (errorStatuses ? status : 200),
      headers: { "content-type": "application/json", ...fault?.headers },
    });
  }

  return {
    fetch,
    contacts,
    attributes,
    events,
    requests,
    fail: (fault, times = 1) => {
      faults.push(...Array<Fault>(times).fill(fault));
    },
    reset: () => {
      clear();
      requests.length = 0;
      faults.length = 0;
    },
  };
}

function brokenStream(text: string): ReadableStream<Uint8Array> {
  const parts = [new TextEncoder().encode(text.slice(0, text.length / 2))];
  return new ReadableStream({
    pull(controller) {
      const part = parts.shift();
      if (part) controller.enqueue(part);
      else controller.error(new TypeError("(emulator) the body broke"));
    },
  });
}

const server: Emulator = createEmulator();

/** For `deno serve`, Bun and wrangler. */
export default {
  /** Answers with one emulator for all requests. */
  fetch: (request: Request): Promise<Response> => server.fetch(request),
};
