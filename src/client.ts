import type { FetchOptions, FetchResponse, Middleware } from "openapi-fetch";
import { type Answer, Call, type Outgoing } from "./call.ts";
import { createCore, NOTHING, PlainRequest, toResponse, toText } from "./core.ts";
import type { Envelope } from "./envelope.ts";
import { type ApiError, ConfigurationError, type ResponseError } from "./errors.ts";
import type { components, paths } from "./generated/contract.ts";
import { contract } from "./generated/contract.ts";
import { type Euids, type GetEuidsBody, getEuids } from "./get-euids.ts";
import type { Euid } from "./int64.ts";
import {
  type CallOptions,
  type ClientOptions,
  checkCallOptions,
  checkNames,
  checkObject,
  checkOptions,
  type Reserved,
} from "./options.ts";
import { isRepeatable } from "./retry.ts";
import { encode } from "./validate.ts";

/** From the name of a contact to its value: four known names, and any other. */
export type Contacts = components["schemas"]["Contacts"];

/** What `setContact` takes. */
export interface SetContactBody {
  /** The user. */
  euid: Euid;
  /** At least one contact, from its name to its value. */
  contacts: Contacts;
}

/** What `setContact` resolves to. */
export interface SetContactResult {
  /** 0: success or partial success; EngageLab does not tell which. */
  code: 0;
  /** The server's words. */
  message: string;
  /** The HTTP status: 202 from a gateway means stored, not yet delivered. */
  status: number;
}

const SET_CONTACT = "/v1/user/contact" satisfies keyof paths;

const METHODS = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"] as const;

type PathsWith<Paths, Method extends string> = {
  [Path in keyof Paths]: Paths[Path] extends Record<Method, unknown> ? Path : never;
}[keyof Paths];

type Operation<Paths, Path extends keyof Paths, Method> = Paths[Path][Method & keyof Paths[Path]];

type Init<T> = Omit<FetchOptions<T>, Reserved | "method" | keyof CallOptions> & CallOptions;

/** Optional where the operation requires nothing. */
type InitParam<T> = Record<never, never> extends T ? [init?: T] : [init: T];

/** An interface as a type with an index, which openapi-fetch asks for. */
type Indexed<T> = { [Name in keyof T]: T[Name] } & Record<string | number, unknown>;

type Result<T> =
  | {
      data: NonNullable<FetchResponse<Indexed<T>, object, "application/json">["data"]>;
      error?: never;
      response: Response;
    }
  | { data?: never; error: ApiError | ResponseError; response: Response };

type Verb<Paths, Method extends string> = <Path extends PathsWith<Paths, Method>>(
  path: Path,
  ...init: InitParam<Init<Operation<Paths, Path, Method>>>
) => Promise<Result<Operation<Paths, Path, Method>>>;

/** A client of EngageLab MA, or of a gateway or an emulator of it. */
export interface Client<Paths extends object = paths> {
  /**
   * Sets contact information of a user: `POST /v1/user/contact`, "Set Contact Information" in the vendor's docs.
   *
   * Repeated up to `maxRetries` times, since setting a value again does no harm, unless somebody else has set a newer one.
   *
   * @throws ValidationError, ApiError, ResponseError, NetworkError, TimeoutError, AbortedError, ConfigurationError
   */
  setContact(body: SetContactBody, options?: CallOptions): Promise<SetContactResult>;
  /**
   * Asks for the EUIDs of identities. **With `identity_name: "user_id"` it creates the users that don't exist.**
   *
   * Takes any number of values: the whole list is checked first, then each value is asked for once, in requests of at
   * most 100 (the contract's limit), one after the other. The options hold for each of these requests.
   *
   * Where one of them fails, its error is thrown and the rest is not sent; `outcome` speaks of that one request. The
   * users of the earlier ones have been created by then, and another call gives the same EUIDs for them.
   *
   * @returns a Map from identity value to EUID in decimal digits; its `missing` lists the values that have none
   * @throws ValidationError, ApiError, ResponseError, NetworkError, TimeoutError, AbortedError, ConfigurationError
   */
  getEuids(body: GetEuidsBody, options?: CallOptions): Promise<Euids>;
  /**
   * Calls an operation by its path, as openapi-fetch does: resolves to `{ data, response }`, or to `{ error, response }`
   * with an ApiError or a ResponseError.
   *
   * @throws ValidationError, NetworkError, TimeoutError, AbortedError, ConfigurationError
   */
  GET: Verb<Paths, "get">;
  /** As `GET`. */
  PUT: Verb<Paths, "put">;
  /** As `GET`. */
  POST: Verb<Paths, "post">;
  /** As `GET`. */
  DELETE: Verb<Paths, "delete">;
  /** As `GET`. */
  OPTIONS: Verb<Paths, "options">;
  /** As `GET`. */
  HEAD: Verb<Paths, "head">;
  /** As `GET`. */
  PATCH: Verb<Paths, "patch">;
  /** As `GET`. */
  TRACE: Verb<Paths, "trace">;
  /** Registers middleware of openapi-fetch: it sees each call once, without the credentials. */
  use(...middleware: Middleware[]): void;
  /** Takes it away again. */
  eject(...middleware: Middleware[]): void;
}

