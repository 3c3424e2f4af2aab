import { expect, test } from "vitest";
import { createEmulator, type EmulatorOptions, VENDOR_CREDENTIALS } from "../../src/emulator.ts";
import { type CallOptions, createClient, isEngageLabError } from "../../src/index.ts";
import { checked } from "../support/contract-check.ts";

function setUp(options?: EmulatorOptions) {
  const emulator = checked(createEmulator(options));
  return { emulator, client: createClient({ ...VENDOR_CREDENTIALS, fetch: emulator.fetch, maxRetries: 0 }) };
}

const users = (count: number): string[] => Array.from({ length: count }, (_, i) => `user-${i}`);

/** The lists of identity values that were sent, request by request. */
const sent = (emulator: { requests: { body: string }[] }): string[][] =>
  emulator.requests.map(({ body }) => JSON.parse(body).identity_values);

test("it resolves to a Map from identity value to EUID, the same on a second call", async () => {
  const { client } = setUp();
  const euids = await client.getEuids({ identity_name: "user_id", identity_values: ["a", "b"] });
  expect([...euids]).toEqual([
    ["a", "10000091198"],
    ["b", "10000091199"],
  ]);
  expect(euids.missing).toEqual([]);
  expect([...(await client.getEuids({ identity_name: "user_id", identity_values: ["b"] }))]).toEqual([
    ["b", "10000091199"],
  ]);
});

test("an identity of another kind is another user", async () => {
  const { client } = setUp();
  const [ofUser] = (await client.getEuids({ identity_name: "user_id", identity_values: ["a"] })).values();
  const [ofDevice] = (await client.getEuids({ identity_name: "registration_id", identity_values: ["a"] })).values();
  expect(ofDevice).not.toBe(ofUser);
});

test.each([{ watched: false }, { watched: true }])(
  "EUIDs beyond 2^53 digit for digit, middleware: $watched",
  async ({ watched }) => {
    const { client } = setUp({ firstEuid: "9223372036854775805" });
    if (watched) client.use({ onResponse: ({ response }) => new Response(response.body, response) });
    const body = { identity_name: "user_id" as const, identity_values: users(3) };
    const expected = ["9223372036854775805", "9223372036854775806", "9223372036854775807"];
    expect([...(await client.getEuids(body)).values()]).toEqual(expected);
    const { data } = await client.POST("/v1/user/register", { body });
    expect(data?.data?.map(({ euid }) => euid)).toEqual(expected.map(BigInt));
  },
);

test("a list above the limit of the contract is split, and duplicates are sent once", async () => {
  const { client, emulator } = setUp();
  const values = users(201);
  const euids = await client.getEuids({ identity_name: "user_id", identity_values: [...values, ...values] });
  expect(sent(emulator).map((group) => group.length)).toEqual([100, 100, 1]);
  expect(sent(emulator).flat()).toEqual(values);
  expect([...euids.keys()]).toEqual(values);
});

test("an empty list sends nothing", async () => {
  const { client, emulator } = setUp();
  const euids = await client.getEuids({ identity_name: "user_id", identity_values: [] });
  expect([euids.size, euids.missing]).toEqual([0, []]);
  expect(emulator.requests).toEqual([]);
});

test("missing lists the values that came back without an EUID", async () => {
  const { client } = setUp({ withoutEuid: ["b", "d"] });
  const euids = await client.getEuids({ identity_name: "anonymous_id", identity_values: ["a", "b", "c", "d", "b"] });
  expect([...euids.keys()]).toEqual(["a", "c"]);
  expect(euids.missing).toEqual(["b", "d"]);
});

test.each([
  ["no list", '{"code":0,"message":"success"}', ["a"], []],
  ["null", '{"code":0,"message":"success","data":null}', ["a"], []],
  ["an item that is null", '{"code":0,"message":"success","data":[null]}', ["a"], []],
  ["a fraction", '{"code":0,"message":"success","data":[{"identity_value":"a","euid":1.5}]}', ["a"], []],
  ["beyond 64 bits", '{"code":0,"message":"","data":[{"identity_value":"a","euid":9223372036854775808}]}', ["a"], []],
  ["digits", '{"code":0,"message":"","data":[{"identity_value":"a","euid":"10362473"}]}', [], ["10362473"]],
  [
    "members that can't be a string",
    '{"code":0,"message":"","data":[{"identity_value":{"toString":1},"euid":1},{"identity_value":"a","euid":{"toString":1}}]}',
    ["a"],
    [],
  ],
])("an answer of another shape: %s", async (_, body, missing, found) => {
  const { client, emulator } = setUp();
  emulator.fail({ body });
  const euids = await client.getEuids({ identity_name: "user_id", identity_values: ["a"] });
  expect(euids.missing).toEqual(missing);
  expect([...euids.values()]).toEqual(found);
});

