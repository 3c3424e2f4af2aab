/** What an answer means to the person at the page. */
import type { AnyEngageLabError } from "../../src/index.ts";

export function meaningOfSuccess(status: number): string {
  if (status === 202) return "Stored: it will be delivered, or be listed as parked";
  return "Set (EngageLab answers the same to a partial success)";
}

export function meaningOf({ outcome }: AnyEngageLabError): string {
  switch (outcome) {
    case "not_sent":
      return "Not sent";
    case "refused":
      return "Refused: it is not set";
    case "unknown":
      return "Unknown: it may have been set";
  }
}

export function adviceOn(error: AnyEngageLabError): string {
  switch (error.kind) {
    case "api":
      return error.solution ?? "Correct what the message names.";
    case "validation":
      return "Correct what is named.";
    case "network":
      return "Check that you are online and the gateway runs. To set the same value again does no harm.";
    case "timeout":
    case "aborted":
      return "To set the same value again does no harm.";
    case "response":
      return "This was not the gateway's answer: something stands between.";
    case "configuration":
      return "Correct the token.";
  }
}
