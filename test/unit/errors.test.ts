import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { build } from "esbuild";
import { expect, expectTypeOf, test } from "vitest";
import {
  type AnyEngageLabError,
  ApiError,
  ConfigurationError,
  createClient,
  EngageLabError,
  type ErrorKind,
  type ErrorReason,
  isEngageLabError,
  NetworkError,
  ResponseError,
  TimeoutError,
  ValidationError,
} from "../../src/index.ts";
import { BODY, failure, setUp, stubbed } from "./support.ts";

test("bad options: configuration, not sent", () => {
  expect(() => createClient({ timeout: 0 })).toThrow(ConfigurationError);
  try {
    createClient({ timeout: 0 });
  } catch (error) {
    expect(error).toMatchObject({
      kind: "configuration",
      name: "ConfigurationError",
      option: "timeout",
      outcome: "not_sent",
      attempts: 0,
      retryable: false,
    });
  }
});

test("bad arguments: validation, not sent", async () => {
  const { client, emulator } = setUp();
  const error = await failure(client.setContact({ ...BODY, contacts: { email: 5 as never } }));
  expect(error).toBeInstanceOf(ValidationError);
  expect(error).toMatchObject({
    name: "ValidationError",
    kind: "validation",
    path: "contacts.email",
    outcome: "not_sent",
    attempts: 0,
  });
  expect(emulator.requests).toHaveLength(0);
});

test("a code: api, refused", async () => {
  const { client } = setUp({}, { unique: ["email"], partialSuccess: false });
  await client.setContact({ ...BODY, euid: 1 });
  const error = await failure(client.setContact(BODY));
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ code: 55014, outcome: "refused", attempts: 1, retryable: false });
});

test("an answer that is not an envelope: response, unknown", async () => {
  const { client, emulator } = setUp({ maxRetries: 0 });
  emulator.fail({ status: 502, body: "<html>" });
  const error = await failure(client.setContact(BODY));
  expect(error).toBeInstanceOf(ResponseError);
  expect(error).toMatchObject({ status: 502, outcome: "unknown", attempts: 1, retryable: true });
});

test("HTTP 429 without an envelope: refused, since nothing was applied", async () => {
  const { client, emulator } = setUp({ maxRetries: 0 });
  emulator.fail({ status: 429, headers: { "retry-after": "7" } });
  expect(await failure(client.setContact(BODY))).toMatchObject({
    kind: "response",
    outcome: "refused",
    retryable: true,
    retryAfter: 7,
  });
});

test("fetch rejects: network, unknown", async () => {
  const { client, emulator } = setUp({ maxRetries: 0 });
  emulator.fail({ broken: "connection" });
  const error = await failure(client.setContact(BODY));
  expect(error).toBeInstanceOf(NetworkError);
  expect(error).toMatchObject({ name: "NetworkError", outcome: "unknown", attempts: 1, retryable: true });
  expect(error.message).toMatch(/before an answer/);
  expect(error.cause).toBeInstanceOf(TypeError);
  expect(error).not.toHaveProperty("retryAfter");
});

test("a fetch that throws at once: network", async () => {
  const { client } = stubbed([], {
    maxRetries: 0,
    fetch: () => {
      throw new Error("sync");
    },
  });
  expect(await failure(client.setContact(BODY))).toMatchObject({ kind: "network", outcome: "unknown" });
});

test("a time limit: timeout, unknown", async () => {
  const { client, emulator } = setUp({ maxRetries: 0, timeout: 20 });
  emulator.fail({ delay: 60_000 });
  const error = await failure(client.setContact(BODY));
  expect(error).toBeInstanceOf(TimeoutError);
  expect(error.message).toMatch(/20 ms/);
  expect(error).toMatchObject({ name: "TimeoutError", timeout: 20, outcome: "unknown", attempts: 1, retryable: true });
});

test("the caller's signal: aborted, with its reason", async () => {
  const { client } = setUp();
  const reason = { why: "closed" };
  const error = await failure(client.setContact(BODY, { signal: AbortSignal.abort(reason) }));
  expect(error.message).toMatch(/aborted/);
  expect(error).toMatchObject({
    kind: "aborted",
    name: "AbortedError",
    outcome: "not_sent",
    attempts: 0,
    retryable: false,
    cause: reason,
  });
});

test("a refusal after an attempt in doubt leaves the doubt", async () => {
  const { client, emulator } = setUp({}, { unique: ["email"], ownValueConflicts: true, partialSuccess: false });
  emulator.fail({ applied: true, broken: "connection" });
  expect(await failure(client.setContact(BODY))).toMatchObject({ code: 55014, outcome: "unknown", attempts: 2 });
});

test.each([408, 504, 524])("an unknown code with HTTP %i: unknown, since an intermediary timed out", async (status) => {
  const { client, emulator } = setUp({ maxRetries: 0 });
  emulator.fail({ status, body: '{"code":50400,"message":"timed out"}' });
  expect(await failure(client.setContact(BODY))).toMatchObject({ code: 50400, outcome: "unknown" });
});

