/** What the client checks by the spec of a user, and of what it warns that it does not. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { generate } from "../../cli/generate/index.ts";
import { encode } from "../../src/validate.ts";
import { createSpecFolder, loadContract, type SpecFolder, specWith } from "../support/spec.ts";

let folder: SpecFolder;
beforeAll(async () => {
  folder = await createSpecFolder();
});
afterAll(() => folder.remove());

async function generateWith(spec: string) {
  const { source, warnings } = await generate(await folder.write({ "spec.json": spec }));
  const { operations } = await loadContract(source);
  return { operation: operations["POST /v1/things"], warnings: warnings.map(({ message }) => message) };
}

/** What becomes of a value: the JSON that is sent, or the path of the fault. */
async function check(schema: unknown, value: unknown, version?: string) {
  const { operation, warnings } = await generateWith(specWith(schema, version));
  try {
    return { sent: encode(value, operation?.body), warnings };
  } catch (error) {
    return { refused: Object(error).path, warnings };
  }
}

const ID = { $ref: "#/components/schemas/Id" };
const NODE = { $ref: "#/components/schemas/Node" };
const object = (properties: object, more: object = {}) => ({ type: "object", properties, ...more });

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

describe("what is not checked is told, and takes nothing else with it", () => {
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

  test("what OpenAPI 3.0 ignores beside a $ref", async () => {
    const schema = object({ id: { ...ID, description: "The user", minimum: 1 } });
    expect(await check(schema, { id: "0" }, "3.0.3")).toEqual({
      sent: '{"id":0}',
      warnings: unchecked("minimum beside $ref, which OpenAPI 3.0 ignores,"),
    });
  });

  test("formats to which all fit, and what only describes, are not told", async () => {
    const schema = object({
      a: { type: "number", format: "double", example: 1, deprecated: true, "x-mine": 1 },
      b: { type: "string", format: "password", title: "B", examples: ["a"], default: "b" },
    });
    expect(await check(schema, {})).toEqual({ sent: "{}", warnings: [] });
  });

  test("the digits of the spec itself are not rounded", async () => {
    const text = specWith(object({ id: { ...ID, minimum: 1234567 } })).replace("1234567", "9007199254740993");
    const { operation } = await generateWith(text);
    expect(encode({ id: "9007199254740993" }, operation?.body)).toBe('{"id":9007199254740993}');
    expect(() => encode({ id: "9007199254740992" }, operation?.body)).toThrow("at least 9007199254740993");
  });

  test("the place is that of the keyword, in its file", async () => {
    const spec = specWith({ $ref: "parts/thing.yaml#/Thing" });
    const path = await folder.write({
      "spec.json": spec,
      "parts/thing.yaml": "Thing:\n  type: string\n  format: date\n",
    });
    const { warnings } = await generate(path);
    expect(warnings).toMatchObject([{ file: expect.stringMatching(/parts.thing\.yaml$/), line: 3, column: 3 }]);
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

describe("bodies", () => {
  const requestBody = (content: object) => {
    const spec = JSON.parse(specWith({}));
    spec.paths["/v1/things"].post.requestBody = { content };
    return generateWith(JSON.stringify(spec));
  };

  test.each([
    ["application/json", undefined],
    ["application/json; charset=utf-8", "application/json; charset=utf-8"],
    ["Application/Vnd.Things+JSON", "Application/Vnd.Things+JSON"],
    ["application/*+json", undefined],
    ["application/*", undefined],
    ["*/*", undefined],
  ])("%s is JSON", async (mediaType, contentType) => {
    const { operation, warnings } = await requestBody({ "text/csv": {}, [mediaType]: { schema: { type: "string" } } });
    expect(operation).toEqual({
      repeatable: false,
      bodyOptional: true,
      body: { type: "string" },
      ...(contentType && { contentType }),
    });
    expect(warnings).toEqual([]);
  });

  test("JSON itself goes before its siblings", async () => {
    const content = {
      "*/*": {},
      "application/vnd.things+json": {},
      "application/json": { schema: { type: "string" } },
    };
    expect((await requestBody(content)).operation).toMatchObject({ body: { type: "string" } });
  });

  test("of another kind can't be sent, and that is told", async () => {
    const { operation, warnings } = await requestBody({ "multipart/form-data": {}, "text/csv": {} });
    expect(operation?.body).toBe(false);
    expect(warnings).toEqual(["a body of multipart/form-data or text/csv can't be sent: the client sends JSON only"]);
  });
});

describe("the rest of a spec", () => {
  const change = async (edit: (spec: Record<string, unknown>, post: Record<string, unknown>) => void) => {
    const spec = JSON.parse(specWith({}));
    edit(spec, spec.paths["/v1/things"].post);
    const { source, warnings } = await generate(await folder.write({ "spec.json": JSON.stringify(spec) }));
    return { ...(await loadContract(source)), warnings: warnings.map(({ message }) => message) };
  };

  test("servers have the defaults of their variables", async () => {
    const { servers } = await change((spec) => {
      spec.servers = [
        { url: "https://{host}/{version}", variables: { host: { default: "a.example" }, version: { default: "v2" } } },
      ];
    });
    expect(servers).toEqual(["https://a.example/v2"]);
  });

  test("without a server, or with one that is no absolute URL, baseUrl has no default", async () => {
    expect((await change((spec) => delete spec.servers)).servers).toEqual([]);
    const { servers, warnings } = await change((spec) => {
      spec.servers = [{ url: "/v1" }];
    });
    expect(servers).toEqual([]);
    expect(warnings).toEqual(["/v1 is no absolute URL, so it can't be the default of baseUrl"]);
  });

  test.each(["200", "2XX", "default"])("an example of %s is what the emulator answers", async (status) => {
    const example = { code: 0, message: "success", id: 1 };
    const { examples } = await change((_, post) => {
      post.responses = { [status]: { description: "A thing", content: { "application/json": { example } } } };
    });
    expect(examples?.successes).toEqual({ "POST /v1/things": example });
  });

  test("without codes there are none", async () => {
    expect((await change(() => {})).errorCodes).toEqual({});
  });

  test("what has no effect is told", async () => {
    const { warnings } = await change((spec, post) => {
      post.servers = [{ url: "https://b.example" }];
      post.parameters = [
        { name: "session", in: "cookie", schema: { type: "string" } },
        { name: "page", in: "query", schema: { type: "integer", minimum: 1 } },
        { name: "sort", in: "query", schema: { type: "string", enum: ["a", "b"] } },
      ];
      Object.assign(Object(spec.paths), {
        "/v1/{id}": { get: { requestBody: { content: { "*/*": {} } }, responses: {} } },
      });
    });
    expect(warnings).toEqual([
      expect.stringContaining("`{id}`"),
      "servers of single operations are ignored: baseUrl holds for all",
      "the cookie session is not sent",
      "minimum of the parameter page is not checked before a request is sent",
      "fetch can't send a body with GET /v1/{id}",
    ]);
  });
});
