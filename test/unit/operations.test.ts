import { expect, test } from "vitest";
import { createEmulator, type EmulatorOptions, VENDOR_CREDENTIALS } from "../../src/emulator.ts";
import { createClient, type paths } from "../../src/index.ts";
import { checked } from "../support/contract-check.ts";
import { failure } from "./support.ts";

type Change = paths["/v1/user/property"]["post"]["requestBody"]["content"]["application/json"];

function setUp(options?: EmulatorOptions) {
  const emulator = checked(createEmulator(options));
  return { emulator, client: createClient({ ...VENDOR_CREDENTIALS, fetch: emulator.fetch }) };
}

test.each<[string, Change["type"], Record<string, unknown>, Record<string, unknown> | "refused"]>([
  ["sets", "set", { city: "Paris", age: 31 }, { city: "Paris", age: 31, tags: ["a", "b"] }],
  ["adds to a number", "increase", { age: 2 }, { city: "Rome", age: 32, tags: ["a", "b"] }],
  ["begins a number at 0", "increase", { visits: 1 }, { city: "Rome", age: 30, tags: ["a", "b"], visits: 1 }],
  ["increases by a number only", "increase", { age: "2" }, "refused"],
  ["increases a number only", "increase", { city: 2 }, "refused"],
  ["adds to a list", "add", { tags: ["c"] }, { city: "Rome", age: 30, tags: ["a", "b", "c"] }],
  ["begins a list", "add", { pets: ["cat"] }, { city: "Rome", age: 30, tags: ["a", "b"], pets: ["cat"] }],
  ["adds a list only", "add", { tags: "c" }, "refused"],
  ["adds to a list only", "add", { city: ["c"] }, "refused"],
  ["removes from a list", "remove", { tags: ["a"] }, { city: "Rome", age: 30, tags: ["b"] }],
  ["deletes", "delete", { age: "", tags: "" }, { city: "Rome" }],
  ["changes nothing where a part is refused", "increase", { age: 1, city: 1 }, "refused"],
])("property %s", async (_, type, properties, expected) => {
  const { client, emulator } = setUp();
  const held = { city: "Rome", age: 30, tags: ["a", "b"] };
  await client.POST("/v1/user/property", { body: { euid: 7, type: "set", properties: held } });
  const { data, error } = await client.POST("/v1/user/property", { body: { euid: 7, type, properties } });
  const now = Object.fromEntries(emulator.attributes.get("7") ?? []);
  if (expected === "refused") {
    expect(error).toMatchObject({ kind: "api", code: 55102, reason: "invalid_user_attributes", outcome: "refused" });
    expect(now).toEqual(held);
  } else {
    expect(data).toEqual({ code: 0, message: "success" });
    expect(now).toEqual(expected);
  }
});

test("an attribute can be increased by a bigint", async () => {
  const { client, emulator } = setUp();
  const properties = { points: 9007199254740993n };
  await client.POST("/v1/user/property", { body: { euid: 7n, type: "increase", properties } });
  expect(emulator.attributes.get("7")?.get("points")).toBe(9007199254740992); // a number: it is not an EUID
});

test("events are recorded with every digit of the EUID", async () => {
  const { client, emulator } = setUp();
  const event = { event_name: "paid", itime: 1742288400000, properties: { amount: 19.9 } };
  const data = [
    { ...event, euid: 9223372036854775807n },
    { ...event, euid: 7, random_id: "r" },
  ];
  await client.POST("/v1/event/report", { body: { app_key: "app", data } });
  await client.POST("/v1/event/report", { body: { data: [{ ...event, euid: 8 }] } });
  expect(emulator.events).toEqual([
    { ...event, euid: "9223372036854775807", app_key: "app" },
    { ...event, euid: "7", random_id: "r", app_key: "app" },
    { ...event, euid: "8" },
  ]);
});

