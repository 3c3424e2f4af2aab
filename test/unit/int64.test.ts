import fc from "fast-check";
import { expect, test } from "vitest";
import type { Euid } from "../../src/index.ts";
import { parseJson } from "../../src/int64.ts";
import { BODY, failure, setUp, stubbed } from "./support.ts";

const MAX = "9223372036854775807";
const MIN = "-9223372036854775808";

test.each<[Euid, string]>([
  [0, "0"],
  [-0, "0"],
  [1, "1"],
  [-1, "-1"],
  [Number.MAX_SAFE_INTEGER, "9007199254740991"],
  [Number.MIN_SAFE_INTEGER, "-9007199254740991"],
  [9007199254740993n, "9007199254740993"],
  [2n ** 63n - 1n, MAX],
  [-(2n ** 63n), MIN],
  ["0", "0"],
  ["9007199254740993", "9007199254740993"],
  [MAX, MAX],
  [MIN, MIN],
])("the EUID %s is sent as the JSON integer %s", async (euid, digits) => {
  const { client, emulator } = setUp();
  await client.setContact({ euid, contacts: { email: "a@b.c" } });
  expect(emulator.requests[0]?.body).toBe(`{"euid":${digits},"contacts":{"email":"a@b.c"}}`);
  expect(emulator.contacts.get(digits)?.get("email")).toBe("a@b.c");
});

test("any signed 64-bit EUID is sent and returned digit for digit", async () => {
  const { client, emulator } = setUp();
  await fc.assert(
    fc.asyncProperty(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), async (euid) => {
      emulator.reset();
      await client.setContact({ euid, contacts: { email: "a" } });
      await client.setContact({ euid: String(euid), contacts: { email: "b" } });
      expect([...emulator.contacts.keys()]).toEqual([String(euid)]);
      const answer = stubbed([() => new Response(`{"code":0,"message":"","data":{"euid":${euid}}}`)]);
      const { data } = await answer.client.POST("/v1/user/contact", { body: BODY });
      const { euid: back } = Object(Object(data).data);
      expect(String(back)).toBe(String(euid));
      expect(typeof back).toBe(Number.isSafeInteger(Number(euid)) ? "number" : "bigint");
    }),
  );
});

test.each<[unknown, RegExp]>([
  [Number.MAX_SAFE_INTEGER + 1, /pass a bigint or a string/],
  [Number.MIN_SAFE_INTEGER - 1, /pass a bigint or a string/],
  [1e300, /pass a bigint or a string/],
  [0.5, /integer/],
  [Number.NaN, /integer/],
  [Number.POSITIVE_INFINITY, /integer/],
  [2n ** 63n, /64 bits/],
  [-(2n ** 63n) - 1n, /64 bits/],
  ["9223372036854775808", /64 bits/],
  ["-9223372036854775809", /64 bits/],
  ["10000000000000000000", /64 bits/],
  ["", /digits/],
  ["-0", /digits/],
  ["+1", /digits/],
  ["01", /digits/],
  [" 1", /digits/],
  ["1\n", /digits/],
  ["1.0", /digits/],
  ["1e3", /digits/],
  ["0x1", /digits/],
  ["١", /digits/],
  [null, /null/],
  [undefined, /undefined/],
  [true, /boolean/],
  [[1], /object/],
  [{}, /object/],
])("what is no EUID of 64 bits is refused (%#)", async (euid, said) => {
  const { client, emulator } = setUp();
  const error = await failure(client.setContact({ ...BODY, euid: euid as Euid }));
  expect(error).toMatchObject({ kind: "validation", path: "euid", outcome: "not_sent" });
  expect(error.message).toMatch(/^euid /);
  expect(error.message).toMatch(said);
  expect(emulator.requests).toHaveLength(0);
});

/** Answers with integers in every position, and the parsed values. */
const ANSWERS: Array<[json: string, value: unknown]> = [
  ["9007199254740991", 9007199254740991],
  ["9007199254740992", 9007199254740992n],
  ["-9007199254740993", -9007199254740993n],
  [MAX, 9223372036854775807n],
  [MIN, -9223372036854775808n],
  ["12345678901234567890", 12345678901234567000],
  ["1234567890123456.5", 1234567890123456.5],
  ["1e22", 1e22],
  ["1234567890123456E2", 123456789012345600],
  ['"9007199254740993"', "9007199254740993"],
  ['"say \\"9007199254740993\\" n9"', 'say "9007199254740993" n9'],
  ['"\\\\"', "\\"],
  ["[9007199254740993,1,true,null]", [9007199254740993n, 1, true, null]],
  ['{"9007199254740993":9007199254740993}', { "9007199254740993": 9007199254740993n }],
  ['{"a" : {"n1":-9007199254740993} , "s":"n1"}', { a: { n1: -9007199254740993n }, s: "n1" }],
  ['{"long":"9007199254740993","small":5,"half":0.5}', { long: "9007199254740993", small: 5, half: 0.5 }],
];

test.each(ANSWERS)(
  "an answer's integers are kept digit for digit, with and without middleware (%#)",
  async (json, value) => {
    expect(parseJson(json)).toEqual(value);
    const { client } = stubbed([() => new Response(`{"code":0,"message":"success","data":${json}}`)]);
    for (const middleware of [[], [{ onRequest: () => {} }]]) {
      client.use(...middleware);
      const { data } = await client.POST("/v1/user/contact", { body: BODY });
      expect(data).toEqual({ code: 0, message: "success", data: value });
    }
  },
);

test.each(["01", "{", '{"a":1,}', "9007199254740993 1", "nan", ""])("invalid JSON is refused (%#)", (text) => {
  expect(() => parseJson(text)).toThrow(SyntaxError);
});

test("reviveNumber gets each number's literal", () => {
  expect(parseJson('{"a":1.0,"b":["2",-3e4]}', (literal) => `<${literal}>`)).toEqual({
    a: "<1.0>",
    b: ["2", "<-3e4>"],
  });
});