test.each([
  [{ identity_name: "name", identity_values: ["a"] }, "identity_name"],
  [{ identity_name: "user_id", identity_values: "a" }, "identity_values"],
  [{ identity_name: "user_id" }, "identity_values"],
  [{ identity_name: "user_id", identity_values: [...users(250), 7] }, "identity_values[250]"],
  [{ identity_name: "user_id", identity_values: [...users(250), "x".repeat(257)] }, "identity_values[250]"],
  [undefined, ""],
])("a fault is found before anything is sent: %#", async (body, path) => {
  const { client, emulator } = setUp();
  const error = await client.getEuids(body as never).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ kind: "validation", path, outcome: "not_sent" });
  expect(emulator.requests).toEqual([]);
});

test("an error midway is thrown, and calling again returns the same EUIDs", async () => {
  const { client, emulator } = setUp();
  const body = { identity_name: "user_id" as const, identity_values: users(250) };
  const first = await client.getEuids({ ...body, identity_values: users(100) });
  emulator.fail({});
  emulator.fail({ status: 503 });
  const error = await client.getEuids(body).catch((thrown: unknown) => thrown);
  expect(isEngageLabError(error, "response") && error.status).toBe(503);
  expect(emulator.requests).toHaveLength(3);
  const all = await client.getEuids(body);
  expect(all.size).toBe(250);
  for (const [value, euid] of first) expect(all.get(value)).toBe(euid);
});

test("options apply to each request", async () => {
  const { client, emulator } = setUp();
  const options: CallOptions = { headers: { "x-trace": "7" } };
  await client.getEuids({ identity_name: "user_id", identity_values: users(150) }, options);
  expect(emulator.requests.map(({ headers }) => headers["x-trace"])).toEqual(["7", "7"]);
});

test("it is retried if the contract allows it", async () => {
  const { client, emulator } = setUp();
  emulator.fail({ status: 503, headers: { "retry-after": "0" } });
  const euids = await client.getEuids({ identity_name: "user_id", identity_values: ["a"] }, { maxRetries: 1 });
  expect(euids.size).toBe(1);
});

test("without a limit in the contract the whole list is sent in one request", async () => {
  const operations = { "POST /v1/user/register": { repeatable: true } };
  const contract = { servers: ["https://ma-api.engagelab.com"], operations, errorCodes: {} };
  const emulator = createEmulator({ contract });
  const client = createClient({ ...VENDOR_CREDENTIALS, contract, fetch: emulator.fetch });
  await client.getEuids({ identity_name: "user_id", identity_values: users(150) });
  expect(emulator.requests).toHaveLength(1);
});

test("a contract that allows no value at all is a ValidationError, not an endless loop", async () => {
  const identity_values = { type: "array", maxItems: 0 } as const;
  const register = { repeatable: true, body: { type: "object", properties: { identity_values } } } as const;
  const contract = {
    servers: ["https://a.example"],
    operations: { "POST /v1/user/register": register },
    errorCodes: {},
  };
  const client = createClient({ contract, fetch: async () => expect.unreachable("nothing is sent") });
  const call = client.getEuids({ identity_name: "user_id", identity_values: ["a"] } as never);
  await expect(call).rejects.toMatchObject({ kind: "validation", path: "identity_values" });
});

test("exactly the checked list is sent, although a getter returns another one later", async () => {
  const { client, emulator } = setUp();
  let read = 0;
  const body = {
    identity_name: "user_id" as const,
    get identity_values() {
      return read++ === 0 ? ["a"] : ["other"];
    },
  };
  await client.getEuids(body);
  expect(sent(emulator)).toEqual([["a"]]);
});

test("identities that were not asked for are ignored", async () => {
  const answer = {
    code: 0,
    message: "",
    data: [{ euid: 1 }, { identity_value: "b", euid: 2 }, { identity_value: "a", euid: 3 }],
  };
  const client = createClient({ fetch: async () => Response.json(answer) });
  const euids = await client.getEuids({ identity_name: "user_id", identity_values: ["a"] });
  expect([...euids]).toEqual([["a", "3"]]);
});

test("options are checked even if nothing is sent", async () => {
  const { client } = setUp();
  const body = { identity_name: "user_id" as const, identity_values: [] };
  for (const options of [{ bogus: 1 }, { maxRetries: -1 }, "x", null]) {
    await expect(client.getEuids(body, options as CallOptions)).rejects.toMatchObject({ kind: "configuration" });
  }
});

test("with a contract whose identities are integers, what was found is not missing", async () => {
  const identity_values = { type: "array", items: { type: "integer", format: "int64" } } as const;
  const body = { type: "object", properties: { identity_values } } as const;
  const operations = { "POST /v1/user/register": { repeatable: true, body } };
  const answer = { code: 0, message: "", data: [{ identity_value: 5, euid: 1 }] };
  const contract = { servers: ["https://x.example"], operations, errorCodes: {} };
  const client = createClient({ contract, fetch: async () => Response.json(answer) });
  const euids = await client.getEuids({ identity_values: [5, 6n] } as never);
  expect([...euids]).toEqual([["5", "1"]]);
  expect(euids.missing).toEqual(["6"]);
});
