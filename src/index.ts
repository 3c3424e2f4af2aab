/**
 * Sets contact information in EngageLab's Marketing Automation (MA), in any runtime with `fetch`.
 *
 * ```ts
 * import { createClient, isEngageLabError } from "engagelab-ma";
 *
 * const engagelab = createClient({ apiKey, apiSecret });
 * try {
 *   await engagelab.setContact({ euid: 10362473, contacts: { email: "12@gmail.com" } });
 * } catch (error) {
 *   if (isEngageLabError(error, "api")) console.error(error.reason, error.solution);
 *   else throw error;
 * }
 * ```
 *
 * @module
 */
export { createClient } from "./client.ts";
export type { Contract, ErrorCode, ExampleEnvelope, Examples, Operation, Schema } from "./contract.ts";
export type { Envelope } from "./envelope.ts";
export {
  AbortedError,
  type AnyEngageLabError,
  ApiError,
  ConfigurationError,
  EngageLabError,
  type ErrorKind,
  type ErrorReason,
  isEngageLabError,
  NetworkError,
  type Outcome,
  ResponseError,
  TimeoutError,
  ValidationError,
} from "./errors.ts";
export type { components, paths } from "./generated/contract.ts";
export type { HeadersRecord } from "./headers.ts";
export type { Euid } from "./int64.ts";
export type { Middleware, MiddlewareContext } from "./middleware.ts";
export type { CallOptions, ClientOptions, FetchInit, FetchResult } from "./options.ts";
export { type SetContactsOptions, type SetContactsResult, setContacts } from "./set-contacts.ts";
export type {
  CallInit,
  CallResult,
  Client,
  Contacts,
  Euids,
  GetEuidsBody,
  QuerySerializerOptions,
  Sendable,
  SetContactBody,
  SetContactResult,
  Verb,
} from "./types.ts";
