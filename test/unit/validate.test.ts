import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { encode } from "../../src/validate.ts";
import { BODY, failure, setUp } from "./support.ts";

test.each<[unknown, string]>([
  [undefined, ""],
  [null, ""],
  ["euid=1", ""],
  [[BODY], ""],
  [{}, "euid"],
  [{ euid: 1 }, "contacts"],
  [{ euid: 1, contacts: null }, "contacts"],
  [{ euid: 1, contacts: [] }, "contacts"],
  [{ euid: 1, contacts: {} }, "contacts"],
  [{ euid: 1, contacts: new Map([["email", "a"]]) }, "contacts"],
  [{ euid: 1, contacts: { email: undefined } }, "contacts"],
  [{ euid: 1, contacts: { email: null } }, "contacts.email"],
  [{ euid: 1, contacts: { email: 5 } }, "contacts.email"],
  [{ euid: 1, contacts: { wechat: 5 } }, "contacts.wechat"],
  [{ euid: 1, contacts: JSON.parse('{"__proto__":5}') }, "contacts.__proto__"],
  [{ euid: 1, contacts: { toString: 5 } }, "contacts.toString"],
  [Object.create({ euid: 1, contacts: { email: "a" } }), ""],
])("a body is refused at the path of its fault (%#)", async (body, path) => {
  const { client, emulator } = setUp();
  const error = await failure(client.setContact(body as typeof BODY));
  expect(error).toMatchObject({ kind: "validation", path, outcome: "not_sent" });
  expect(error.message.startsWith(path || "body")).toBe(true);
  expect(emulator.requests).toEqual([]);
});

test("int64 applies to integers: a string with that format stays a string", () => {
  expect(encode("12", { type: "string", format: "int64" })).toBe('"12"');
  expect(encode("12", { format: "int64" })).toBe("12");
});

test("an int64 is limited to 64 bits, whatever the spec says", () => {
  const schema = { type: "integer", format: "int64" } as const;
  expect(() => encode(4, { ...schema, minimum: 5 })).toThrow("body must be at least 5");
  expect(() => encode("6", { ...schema, maximum: 5 })).toThrow("body must be at most 5");
  expect(encode(5n, { ...schema, minimum: 5, maximum: 5 })).toBe("5");
});

test("a limit of 0 applies", () => {
  expect(() => encode("a", { maxLength: 0 })).toThrow("must have at most 0 characters");
});

test("an unknown contact name is sent", async () => {
  const { client, emulator } = setUp();
  await client.setContact({ euid: 1, contacts: { wechat: "w", "": "x", constructor: "c" } });
  expect(emulator.requests[0]?.body).toBe('{"euid":1,"contacts":{"wechat":"w","":"x","constructor":"c"}}');
});

test("exactly the checked value is sent: getters are called once, toJSON never", async () => {
  let asked = 0;
  class Person {
    get euid() {
      return 1;
    }
    toJSON() {
      return { euid: 2 };
    }
  }
  const contacts = Object.defineProperty({}, "email", { enumerable: true, get: () => `a${++asked}` });
  const { client, emulator } = setUp();
  await client.setContact(Object.assign(new Person(), { contacts })).catch(() => {});
  expect(emulator.requests).toEqual([]); // an accessor of a class is not an own member
  await client.setContact({ euid: 1, contacts });
  expect(emulator.requests[0]?.body).toBe('{"euid":1,"contacts":{"email":"a1"}}');
});

const set = (properties: object) => ({ body: { euid: 1, type: "set" as const, properties: { ...properties } } });

test("free values are sent as JSON", async () => {
  const { client, emulator } = setUp();
  const properties = { a: true, b: null, c: [1.5, "x", [], {}], d: 2n ** 64n, e: { f: false }, g: -0 };
  const { data } = await client.POST("/v1/user/property", set(properties));
  expect(data).toMatchObject({ code: 0 });
  expect(emulator.requests[0]?.body).toBe(
    '{"euid":1,"type":"set","properties":{"a":true,"b":null,"c":[1.5,"x",[],{}],"d":18446744073709551616,"e":{"f":false},"g":0}}',
  );
});

const circular: { self?: unknown } = {};
circular.self = circular;
const sparse = [1];
sparse[2] = 3;

test.each<[string, unknown, string]>([
  ["NaN", Number.NaN, "properties.a"],
  ["Infinity", Number.NEGATIVE_INFINITY, "properties.a"],
  ["a function", () => 1, "properties.a"],
  ["a symbol", Symbol("s"), "properties.a"],
  ["a Date", new Date(0), "properties.a"],
  ["a Map", new Map(), "properties.a"],
  [
    "an object of a class",
    new (class Money {
      #amount = 1;
      get amount() {
        return this.#amount;
      }
    })(),
    "properties.a",
  ],
  ["an object with toJSON", { toJSON: () => 1 }, "properties.a"],
  ["a list with toJSON", Object.assign([1], { toJSON: () => 1 }), "properties.a"],
  ["an object that inherits from another", Object.create({ b: 1 }), "properties.a"],
  ["an object that inherits accessors", Object.create(Object.create({}, { b: { get: () => 1 } })), "properties.a"],
  ["a boxed string", Object("x"), "properties.a"],
  ["a typed array", new Uint8Array(1), "properties.a"],
  ["JSON", JSON, "properties.a"],
  ["a hole in a list", sparse, "properties.a[1]"],
  ["a list in a list", [[["x"], undefined]], "properties.a[0][1]"],
])("%s can't be sent", async (_, a, path) => {
  const { client } = setUp();
  const error = await failure(client.POST("/v1/user/property", set({ a })));
  expect(error).toMatchObject({ kind: "validation", path });
});

