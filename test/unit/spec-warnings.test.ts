/** Each part of a spec that the client does not check gives a warning; everything else is still checked. */
import { expect, test } from "vitest";
import { encode } from "../../src/validate.ts";
import { specWith } from "../support/spec.ts";
import { check, generateFrom, generateWith, ID, NODE, object } from "../support/spec-check.ts";

const unchecked = (...keywords: string[]) =>
  keywords.map((keyword) => `${keyword} is not checked before a request is sent`);

test.each<[string, object, string[]]>([
  ["a keyword of JSON Schema", { multipleOf: 2 }, ["multipleOf"]],
  ["a keyword that nobody knows", { divisibleBy: 2 }, ["divisibleBy"]],
  ["a misspelt keyword", { minimun: 2 }, ["minimun"]],
  ["several", { not: { const: 1 }, contains: {}, unevaluatedItems: false }, ["not", "contains", "unevaluatedItems"]],
])("%s beside an int64", async (_, keywords, names) => {
  const schema = object({ id: { ...ID, ...keywords } }, { required: ["id"] });
  expect(await check(schema, { id: "7" })).toEqual({ sent: '{"id":7}', warnings: unchecked(...names) });
  expect(await check(schema, { id: 1.5 })).toMatchObject({ refused: "id" });
  expect(await check(schema, {})).toMatchObject({ refused: "id" });
});

test.each<[string, object, unknown, string[]]>([
  ["a format", { type: "string", format: "email" }, "a@b.c", ["format email"]],
  ["int64 of a string", { type: "string", format: "int64" }, "7", ["format int64"]],
  ["names of members", object({}, { propertyNames: { maxLength: 2 } }), {}, ["propertyNames"]],
  [
    "several patterns of names",
    object({}, { patternProperties: { "^a": { type: "string" }, b$: { type: "string" } } }),
    { ab: "a" },
    ["a name by more than the first pattern that fits"],
  ],
  ["objects that must differ", { type: "array", items: NODE, uniqueItems: true }, [], ["uniqueItems"]],
  ["a list of objects", { enum: [{ a: 1 }] }, { a: 1 }, ["enum"]],
  ["a constant object", { const: { a: 1 } }, { a: 1 }, ["const"]],
  [
    "two patterns",
    { type: "string", allOf: [{ pattern: "a" }, { pattern: "b" }] },
    "b",
    ["the first of the patterns a and b"],
  ],
  [
    "two lists of alternatives",
    { anyOf: [NODE, object({ a: ID })], oneOf: [object({ a: ID }), object({ b: ID }, { required: ["b"] })] },
    { a: 1 },
    ["the second of two lists of alternatives (anyOf, oneOf)"],
  ],
])("%s", async (_, schema, value, names) => {
  expect(await check(schema, value)).toEqual({ sent: JSON.stringify(value), warnings: unchecked(...names) });
});

test("keywords that OpenAPI 3.0 ignores beside a $ref give a warning", async () => {
  const schema = object({ id: { ...ID, description: "The user", minimum: 1 } });
  expect(await check(schema, { id: "0" }, "3.0.3")).toEqual({
    sent: '{"id":0}',
    warnings: unchecked("minimum beside $ref, which OpenAPI 3.0 ignores,"),
  });
});

test("formats that fit every value and mere descriptions give no warning", async () => {
  const schema = object({
    a: { type: "number", format: "double", example: 1, deprecated: true, "x-mine": 1 },
    b: { type: "string", format: "password", title: "B", examples: ["a"], default: "b" },
  });
  expect(await check(schema, {})).toEqual({ sent: "{}", warnings: [] });
});

test("numbers in the spec are not rounded", async () => {
  const text = specWith(object({ id: { ...ID, minimum: 1234567 } })).replace("1234567", "9007199254740993");
  const { operation } = await generateWith(text);
  expect(encode({ id: "9007199254740993" }, operation?.body)).toBe('{"id":9007199254740993}');
  expect(() => encode({ id: "9007199254740992" }, operation?.body)).toThrow("at least 9007199254740993");
});

test("the position is that of the keyword, in its file", async () => {
  const spec = specWith({ $ref: "parts/thing.yaml#/Thing" });
  const { warnings } = await generateFrom({
    "spec.json": spec,
    "parts/thing.yaml": "Thing:\n  type: string\n  format: date\n",
  });
  expect(warnings).toMatchObject([{ file: expect.stringMatching(/parts.thing\.yaml$/), line: 3, column: 3 }]);
});

test("alternatives that are not checked in full don't refuse a value because several seem to fit", async () => {
  const schema = { oneOf: [2, 3].map((multipleOf) => ({ type: "integer", multipleOf })) };
  expect(await check(schema, 4)).toEqual({
    sent: "4",
    warnings: unchecked("multipleOf", "multipleOf", "that only one alternative of oneOf fits"),
  });
});
