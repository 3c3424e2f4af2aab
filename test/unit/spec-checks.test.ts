/** What the client checks by the spec of a user. */
import { describe, expect, test } from "vitest";
import { check, ID, NODE, object } from "../support/spec-check.ts";

describe.each<[string, unknown, sent: [value: unknown, json: string][], refused: [value: unknown, path: string][]]>([
  [
    "a description by allOf",
    object({ id: { description: "The user", allOf: [ID] } }, { required: ["id"] }),
    [[{ id: "9223372036854775807" }, '{"id":9223372036854775807}']],
    [
      [{ id: 1.5 }, "id"],
      [{}, "id"],
    ],
  ],
  [
    "allOf with a member that only describes",
    object({ id: { allOf: [ID, { description: "The user", deprecated: true }] } }),
    [[{ id: "7" }, '{"id":7}']],
    [[{ id: "seven" }, "id"]],
  ],
  [
    "a description beside $ref",
    object({ id: { ...ID, description: "The user", minimum: 1 } }),
    [[{ id: "7" }, '{"id":7}']],
    [[{ id: "0" }, "id"]],
  ],
  [
    "exclusive bounds",
    object({ id: { ...ID, exclusiveMinimum: 0 }, part: { type: "number", exclusiveMinimum: 0, exclusiveMaximum: 1 } }),
    [[{ id: 1n, part: 0.5 }, '{"id":1,"part":0.5}']],
    [
      [{ id: "0" }, "id"],
      [{ part: 0 }, "part"],
      [{ part: 1 }, "part"],
    ],
  ],
  [
    "numbers of members",
    object({}, { minProperties: 1, maxProperties: 2 }),
    [[{ a: 1 }, '{"a":1}']],
    [
      [{}, ""],
      [{ a: 1, b: 2, c: 3 }, ""],
    ],
  ],
  [
    "null by oneOf",
    object({ id: { oneOf: [ID, { type: "null" }] } }),
    [
      [{ id: null }, '{"id":null}'],
      [{ id: "7" }, '{"id":7}'],
    ],
    [[{ id: "seven" }, "id"]],
  ],
  [
    "null by a list of types, anyOf and nullable",
    object({
      a: { type: ["string", "null"], maxLength: 2 },
      b: { anyOf: [{ type: "null" }, { type: "string", maxLength: 2 }] },
      c: { type: "string", nullable: true, maxLength: 2 },
      d: { ...ID, nullable: true },
    }),
    [[{ a: null, b: null, c: null, d: null }, '{"a":null,"b":null,"c":null,"d":null}']],
    [
      [{ a: "long" }, "a"],
      [{ b: "long" }, "b"],
      [{ c: "long" }, "c"],
      [{ d: "long" }, "d"],
    ],
  ],
  [
    "a schema that refers to itself",
    NODE,
    [
      [
        { id: 1, next: { id: "2", next: null }, children: [{ id: 3n }] },
        '{"id":1,"next":{"id":2,"next":null},"children":[{"id":3}]}',
      ],
    ],
    [
      [{ id: 1, children: [{ id: 2, children: [{}] }] }, "children[0].children[0].id"],
      [{ id: 1, next: { id: 1.5 } }, "next"],
    ],
  ],
  [
    "members that only answers have",
    { allOf: [object({ id: { ...ID, readOnly: true }, name: { type: "string" } }), { required: ["id", "name"] }] },
    [[{ name: "a" }, '{"name":"a"}']],
    [[{}, "name"]],
  ],
  [
    "several schemas by allOf",
    {
      allOf: [
        object({ id: ID, kind: { enum: ["a", "b"] } }, { required: ["id"] }),
        object({ kind: { enum: ["b", "c"] }, size: { type: "number", minimum: 1 } }, { required: ["kind"] }),
        object({ size: { type: "integer", maximum: 3 } }),
      ],
    },
    [[{ id: "1", kind: "b", size: 2 }, '{"id":1,"kind":"b","size":2}']],
    [
      [{ kind: "b" }, "id"],
      [{ id: 1 }, "kind"],
      [{ id: 1, kind: "a" }, "kind"],
      [{ id: 1, kind: "b", size: 1.5 }, "size"],
      [{ id: 1, kind: "b", size: 0 }, "size"],
      [{ id: 1, kind: "b", size: 4 }, "size"],
    ],
  ],
  [
    "two schemas that refer to themselves, by allOf",
    { allOf: [NODE, { $ref: "#/components/schemas/Named" }] },
    [
      [
        { id: "1", name: "a", children: [{ id: "2", name: "b" }] },
        '{"id":1,"name":"a","children":[{"id":2,"name":"b"}]}',
      ],
    ],
    [
      [{ id: 1 }, "name"],
      [{ id: 1, name: "a", children: [{ id: 2 }] }, "children[0].name"],
    ],
  ],
  [
    "alternatives",
    {
      oneOf: [
        object({ kind: { const: "id" }, value: ID }, { required: ["kind", "value"] }),
        object({ kind: { const: "name" }, value: { type: "string" } }, { required: ["kind", "value"] }),
      ],
    },
    [
      [{ kind: "id", value: "7" }, '{"kind":"id","value":7}'],
      [{ kind: "name", value: "7" }, '{"kind":"name","value":"7"}'],
    ],
    [
      [{ kind: "id", value: "seven" }, ""],
      [{ kind: "other", value: 7 }, ""],
    ],
  ],
  [
    "alternatives of which two fit",
    { oneOf: [object({ a: { type: "string" } }), object({ b: { type: "string" } })] },
    [[{ a: 1, b: "b" }, '{"a":1,"b":"b"}']],
    [[{ a: "a", b: "b" }, ""]],
  ],
  [
    "alternatives by which a value is sent differently",
    object({ v: { anyOf: [object({ id: ID }), object({ id: { type: "string" } })] } }),
    [[{ v: { id: 7 } }, '{"v":{"id":7}}']],
    [[{ v: { id: "7" } }, "v"]],
  ],
  [
    "an id or a name",
    object({ id: { oneOf: [ID, { type: "string", maxLength: 3 }] } }),
    [
      [{ id: 9223372036854775807n }, '{"id":9223372036854775807}'],
      [{ id: "007" }, '{"id":"007"}'],
    ],
    [
      [{ id: "0815" }, "id"],
      [{ id: true }, "id"],
    ],
  ],
  [
    "enumerations by oneOf",
    object({ kind: { oneOf: [{ const: "a" }, { enum: ["b", "c"] }] } }),
    [[{ kind: "c" }, '{"kind":"c"}']],
    [[{ kind: "d" }, "kind"]],
  ],
  ["values of an int64", object({ id: { ...ID, enum: [1, 3] } }), [[{ id: "1" }, '{"id":1}']], [[{ id: "2" }, "id"]]],
  [
    "int32",
    object({ n: { type: "integer", format: "int32" } }),
    [[{ n: 2147483647 }, '{"n":2147483647}']],
    [
      [{ n: 2147483648 }, "n"],
      [{ n: -2147483649 }, "n"],
    ],
  ],
  ["items without a repeat", { type: "array", items: ID, uniqueItems: true }, [[["1", 2], "[1,2]"]], [[["1", 1], ""]]],
  [
    "a list of unlike items",
    { type: "array", prefixItems: [ID, { type: "string" }], items: false },
    [[["1", "1"], '[1,"1"]']],
    [
      [["a"], "[0]"],
      [[1, "1", 1], "[2]"],
    ],
  ],
  [
    "members by pattern",
    object({ name: { type: "string" } }, { patternProperties: { "^id_": ID }, additionalProperties: false }),
    [[{ name: "a", id_a: "7" }, '{"name":"a","id_a":7}']],
    [
      [{ id_a: "a" }, "id_a"],
      [{ other: 1 }, "other"],
    ],
  ],
  [
    "a member that is listed and fits to a pattern",
    object({ id_a: { type: "integer" } }, { patternProperties: { "^id_": { minimum: 5 } } }),
    [[{ id_a: 5 }, '{"id_a":5}']],
    [
      [{ id_a: 4 }, "id_a"],
      [{ id_a: "a" }, "id_a"],
    ],
  ],
  [
    "a member that another schema excludes",
    { allOf: [object({ a: ID, b: ID }), object({ a: ID }, { additionalProperties: false })] },
    [[{ a: "1" }, '{"a":1}']],
    [
      [{ a: 1, b: 1 }, "b"],
      [{ c: 1 }, "c"],
    ],
  ],
  [
    "names that objects have",
    JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"type":"integer"}}}'),
    [[{ constructor: 1 }, '{"constructor":1}']],
    [
      [JSON.parse('{"__proto__":1}'), "__proto__"],
      [{ constructor: "a" }, "constructor"],
    ],
  ],
])("%s", (_, schema, sent, refused) => {
  test.each(sent)("value %# is sent", async (value, json) => {
    expect(await check(schema, value)).toEqual({ sent: json, warnings: [] });
  });
  test.each(refused)("value %# is refused", async (value, path) => {
    expect(await check(schema, value)).toEqual({ refused: path, warnings: [] });
  });
});

describe("OpenAPI 3.0", () => {
  test("exclusive bounds are flags", async () => {
    const schema = { type: "number", minimum: 0, exclusiveMinimum: true, maximum: 1, exclusiveMaximum: false };
    expect(await check(schema, 0, "3.0.3")).toMatchObject({ refused: "" });
    expect(await check(schema, 1, "3.0.3")).toEqual({ sent: "1", warnings: [] });
  });

  test("nullable means null, also beside a $ref", async () => {
    const schema = object({ a: { ...ID, nullable: true }, b: { type: "string", enum: ["a"], nullable: true } });
    expect(await check(schema, { a: null }, "3.0.3")).toEqual({ sent: '{"a":null}', warnings: [] });
  });
});