test("a circular value is refused, a value with a hundred levels is not", async () => {
  const { client } = setUp();
  const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
  expect((await client.POST("/v1/user/property", set({ a: nested(98) }))).error).toBeUndefined();
  for (const a of [circular, nested(99)]) {
    const error = await failure(client.POST("/v1/user/property", set({ a })));
    expect(error).toMatchObject({ kind: "validation" });
    expect(error.message).toMatch(/circular/);
  }
});

test("limits count code points, and the message has the numbers", async () => {
  const { client } = setUp();
  const ask = (value: string) => client.getEuids({ identity_name: "user_id", identity_values: [value] });
  expect((await ask("🎉".repeat(256))).size).toBe(1);
  const error = await failure(ask("🎉".repeat(257)));
  expect(error).toMatchObject({ path: "identity_values[0]" });
  expect(error.message).toMatch(/at most 256 characters, got 257/);
  const many = { identity_name: "user_id" as const, identity_values: Array.from({ length: 101 }, String) };
  expect((await failure(client.POST("/v1/user/register", { body: many }))).message).toMatch(
    /at most 100 items, got 101/,
  );
});

test("an enum fault lists the allowed values", async () => {
  const { client } = setUp();
  const error = await failure(client.getEuids({ identity_name: "name" as "user_id", identity_values: [] }));
  expect(error.message).toMatch(/user_id, anonymous_id, registration_id/);
});

test("without a schema, a body that is not JSON is refused", async () => {
  const { client } = setUp();
  const other = "/v1/other" as "/v1/user/contact";
  expect(await failure(client.POST(other, { body: { ...BODY, euid: Number.NaN } }))).toMatchObject({ path: "euid" });
});

test("an undefined member is left out, as in JSON, and counts as missing if required", async () => {
  const { client, emulator } = setUp();
  const event = { euid: 1, event_name: "e", itime: 1, random_id: undefined, properties: { a: undefined, b: 1 } };
  await client.POST("/v1/event/report", { body: { app_key: undefined, data: [event] } });
  await client.setContact({ euid: 1, contacts: { email: undefined, whatsapp_phone: "1" } });
  expect(emulator.requests.map(({ body }) => body)).toEqual([
    '{"data":[{"euid":1,"event_name":"e","itime":1,"properties":{"b":1}}]}',
    '{"euid":1,"contacts":{"whatsapp_phone":"1"}}',
  ]);
  const error = await failure(client.setContact({ euid: 1, contacts: undefined as never }));
  expect(error).toMatchObject({ kind: "validation", path: "contacts", message: "contacts is required, got undefined" });
});

test("plain objects of another realm, and those without a prototype, are sent", async () => {
  const { client, emulator } = setUp();
  const foreign = runInNewContext("({ email: '1' })");
  await client.setContact({ euid: 1, contacts: foreign });
  await client.setContact({ euid: 1, contacts: Object.assign(Object.create(null), { email: "2" }) });
  expect(emulator.requests.map(({ body }) => JSON.parse(body).contacts)).toEqual([{ email: "1" }, { email: "2" }]);
});

test("an array with named members is refused", async () => {
  const { client, emulator } = setUp();
  for (const list of [Object.assign(["a"], { more: 1 }), /a/.exec("a")]) {
    const body = { euid: 1, type: "set", properties: { list } } as const;
    expect(await failure(client.POST("/v1/user/property", { body }))).toMatchObject({ path: "properties.list" });
  }
  expect(emulator.requests).toEqual([]);
});

test("a free bigint has the limits of a number", () => {
  expect(() => encode(3n, { minimum: 5 })).toThrow("must be at least 5");
  expect(encode(2n ** 70n, { minimum: 5 })).toBe("1180591620717411303424");
});

test("an enum may hold any value", () => {
  const schema = { enum: [{ a: 1 }, ["x"], null, 5] };
  for (const value of structuredClone(schema.enum)) expect(encode(value, schema)).toBe(JSON.stringify(value));
  expect(() => encode({ a: 2 }, schema)).toThrow("must be one of");
});

test("digits in a string are sent as a string if one of several schemas allows it", () => {
  const int64 = { type: "integer", format: "int64" } as const;
  expect(encode("5", { anyOf: [int64, { type: "string" }] })).toBe('"5"');
  expect(encode(5, { anyOf: [int64, { type: "string" }] })).toBe("5");
  expect(() => encode("5", { oneOf: [int64, { type: "string" }] })).toThrow("fits 2 alternatives");
});

test.each<[string, () => object]>([
  [
    "a getter that throws",
    () => ({
      euid: 1,
      get contacts() {
        throw new Error("secret");
      },
    }),
  ],
  [
    "a revoked Proxy",
    () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return { euid: 1, contacts: proxy };
    },
  ],
])("a body with %s is refused", async (_, body) => {
  const { client, emulator } = setUp();
  const error = await failure(client.setContact(body() as typeof BODY));
  expect(error).toMatchObject({ kind: "validation", outcome: "not_sent" });
  expect(error.message).not.toContain("secret");
  expect(emulator.requests).toEqual([]);
});
