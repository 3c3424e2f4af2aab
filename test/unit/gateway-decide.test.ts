/** What becomes of a delivery: the pure part of the gateway. */
import { describe, expect, test } from "vitest";
import { ApiError, NetworkError, ResponseError, TimeoutError } from "../../src/errors.ts";
import { contract } from "../../src/generated/contract.ts";
import { become, type Decision, decide, isAnswer, LEASE, plan, quietUntil } from "../../worker/decide.ts";
import type { Facts, Pending, Row } from "../../worker/rows.ts";

const NOW = 1_800_000_000_000;
const STARTED = NOW - 100;
const HOUR = 3_600_000;
const delivery = { names: ["email"], since: NOW - 1_000, attempts: 0, doubt: false };
const unknown = { outcome: "unknown", attempts: 1, retryable: true } as const;
const refused = { outcome: "refused", attempts: 1, retryable: false } as const;

function api(code: number, status = 400, circumstances: object = {}): ApiError {
  const reason = contract.errorCodes[code]?.reason ?? "unknown";
  return new ApiError("no", { code, reason, status }, { ...refused, ...circumstances });
}

function response(status: number, circumstances: object = {}): ResponseError {
  return new ResponseError("no", { status, contentType: "", excerpt: "" }, { ...unknown, ...circumstances });
}

const network = new NetworkError(unknown);
const timeout = new TimeoutError("timeout", 5_000, unknown);

describe("decide", () => {
  test.each([40050, 50031, 50034, 50074])("%i is the operator's fault: pause", (code) => {
    expect(decide(api(code), delivery, NOW, 0)).toEqual({ kind: "pause" });
  });

  test("401 with a code that nobody knows is no word on the values: pause", () => {
    expect(decide(api(99, 401), delivery, NOW, 0)).toEqual({ kind: "pause" });
    expect(decide(api(99, 400), delivery, NOW, 0)).toMatchObject({ kind: "parked", reason: "refused" });
    expect(decide(api(55014, 401), delivery, NOW, 0)).toMatchObject({ kind: "parked", reason: "conflict" });
  });

  test.each<[string, unknown, object, Decision]>([
    ["0", undefined, {}, { kind: "delivered" }],
    ["55014 to several", api(55014), { names: ["email", "mobile_phone"] }, { kind: "split" }],
    ["55014", api(55014), {}, { kind: "parked", reason: "conflict", doubt: false }],
    ["55014 after a doubt", api(55014), { doubt: true }, { kind: "parked", reason: "set_or_conflicting", doubt: true }],
    ["another code", api(40007), {}, { kind: "parked", reason: "refused", doubt: false }],
    ["another code after a doubt", api(40007), { doubt: true }, { kind: "parked", reason: "refused", doubt: true }],
    [
      "a code that nobody knows, from somebody who gave up waiting",
      api(524, 524, { outcome: "unknown" }),
      {},
      { kind: "repeat", at: NOW + 500, doubt: true },
    ],
    [
      "no answer for a day",
      network,
      { attempts: 5, since: NOW - 24 * HOUR },
      { kind: "parked", reason: "expired", doubt: true },
    ],
    [
      "no answer at a first attempt",
      network,
      { since: NOW - 48 * HOUR },
      { kind: "repeat", at: NOW + 500, doubt: true },
    ],
    [
      "429: nothing was done",
      response(429, { outcome: "refused" }),
      {},
      { kind: "repeat", at: NOW + 500, doubt: false },
    ],
    [
      "429 after a doubt",
      response(429, { outcome: "refused" }),
      { doubt: true },
      { kind: "repeat", at: NOW + 500, doubt: true },
    ],
    ["Retry-After", response(503, { retryAfter: 90 }), {}, { kind: "repeat", at: NOW + 90_000, doubt: true }],
    [
      "Retry-After of years",
      response(503, { retryAfter: 1e9 }),
      {},
      { kind: "repeat", at: NOW + 24 * HOUR, doubt: true },
    ],
    ["what is none of the client's errors", new Error("?"), {}, { kind: "repeat", at: NOW + 500, doubt: true }],
  ])("%s", (_, error, changes, decision) => {
    expect(decide(error, { ...delivery, ...changes }, NOW, 0)).toEqual(decision);
  });

  test("waits from 1 s to 10 min, at least half of it", () => {
    const waits = [0, 1, 2, 9, 10, 50].flatMap((attempts) =>
      [0, 1].map((random) => {
        const decision = decide(network, { ...delivery, attempts }, NOW, random);
        return decision.kind === "repeat" ? decision.at - NOW : undefined;
      }),
    );
    expect(waits).toEqual([
      500, 1_000, 1_000, 2_000, 2_000, 4_000, 256_000, 512_000, 300_000, 600_000, 300_000, 600_000,
    ]);
  });
});

