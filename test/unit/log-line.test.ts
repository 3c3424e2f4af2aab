import { expect, it } from "vitest";
import { toLogLine } from "../../scripts/log-line.ts";

const now = new Date(2026, 10, 25, 9, 5, 7);
const later = new Date(2026, 10, 25, 9, 5, 9).toISOString();

it.each([
  [
    {
      requestId: "r",
      euid: "2",
      outcome: "retry",
      attempts: 1,
      kind: "network",
      cause: "ECONNREFUSED",
      nextAttempt: later,
    },
    "09:05:07  2                    retry        network ECONNREFUSED · 1 attempt · next attempt 09:05:09",
  ],
  [
    { euid: "-9223372036854775808", outcome: "retry", attempts: 2, kind: "response", status: 503, nextAttempt: later },
    "09:05:07  -9223372036854775808  retry        response HTTP 503 · 2 attempts · next attempt 09:05:09",
  ],
  [
    { euid: "2", outcome: "parked", attempts: 1, kind: "api", code: 55014, reason: "conflict" },
    "09:05:07  2                    parked       api 55014 · conflict · 1 attempt",
  ],
  [
    { requestId: "r", caller: "crm", euid: "2", outcome: "delivered", attempts: 1, ms: 0 },
    "09:05:07  2                    delivered    1 attempt · 0 ms · by crm",
  ],
  [
    { requestId: "r", caller: "ops", outcome: "retry", users: 0 },
    "09:05:07  -                    retry        0 users · by ops",
  ],
  [
    { requestId: "r", outcome: "unavailable", error: "CONSOLE must be on or off" },
    "09:05:07  -                    unavailable  CONSOLE must be on or off",
  ],
])("%j", (event, line) => {
  expect(toLogLine(JSON.stringify(event), now)).toBe(line);
});

it.each(["", "[wrangler:info] Ready on http://localhost", "{ not JSON", "{}", "null"])("%j is not an event", (line) => {
  expect(toLogLine(line, now)).toBeUndefined();
});
