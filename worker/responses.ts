/** The gateway's answers: an HTTP status and an envelope. Its own codes are listed in openapi/gateway.yaml. */
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { gatewayFailures } from "../src/generated/gateway.ts";
import type { Envelope } from "../src/index.ts";

export interface Answer {
  readonly status: ContentfulStatusCode;
  readonly envelope: Envelope & { readonly data?: unknown };
}

/** The gateway's own failures: their code is the HTTP status times 1000. */
type Reason = keyof typeof gatewayFailures;

/** @param message instead of the contract's */
export function failure(reason: Reason, message?: string): Answer {
  const { code, message: standard } = gatewayFailures[reason];
  return { status: (code / 1000) as ContentfulStatusCode, envelope: { code, message: message ?? standard } };
}

export function success(data?: unknown, status: 200 | 202 = 200): Answer {
  return { status, envelope: { code: 0, message: "success", ...(data !== undefined && { data }) } };
}
