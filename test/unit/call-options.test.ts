import { expect, test } from "vitest";
import { type CallOptions, type GetEuidsBody, setContacts } from "../../src/index.ts";
import { BODY, failure, setUp, stubbed } from "./support.ts";

const ok = () => Response.json({ code: 0, message: "success" });

const RESERVED = [
  ...["apiKey", "apiSecret", "dangerouslyAllowBrowser", "fetch", "baseUrl", "redirect", "Request", "parseAs"],
  ...["bodySerializer", "pathSerializer"],
];
test.each(RESERVED)("%s can't be given for one call", async (option) => {
  const { client, sent } = stubbed([ok]);
  const options = { [option]: undefined } as CallOptions;
  for (const call of [client.setContact(BODY, options), client.POST("/v1/user/contact", { body: BODY, ...options })]) {
    const error = await failure(call);
    expect(error).toMatchObject({ kind: "configuration", option });
    expect(error.message).toMatch(/one call/);
  }
  expect(sent).toHaveLength(0);
});

test("a named operation refuses an unknown option; a verb passes it to fetch", async () => {
  const { client, sent } = stubbed([ok]);
  const slip = { timout: 5 } as CallOptions;
  expect(await failure(client.setContact(BODY, slip))).toMatchObject({ kind: "configuration", option: "timout" });
  const identities: GetEuidsBody = { identity_name: "user_id", identity_values: ["a"] };
  expect(await failure(client.getEuids(identities, slip))).toMatchObject({ option: "timout" });
  expect(() => setContacts(client, [BODY], slip)).toThrow(expect.objectContaining({ option: "timout" }));
  expect(sent).toHaveLength(0);
  await client.POST("/v1/user/contact", { body: BODY, ...slip });
  expect(sent).toMatchObject([slip]);
});

test.each([null, 5])("%j as options of one call is refused", async (options) => {
  const { client, sent } = stubbed([ok]);
  for (const call of [client.setContact(BODY, options as never), client.POST("/v1/user/contact", options as never)]) {
    expect(await failure(call)).toMatchObject({ kind: "configuration", option: "options" });
  }
  expect(sent).toHaveLength(0);
});

test.each<[string, object]>([
  ["timeout", { timeout: 0 }],
  ["totalTimeout", { totalTimeout: -1 }],
  ["maxRetries", { maxRetries: 1.5 }],
  ["onRetry", { onRetry: 5 }],
  ["headers", { headers: { "x a": "b" } }],
  ["headers", { headers: { authorization: "Bearer x" } }],
  ["signal", { signal: {} }],
  ["signal", { signal: null }],
  ["signal", { signal: { addEventListener() {} } }],
])("a bad %s of one call is refused (%#)", async (option, options) => {
  const { client, sent } = stubbed([ok]);
  const error = await failure(client.setContact(BODY, options));
  expect(error).toMatchObject({ kind: "configuration", option });
  expect(error.message).toMatch(/ (must|hold) .{6,}/);
  expect(sent).toHaveLength(0);
});

test("options of one call override those of the client", async () => {
  const { client, emulator } = setUp({ maxRetries: 0 });
  emulator.fail({ status: 503, headers: { "retry-after": "0" } }, 2);
  await client.setContact(BODY, { maxRetries: 2, timeout: 1000, totalTimeout: 2000 });
  expect(emulator.requests).toHaveLength(3);
});

test("fetch gets a plain init without options of openapi-fetch", async () => {
  const { client, sent } = stubbed([ok]);
  const params = { query: { a: 1 }, header: { "x-a": "b" } };
  await client.POST("/v1/user/contact", { body: BODY, params, querySerializer: () => "a=1", middleware: [] } as never);
  expect(Object.keys(sent[0] ?? {}).sort()).toEqual(["body", "headers", "method", "redirect", "signal"]);
  expect(sent[0]?.headers).toMatchObject({ "x-a": "b" });
});

test("further members of an init are passed to fetch", async () => {
  const { client, sent } = stubbed([ok]);
  await client.POST("/v1/user/contact", { body: BODY, keepalive: true, cache: "no-store" });
  expect(sent[0]).toMatchObject({ keepalive: true, cache: "no-store" });
});

test.each([
  ["params", null],
  ["params", 5],
  ["middleware", null],
  ["middleware", {}],
])("%s: %j is refused", async (option, value) => {
  const { client, sent } = stubbed([ok]);
  const error = await failure(client.POST("/v1/user/contact", { body: BODY, [option]: value } as never));
  expect(error).toMatchObject({ kind: "configuration", option, outcome: "not_sent" });
  expect(sent).toEqual([]);
});