test("a ValidationError has the path of the fault", async () => {
  const { client } = setUp();
  const data = [{ euid: 7, event_name: "paid", itime: 1.5, properties: {} }];
  const calls = [
    client.POST("/v1/event/report", { body: { data } }),
    client.POST("/v1/user/property", { body: { euid: 7, type: "replace" as "set", properties: {} } }),
  ];
  const errors = await Promise.allSettled(calls);
  expect(errors).toMatchObject([{ reason: { path: "data[0].itime" } }, { reason: { path: "type" } }]);
});

test.each<[string, number]>([
  ["set", 2],
  ["delete", 2],
  ["increase", 1],
  ["add", 1],
  ["remove", 1],
])("after a 503, property %s comes to %i attempts", async (type, attempts) => {
  const { client, emulator } = setUp();
  emulator.fail({ status: 503, headers: { "retry-after": "0" } });
  const properties = { tags: type === "increase" ? 1 : ["a"] };
  await client.POST("/v1/user/property", { body: { euid: 7, type: type as Change["type"], properties } });
  expect(emulator.requests).toHaveLength(attempts);
});

test("an event is not repeated", async () => {
  const { client, emulator } = setUp();
  emulator.fail({ status: 503, headers: { "retry-after": "0" } });
  const data = [{ euid: 7, event_name: "paid", itime: 1742288400000, properties: {} }];
  const { error } = await client.POST("/v1/event/report", { body: { data } });
  expect(error).toMatchObject({ kind: "response", outcome: "unknown", retryable: false, attempts: 1 });
  expect(emulator.requests).toHaveLength(1);
});

test("reset forgets everything, including EUIDs", async () => {
  const { client, emulator } = setUp({ firstEuid: 5 });
  const ask = (value: string) => client.getEuids({ identity_name: "user_id", identity_values: [value] });
  expect([...(await ask("a")).values()]).toEqual(["5"]);
  await client.setContact({ euid: 5, contacts: { email: "a@example.org" } });
  await client.POST("/v1/user/property", { body: { euid: 5, type: "set", properties: { a: 1 } } });
  const data = [{ euid: 5, event_name: "paid", itime: 1, properties: {} }];
  await client.POST("/v1/event/report", { body: { data } });
  emulator.reset();
  const { contacts, attributes, events } = emulator;
  expect([contacts.size, attributes.size, events.length]).toEqual([0, 0, 0]);
  expect([...(await ask("b")).values()]).toEqual(["5"]);
});

test.each<[string, EmulatorOptions, 7 | 8, boolean, string | undefined]>([
  ["of another user, the rest is set", {}, 8, true, "1"],
  ["of another user, all or nothing", { partialSuccess: false }, 8, false, undefined],
  ["of the user", {}, 7, true, "1"],
  ["of the user, where that conflicts", { ownValueConflicts: true, partialSuccess: false }, 7, false, undefined],
])("a unique contact with a value %s", async (_, options, euid, isSet, phone) => {
  const { client, emulator } = setUp({ unique: ["email"], ...options });
  await client.setContact({ euid: 7, contacts: { email: "a" } });
  const contacts = { email: "a", mobile_phone: "1" };
  const { data, error } = await client.POST("/v1/user/contact", { body: { euid, contacts } });
  expect(isSet ? data?.code : error).toEqual(isSet ? 0 : expect.objectContaining({ reason: "contact_already_set" }));
  expect(emulator.contacts.get(String(euid))?.get("mobile_phone")).toBe(phone);
  expect(emulator.contacts.get("8")?.has("email") ?? false).toBe(false);
});

test("if a contract lacks the named operations, the package's own contract checks them", async () => {
  const emulator = createEmulator();
  const contract = { servers: ["https://ma-api.engagelab.com"], operations: {}, errorCodes: {} };
  const client = createClient({ ...VENDOR_CREDENTIALS, contract, fetch: emulator.fetch });
  await client.setContact({ euid: "9007199254740993", contacts: { email: "a" } });
  expect(emulator.requests[0]?.body).toBe('{"euid":9007199254740993,"contacts":{"email":"a"}}');
  const error = await failure(client.getEuids({ identity_name: "user_id" } as never));
  expect(error).toMatchObject({ kind: "validation", path: "identity_values" });
});
