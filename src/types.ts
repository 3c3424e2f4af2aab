/** The client as TypeScript sees it. Everything follows from `Paths`, which a generated module exports as `paths`. */
import type { Envelope } from "./envelope.ts";
import type { ApiError, ResponseError } from "./errors.ts";
import type { components, paths } from "./generated/contract.ts";
import type { Euid } from "./int64.ts";
import type { Middleware } from "./middleware.ts";
import type { CallOptions, Reserved } from "./options.ts";

/** The named members, without index signatures. */
type Named<T> = { [Name in keyof T as string extends Name ? never : number extends Name ? never : Name]: T[Name] };

/** How a generated module marks what is `readOnly`: only answers have it. */
interface ReadOnly {
  readonly $read: unknown;
}

/** openapi-typescript's marker for `writeOnly`: present in requests only. */
interface WriteOnly {
  readonly $write: unknown;
}

/** An optional member may be `undefined`, which JSON leaves out. */
type SendableMembers<T> = {
  [Name in keyof T as NonNullable<T[Name]> extends ReadOnly ? never : Name]:
    | Sendable<T[Name]>
    | (Record<never, never> extends Pick<T, Name> ? undefined : never);
};

/**
 * An interface has no index signature, so objects with only named members are accepted, too. A member may be called
 * `constructor`, although every object has one.
 */
type SendableMap<T, Value> = unknown extends Value
  ? object
  :
      | (SendableMembers<Named<T>> & { [name: string]: Sendable<Value> | undefined })
      | (keyof Named<T> extends never ? never : SendableMembers<Named<T>> & { constructor?: unknown });

/** The accepted types for a value that is sent as JSON. */
export type Sendable<T> = T extends WriteOnly
  ? Sendable<T["$write"]>
  : T extends readonly unknown[]
    ? { readonly [Index in keyof T]: Sendable<T[Index]> }
    : T extends object
      ? string extends keyof T
        ? SendableMap<T, T[keyof T & string]>
        : SendableMembers<T>
      : T;

/** The type of an answer. */
type Receivable<T> = T extends ReadOnly
  ? Receivable<T["$read"]>
  : T extends readonly unknown[]
    ? { [Index in keyof T]: Receivable<T[Index]> }
    : T extends object
      ? { [Name in keyof T as NonNullable<T[Name]> extends WriteOnly ? never : Name]: Receivable<T[Name]> }
      : T;

/** The content of the matching media types. */
type Matching<Content, Media extends string> = {
  [Type in keyof Content as Type extends string
    ? Lowercase<Type> extends Media
      ? Type
      : never
    : never]: Content[Type];
};

type FirstOf<Candidates extends readonly unknown[]> = Candidates extends readonly [infer First, ...infer Rest]
  ? keyof First extends never
    ? FirstOf<Rest>
    : First[keyof First]
  : never;

type WithParameters<Media extends string> = Media | `${Media};${string}` | `${Media} ${string}`;

/** The type of a JSON body, by media type in this order: JSON itself, `+json`, a wildcard, any other. */
type JsonOf<Content> = FirstOf<
  [
    Matching<Content, WithParameters<"application/json">>,
    Matching<Content, WithParameters<`${string}+json`>>,
    Matching<Content, WithParameters<"*/*" | "application/*">>,
    Content,
  ]
>;

type PathsWith<Paths, Method extends string> = {
  [Path in keyof Paths]: Paths[Path] extends Record<Method, unknown> ? Path : never;
}[keyof Paths];

type OperationOf<Paths, Path extends keyof Paths, Method> = Paths[Path][Method & keyof Paths[Path]];

type RequestBody<Operation> = Operation extends { requestBody?: infer Body } ? Body : undefined;

type JsonBody<Operation> =
  NonNullable<RequestBody<Operation>> extends { content: infer Content } ? Sendable<JsonOf<Content>> : never;

type BodyOption<Operation> = [NonNullable<RequestBody<Operation>>] extends [never]
  ? { body?: never }
  : Record<never, never> extends Pick<Operation, "requestBody" & keyof Operation>
    ? { body?: JsonBody<Operation> | undefined }
    : { body: JsonBody<Operation> };

/** `null` removes a header. */
type Parameters<T> = {
  [In in keyof T]: In extends "header" ? { [N in keyof T[In]]: Sendable<T[In][N]> | null } : Sendable<T[In]>;
};

type ParamsOption<Operation> = [Operation] extends [{ parameters: infer Given }]
  ? Record<never, never> extends Given
    ? { params?: Parameters<Given> | undefined }
    : { params: Parameters<Given> }
  : { params?: { query?: Record<string, unknown> } | undefined };

/** How arrays and objects are written into the query. */
export interface QuerySerializerOptions {
  array?: { style: "form" | "spaceDelimited" | "pipeDelimited"; explode: boolean };
  object?: { style: "form" | "deepObject"; explode: boolean };
  allowReserved?: boolean;
}

/** What a verb takes: the options of a call, openapi-fetch's, and further members of the init for `fetch`. */
export type CallInit<Operation> = CallOptions &
  ParamsOption<Operation> &
  BodyOption<Operation> & {
    middleware?: readonly Middleware[] | undefined;
    /** How the query is written. Default: openapi-fetch's. */
    querySerializer?: ((query: Record<string, unknown>) => string) | QuerySerializerOptions | undefined;
  } & Omit<RequestInit, "body" | "method" | Reserved | keyof CallOptions>;