/** @throws the error of the answer */
function orThrow(answer: Answer): Answer & { envelope: Envelope } {
  if (answer.error) throw answer.error;
  return answer;
}

/** The options of a verb: those of a call, openapi-fetch's, and further members of the init for `fetch`. */
type CallInit = CallOptions & {
  params?: { header?: Record<string, string> };
  middleware?: readonly Middleware[];
  querySerializer?: unknown;
};

/** Splits the options of a verb: `coreInit` goes to openapi-fetch, `fetchInit` to `fetch`. */
function splitInit({ headers, timeout, totalTimeout, maxRetries, onRetry, signal, ...coreInit }: CallInit) {
  const { params, middleware, querySerializer, ...fetchInit } = coreInit;
  return { signal, middleware, coreInit, fetchInit };
}

const NO_INIT = splitInit({});
const UNWATCHED = { Request: PlainRequest };

/**
 * Makes a client.
 *
 * @throws ConfigurationError where an option is not valid
 */
export function createClient<Paths extends object = paths>(options: ClientOptions = {}): Client<Paths> {
  const settings = checkOptions(options);
  const core = createCore(settings.baseUrl);
  const { origin } = new URL(settings.baseUrl);
  let middlewareUsed = false;

  async function send(method: string, path: string, body: unknown, init?: CallInit): Promise<Answer> {
    // Or it could name another host.
    if (typeof path !== "string" || !path.startsWith("/")) throw new ConfigurationError("path", "must begin with /");
    const callSettings = init === undefined ? settings : checkCallOptions(init, settings);
    const { signal, middleware, coreInit, fetchInit } = init === undefined ? NO_INIT : splitInit(init);
    const operation = contract.operations[`${method} ${path}`];
    const bodiless = body === undefined && (!operation?.body || operation.bodyOptional);
    const text = bodiless ? undefined : encode(body, operation?.body);
    const call = new Call(settings, callSettings, signal, isRepeatable(operation, text));

    const watched = middlewareUsed || middleware !== undefined;
    let answer: Answer | undefined;
    let handed: unknown = NOTHING;
    const run = () =>
      core.request(method, path, {
        ...coreInit,
        // `original`: openapi-fetch puts it on the Request that it makes, and middleware's own lack it.
        ...(watched ? { body: text, original: true } : UNWATCHED),
        parseAs: "text",
        fetch: async (made: Request) => {
          const outgoing: Outgoing = {
            url: made.url,
            method: made.method,
            headers: made.headers,
            body: text ?? null,
            init: fetchInit,
          };
          if (watched) {
            if (new URL(made.url).origin !== origin) {
              throw new ConfigurationError("middleware", "must not send the request to another origin than baseUrl");
            }
            // Middleware may have read the body of this Request; that of another one is its own.
            if (!("original" in made)) outgoing.body = (await made.text()) || null;
          }
          answer = await call.send(outgoing);
          if (watched) handed = toResponse(answer);
          return handed;
        },
      });
    const parsed = watched ? await call.guard(run) : await run();
    const { response } = parsed;
    return answer && response === handed ? answer : call.judge({ response, text: toText(parsed) });
  }

  function verb(method: string) {
    return async (path: string, given: CallInit & { body?: unknown } = {}) => {
      const { body, ...init } = checkObject(given);
      const { envelope, error, response } = await send(method, path, body, init);
      return error ? { error, response } : { data: envelope, response };
    };
  }

  const client = {
    async setContact(body: SetContactBody, callOptions?: CallOptions): Promise<SetContactResult> {
      const { envelope, response } = orThrow(await send("POST", SET_CONTACT, body, checkNames(callOptions)));
      return { code: 0, message: envelope.message, status: response.status };
    },
    getEuids: (body: GetEuidsBody, callOptions?: CallOptions): Promise<Euids> =>
      getEuids(async (path, group) => orThrow(await send("POST", path, group, checkNames(callOptions))).envelope, body),
    ...Object.fromEntries(METHODS.map((method) => [method, verb(method)])),
    use(...middleware: Middleware[]): void {
      middlewareUsed = true; // first: `use` takes those before one that it refuses
      core.use(...middleware);
    },
    eject: core.eject,
  };
  // The verbs' types come from `Paths`, of which nothing is left at run time.
  return client as unknown as Client<Paths>;
}