test.each([408, 504])("a refusal after an unknown code with HTTP %i leaves the doubt", async (status) => {
  const { client, emulator } = setUp();
  emulator.fail({ status, body: '{"code":50400,"message":"timed out"}', headers: { "retry-after": "0" } });
  emulator.fail({ status: 400, body: '{"code":55014,"message":"Contact exists"}' });
  expect(await failure(client.setContact(BODY))).toMatchObject({ code: 55014, outcome: "unknown", attempts: 2 });
});

test("a refusal after an attempt that timed out leaves the doubt", async () => {
  const { client, emulator } = setUp({ timeout: 20 });
  emulator.fail({ delay: 60_000 });
  emulator.fail({ status: 400, body: '{"code":55014,"message":"Contact exists"}' });
  expect(await failure(client.setContact(BODY))).toMatchObject({ code: 55014, outcome: "unknown", attempts: 2 });
});

test("a refusal after headers() timed out stays a refusal: nothing had been sent", async () => {
  let asked = 0;
  const headers = () => (asked++ ? {} : new Promise<never>(() => {}));
  const { client, emulator } = setUp({ timeout: 20, headers });
  emulator.fail({ status: 400, body: '{"code":55014,"message":"Contact exists"}' });
  expect(await failure(client.setContact(BODY))).toMatchObject({ code: 55014, outcome: "refused", attempts: 2 });
});

test("a gateway that is unavailable leaves the outcome unknown", async () => {
  const { client, emulator } = setUp({ maxRetries: 0 });
  emulator.fail({ status: 503, body: '{"code":503000,"message":"The gateway can\'t work now"}' });
  expect(await failure(client.setContact(BODY))).toMatchObject({ reason: "unavailable", outcome: "unknown" });
});

test("a refusal after a 429 is a refusal", async () => {
  const { client, emulator } = setUp({}, { unique: ["email"], partialSuccess: false });
  await client.setContact({ ...BODY, euid: 1 });
  emulator.fail({ status: 429, headers: { "retry-after": "0" } });
  expect(await failure(client.setContact(BODY))).toMatchObject({ code: 55014, outcome: "refused", attempts: 2 });
});

test("every error is an Error, and an EngageLabError", async () => {
  const { client } = stubbed([() => new Response("")]);
  const error = await failure(client.setContact(BODY));
  expect(error).toBeInstanceOf(EngageLabError);
  expect(error).toBeInstanceOf(Error);
  expect(String(error)).toMatch(/^ResponseError: HTTP 200/);
});

test("isEngageLabError distinguishes the kind, another kind and other values", async () => {
  const { client } = stubbed([() => new Response("")]);
  const error = await failure(client.setContact(BODY));
  expect(isEngageLabError(error)).toBe(true);
  expect(isEngageLabError(error, "response")).toBe(true);
  expect(isEngageLabError(error, "api")).toBe(false);
  const others = [
    new Error("x"),
    { kind: "api" },
    { [Symbol.for("engagelab-ma.error")]: true },
    null,
    undefined,
    "api",
  ];
  for (const other of others) expect(isEngageLabError(other)).toBe(false);
});

test("isEngageLabError works across realms and copies, where instanceof fails", async () => {
  // A second copy of the sources, in another realm.
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../../src/errors.ts", import.meta.url))],
    bundle: true,
    format: "iife",
    globalName: "copy",
    write: false,
  });
  const code = `${outputFiles[0]?.text}; new copy.ValidationError("euid", "euid is required")`;
  const foreign: unknown = runInContext(code, createContext({}));
  expect(foreign instanceof Error).toBe(false);
  expect(isEngageLabError(foreign)).toBe(true);
  expect(isEngageLabError(foreign, "validation")).toBe(true);
  expect(isEngageLabError(foreign, "timeout")).toBe(false);
});

test("isEngageLabError accepts an undefined kind", () => {
  const error: unknown = new ValidationError("euid", "euid is required");
  const kinds: (ErrorKind | undefined)[] = [undefined, "validation"];
  for (const kind of kinds) expect(isEngageLabError(error, kind)).toBe(true);
});

test("switch (error.kind) is exhaustive without a cast, and narrows", () => {
  function advise(error: AnyEngageLabError): string {
    switch (error.kind) {
      case "configuration":
        return error.option;
      case "validation":
        return error.path;
      case "api":
        expectTypeOf(error.reason).toEqualTypeOf<ErrorReason>();
        return error.solution ?? error.reason;
      case "response":
        return error.excerpt;
      case "network":
        return "later";
      case "timeout":
        return String(error.timeout);
      case "aborted":
        return "stopped";
    }
  }
  expect(advise(new ValidationError("euid", "euid is required"))).toBe("euid");
});