/** Optional if the operation requires nothing. */
type InitArgument<T> = Record<never, never> extends T ? [init?: T] : [init: T];

type ResponsesOf<Operation> = Operation extends { responses: infer Responses } ? Responses : never;

type Successes<Responses> = {
  [Status in keyof Responses as `${Status & (string | number)}` extends `2${string}`
    ? Status
    : never]: Responses[Status];
};

type ContentOf<Response> = Response extends { content: infer Content }
  ? NonNullable<Receivable<JsonOf<Content>>>
  : never;

type Data<Responses> =
  | ContentOf<Successes<Responses>[keyof Successes<Responses>]>
  | (keyof Successes<Responses> extends never ? ContentOf<Responses[keyof Responses & "default"]> : never);

/** What a verb resolves to: `data` only for code 0. */
export type CallResult<Operation> =
  | {
      data: [Data<ResponsesOf<Operation>>] extends [never] ? Envelope : Data<ResponsesOf<Operation>>;
      error?: never;
      response: Response;
    }
  | { data?: never; error: ApiError | ResponseError; response: Response };

/** A method of the client for one HTTP method. */
export type Verb<Paths, Method extends string> = <Path extends PathsWith<Paths, Method>>(
  path: Path,
  ...init: InitArgument<CallInit<OperationOf<Paths, Path, Method>>>
) => Promise<CallResult<OperationOf<Paths, Path, Method>>>;

/** From the name of a contact to its value: four known names, and any other. */
export type Contacts = SendableMembers<Named<components["schemas"]["Contacts"]>> & {
  [name: string]: string | undefined;
};

/** The body of a named operation. A contract without that operation leaves it as the package's own. */
type BodyOf<Paths, Path extends keyof paths> = JsonBody<
  Paths extends Record<Path, unknown> ? OperationOf<Paths, Path, "post"> : OperationOf<paths, Path, "post">
>;

/** What `setContact` takes. */
export type SetContactBody<Paths = paths> = Omit<BodyOf<Paths, "/v1/user/contact">, "euid"> & {
  /**
   * The user: a safe integer, a bigint, or decimal digits, within signed 64 bits. A number beyond 2^53 is a ValidationError,
   * because it has lost digits already.
   */
  euid: Euid;
};

/** What `setContact` resolves to. */
export interface SetContactResult {
  /** 0: success or partial success; EngageLab does not tell which. */
  code: 0;
  /** The message of the server. */
  message: string;
  /** The HTTP status: 202 from a gateway means stored, not yet delivered. */
  status: number;
}

/** What `getEuids` resolves to: a Map from identity value to EUID, in decimal digits. */
export interface Euids extends Map<string, string> {
  /** The requested identity values for which no EUID was returned. */
  readonly missing: readonly string[];
}

/** What `getEuids` takes: the kind of the identities, and any number of them. */
export type GetEuidsBody<Paths = paths> = BodyOf<Paths, "/v1/user/register">;

/** A client of EngageLab MA, or of a gateway or an emulator of it. */
export interface Client<Paths extends object = paths> {
  /**
   * Sets contact information of a user: `POST /v1/user/contact`, "Set Contact Information" in the vendor's docs.
   *
   * Retried up to `maxRetries` times: setting a value again does no harm, unless somebody else has set a newer one.
   *
   * @throws ValidationError, ApiError, ResponseError, NetworkError, TimeoutError, AbortedError, ConfigurationError
   */
  setContact(body: SetContactBody<Paths>, options?: CallOptions): Promise<SetContactResult>;
  /**
   * Gets the EUIDs of identities. **With `identity_name: "user_id"` it creates the users that don't exist.**
   *
   * Takes any number of values: the whole list is checked first, then each value is asked for once, in requests of at
   * most 100 (the contract's limit), one after the other. The options hold for each of these requests.
   *
   * If a request fails, its error is thrown and the rest is not sent; `outcome` describes that request only. The users of
   * earlier requests have been created by then, and another call returns the same EUIDs for them.
   *
   * @returns a Map from identity value to EUID in decimal digits; its `missing` lists the values that have none
   * @throws ValidationError, ApiError, ResponseError, NetworkError, TimeoutError, AbortedError, ConfigurationError
   */
  getEuids(body: GetEuidsBody<Paths>, options?: CallOptions): Promise<Euids>;
  /** See `POST`. */
  GET: Verb<Paths, "get">;
  /** See `POST`. */
  PUT: Verb<Paths, "put">;
  /**
   * Calls an operation by its path, as openapi-fetch does: resolves to `{ data, response }`, or to `{ error, response }`
   * with an ApiError or a ResponseError.
   *
   * @throws ValidationError, NetworkError, TimeoutError, AbortedError, ConfigurationError
   */
  POST: Verb<Paths, "post">;
  /** See `POST`. */
  DELETE: Verb<Paths, "delete">;
  /** See `POST`. */
  OPTIONS: Verb<Paths, "options">;
  /** See `POST`. */
  HEAD: Verb<Paths, "head">;
  /** See `POST`. */
  PATCH: Verb<Paths, "patch">;
  /** See `POST`. */
  TRACE: Verb<Paths, "trace">;
  /** Registers middleware, as openapi-fetch does. It sees each call once, without the credentials. */
  use(...middleware: Middleware[]): void;
  /** Removes middleware registered with `use`. */
  eject(...middleware: Middleware[]): void;
}