describe("quietUntil", () => {
  const repeat: Decision = { kind: "repeat", at: NOW + 700, doubt: true };

  test.each<[string, unknown, Decision, number]>([
    ["success", undefined, { kind: "delivered" }, 0],
    ["a refusal", api(55014), { kind: "parked", reason: "conflict", doubt: false }, 0],
    ["a plain failure", response(500), repeat, 0],
    ["a time limit", timeout, repeat, STARTED + LEASE],
    ["a broken connection", network, repeat, STARTED + LEASE],
    ["408", response(408), repeat, STARTED + LEASE],
    ["504", response(504), repeat, STARTED + LEASE],
    ["504 with a code", api(504, 504), repeat, STARTED + LEASE],
    ["429", response(429), repeat, NOW + 700],
    ["a refusal with 429", api(55014, 429), { kind: "parked", reason: "conflict", doubt: false }, 0],
    ["Retry-After", response(503, { retryAfter: 60 }), repeat, NOW + 60_000],
    ["504 with a short Retry-After", response(504, { retryAfter: 1 }), repeat, STARTED + LEASE],
    [
      "Retry-After with a refusal",
      api(55014, 429, { retryAfter: 60 }),
      { kind: "parked", reason: "conflict", doubt: false },
      NOW + 60_000,
    ],
  ])("%s", (_, error, decision, until) => {
    expect(quietUntil(error, decision, STARTED, NOW)).toBe(until);
  });
});

test("only an answer to the values says that EngageLab takes the credentials", () => {
  const reasons = ["conflict", "set_or_conflicting", "refused", "expired"] as const;
  const decisions: Decision[] = [
    { kind: "delivered" },
    { kind: "split" },
    { kind: "pause" },
    { kind: "repeat", at: NOW, doubt: false },
    ...reasons.map((reason): Decision => ({ kind: "parked", reason, doubt: false })),
  ];
  expect(decisions.map(isAnswer)).toEqual([true, true, false, false, true, true, true, false]);
});

const row: Pending = {
  ...{ state: "pending", value: "a@b.c", seq: 7, request: "r", since: NOW - 5, due: NOW, attempts: 2 },
  ...{ solo: false, doubt: false },
};

test.each<[Decision, object]>([
  [{ kind: "delivered" }, { state: "delivered", seq: 7, attempts: 3, since: NOW, removal: NOW + 9 }],
  [{ kind: "split" }, { ...row, attempts: 3, solo: true }],
  [
    { kind: "repeat", at: NOW + 1, doubt: true },
    { ...row, attempts: 3, due: NOW + 1, doubt: true },
  ],
  [{ kind: "pause" }, row],
])("what a value becomes: %j", (decision, expected) => {
  expect(become(row, decision, NOW, 9)).toEqual(expected);
});

test("a parked value has no next attempt", () => {
  const { due, ...rest } = row;
  expect(become(row, { kind: "parked", reason: "refused", doubt: false }, NOW, 9)).toEqual({
    ...rest,
    ...{ state: "parked", reason: "refused", attempts: 3, since: NOW, removal: NOW + 9 },
  });
});

describe("plan", () => {
  const facts: Facts = { euid: "1" };
  const done: Row = { state: "delivered", seq: 1, attempts: 1, since: NOW, removal: NOW + 500 };
  const parked = become(row, { kind: "parked", reason: "refused", doubt: false }, NOW, 900);
  const reported: Facts = { ...facts, listed: true };
  const silent: Facts = { ...facts, listed: "unsure" };

  test.each<[string, Row[], Facts, object]>([
    ["a pending value", [row], facts, { kind: "send", at: NOW }],
    ["the first of several", [{ ...row, due: NOW + 5 }, row], facts, { kind: "send", at: NOW }],
    [
      "behind a request that may still run",
      [row],
      { ...facts, quiet: { until: NOW + 3 } },
      { kind: "send", at: NOW + 3 },
    ],
    ["with a slot", [row], { ...facts, slot: { at: NOW + 4, goodUntil: NOW + 6 } }, { kind: "send", at: NOW + 4 }],
    ["in a pause", [row], { ...facts, askAt: NOW + 5 }, { kind: "send", at: NOW + 5 }],
    ["what is done is kept", [done], facts, { kind: "remove", at: NOW + 500 }],
    ["a parked value is reported first", [row, parked], facts, { kind: "report", at: 0 }],
    ["and then kept", [parked], reported, { kind: "remove", at: NOW + 900 }],
    [
      "a report of which nobody knows whether it came",
      [parked],
      { ...facts, listed: "unsure" },
      { kind: "report", at: 0 },
    ],
    ["where the office does not answer, others come first", [parked, row], silent, { kind: "send", at: NOW }],
    ["nothing parked any more", [done], reported, { kind: "report", at: 0 }],
    ["nothing", [], facts, { kind: "erase", at: 0 }],
    ["nothing, but the office may still list it", [], silent, { kind: "report", at: NOW + 7 }],
    [
      "nothing, but a request may still run",
      [],
      { ...facts, quiet: { until: NOW + 3 } },
      { kind: "erase", at: NOW + 3 },
    ],
  ])("%s", (_, rows, known, step) => {
    expect(plan(rows, known, known === silent ? NOW + 7 : 0)).toEqual(step);
  });
});
