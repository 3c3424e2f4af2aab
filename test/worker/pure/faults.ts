/** What the client throws when an attempt fails. */
import { ApiError, NetworkError, ResponseError } from "../../../src/errors.ts";

export type Fault = "none" | "conflict" | "refused" | "credentials" | "failed" | "throttled" | "lost";

export const FAULTS: readonly Fault[] = ["conflict", "refused", "credentials", "failed", "throttled", "lost"];

export function toError(fault: Fault): unknown {
  const details = { outcome: "refused", attempts: 1, retryable: false } as const;
  const api = (code: number, reason: ApiError["reason"], status = 400) =>
    new ApiError("m", { code, reason, status }, details);
  switch (fault) {
    case "none":
      return undefined;
    case "conflict":
      return api(55014, "contact_already_set");
    case "refused":
      return api(77, "unknown");
    case "credentials":
      return api(40050, "authentication_failed", 401);
    case "failed":
      return new ResponseError("m", { status: 500, contentType: "", excerpt: "" }, { ...details, outcome: "unknown" });
    case "throttled":
      return new ResponseError("m", { status: 429, contentType: "", excerpt: "" }, { ...details, retryAfter: 2 });
    case "lost":
      return new NetworkError({ ...details, outcome: "unknown" });
  }
}
