// Written by `npm run generate`. Do not edit.
import type { ErrorCode } from "../contract.ts";

/** The names of the gateway's own codes. */
export type GatewayReason =
  | "invalid_request"
  | "unauthorized"
  | "forbidden"
  | "not_found"
  | "method_not_allowed"
  | "too_large"
  | "unsupported_media_type"
  | "rate_limited"
  | "unavailable";

/** The gateway's own codes. Every client knows them, whatever its contract. */
export const gatewayErrorCodes: Readonly<Record<number, ErrorCode>> = {
  400000: { reason: "invalid_request" },
  401000: { reason: "unauthorized", solution: "Send a token of the gateway." },
  403000: { reason: "forbidden", solution: "Use a token for this route, or for this EUID." },
  404000: { reason: "not_found" },
  405000: { reason: "method_not_allowed" },
  413000: { reason: "too_large" },
  415000: { reason: "unsupported_media_type" },
  429000: { reason: "rate_limited", retryable: true },
  503000: { reason: "unavailable", solution: "Send the update again later.", retryable: true, inDoubt: true },
};

/** The envelopes of the gateway's own failures. */
export const gatewayFailures = {
  invalid_request: { code: 400000, message: "The request is not valid" },
  unauthorized: { code: 401000, message: "A valid token is required" },
  forbidden: { code: 403000, message: "This token does not allow this request" },
  not_found: { code: 404000, message: "No such route" },
  method_not_allowed: { code: 405000, message: "This route does not support the method" },
  too_large: { code: 413000, message: "The body is larger than 64 KiB" },
  unsupported_media_type: { code: 415000, message: "The body must have no Content-Encoding" },
  rate_limited: { code: 429000, message: "This caller sent too many requests" },
  unavailable: { code: 503000, message: "The gateway is unavailable" },
} as const;
