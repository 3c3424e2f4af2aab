/** A fault of a spec is reported in one line, with its position, which `‸` marks here. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { generate } from "../../cli/generate/index.ts";
import { type Problem, SpecError } from "../../cli/generate/problem.ts";
import { createSpecFolder, type SpecFolder } from "../support/spec.ts";

let folder: SpecFolder;
beforeAll(async () => {
  folder = await createSpecFolder();
});
afterAll(() => folder.remove());

const HEAD = `openapi: 3.1.0
info: { title: Things, version: "1" }
servers: [{ url: https://api.example.com }]
`;
const RESPONSES = `responses: { "200": { description: An envelope } }`;

/** A spec whose operation has these lines. */
const operation = (lines: string, rest = ""): string => `${HEAD}paths:
  /v1/things:
    post:
      ${RESPONSES}
${lines.replaceAll(/^/gm, "      ")}
${rest}`;

/** A spec whose body has this schema. */
const body = (schema: string, rest = ""): string =>
  operation(`requestBody:\n  content:\n    application/json:\n      schema: ${schema}`, rest);

const codes = (lines: string): string =>
  operation("x-error-codes: [teapot]", `components:\n  x-error-codes:\n    teapot: ${lines}`);

/** Writes the files without the mark and returns its position. */
async function write(files: Readonly<Record<string, string>>) {
  const places = Object.entries(files).flatMap(([name, text]) => {
    const lines = text.split("‸")[0]?.split("\n") ?? [];
    const column = (lines.at(-1)?.length ?? 0) + 1;
    return text.includes("‸") ? [{ file: join(folder.path, name), line: lines.length, column }] : [];
  });
  const plain = Object.entries(files).map(([name, text]) => [name, text.replace("‸", "")]);
  return { path: await folder.write(Object.fromEntries(plain)), place: places[0] };
}

async function problemsOf(path: string): Promise<readonly Problem[]> {
  const error = await generate(path).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof SpecError) return error.problems;
  throw new Error("no SpecError", { cause: error });
}

test.each<[string, Record<string, string>, RegExp]>([
  ["a tab", { "a.yaml": "openapi: 3.1.0\ninfo:\n‸\ttitle: a\n" }, /tab characters/],
  ["a key twice", { "a.yaml": "openapi: 3.1.0\ninfo: {}\n‸info: {}\n" }, /duplicated mapping key/],
  [
    "an indentation that does not fit",
    { "a.yaml": "openapi: 3.1.0\ninfo:\n  title: a\n ‸version: 1\n" },
    /indentation/,
  ],
  ["a list that is never closed", { "a.yaml": "openapi: 3.1.0\nservers: [\n‸" }, /end of the stream/],
  ["JSON with a comma too many", { "a.json": '{\n  "openapi": "3.1.0",\n  "info": {},‸,\n}' }, /./],
  ["two documents", { "a.yaml": `‸${HEAD}---\na: b\n` }, /single document/],
  ["a value that is missing", { "a.yaml": body("{ properties: { ‸a: } }") }, /null/],
  ["an empty file", { "a.yaml": "‸" }, /must be OpenAPI 3\.0 or 3\.1/],
  ["no OpenAPI", { "a.yaml": "‸hello: world\n" }, /must be OpenAPI 3\.0 or 3\.1/],
  ["Swagger", { "a.yaml": '‸swagger: "2.0"\n' }, /must be OpenAPI 3\.0 or 3\.1/],
  ["another version", { "a.yaml": "openapi: ‸4.0.0\n" }, /must be OpenAPI 3\.0 or 3\.1/],
  ["no paths", { "a.yaml": `‸${HEAD}` }, /paths/],
  ["no operations", { "a.yaml": `${HEAD}paths: ‸{}\n` }, /no operations/],
  [
    "a misspelt member",
    { "a.yaml": operation("‸requstBody: {}") },
    /`requstBody` is not expected.*did you mean `requestBody`/,
  ],
  ["a type that is none", { "a.yaml": body("{ type: ‸strin }") }, /type.*did you mean `string`/],
  ["a bound that is no number", { "a.yaml": body("{ type: integer, minimum: ‸zero }") }, /number/],
  ["a $ref to nothing", { "a.yaml": body('‸{ $ref: "#/components/schemas/Thing" }') }, /can't resolve \$ref/],
  ["a $ref to a file that is not there", { "a.yaml": body('‸{ $ref: "b.yaml#/Thing" }') }, /there is no file b\.yaml/],
  [
    "a $ref to nothing in another file",
    { "a.yaml": body('‸{ $ref: "b.yaml#/Thing" }'), "b.yaml": "Think: {}\n" },
    /can't resolve \$ref/,
  ],
  [
    "a fault in another file",
    { "a.yaml": body('{ $ref: "parts/b.yaml#/Thing" }'), "parts/b.yaml": "Thing:\n  type: ‸strin\n" },
    /type/,
  ],
  [
    "another file that is no YAML",
    { "a.yaml": body('{ $ref: "b.yaml#/Thing" }'), "b.yaml": "Thing: [\n‸" },
    /end of the/,
  ],
  [
    "$refs in a circle",
    {
      "a.yaml": body('‸{ $ref: "#/components/schemas/A" }', "components: { schemas: { A: { $ref: 'b.yaml#/B' } } }"),
      "b.yaml": "B: { $ref: 'a.yaml#/components/schemas/A' }",
    },
    /leads back to itself/,
  ],
  [
    "an operationId twice",
    { "a.yaml": `${operation("operationId: ‸a").trimEnd()}\n    get:\n      operationId: a\n      ${RESPONSES}\n` },
    /a is also that of GET/,
  ],
  ["the same path twice", { "a.yaml": `${HEAD}paths:\n  /{a}: {}\n  ‸/{b}: {}\n` }, /\/\{a\}/],
  [
    "a server variable without a value",
    { "a.yaml": operation("").replace("https://api.example.com", '‸"https://{host}"') },
    /`host`/,
  ],
  [
    "a pattern that is no regular expression",
    { "a.yaml": body('{ type: string, pattern: ‸"(" }') },
    /\( is not an ECMAScript/,
  ],
  [
    "a pattern of another language",
    { "a.yaml": body('{ type: string, pattern: ‸"^\\\\A\\\\w+\\\\z" }') },
    /regular expression/,
  ],
  ["a name in patternProperties", { "a.yaml": body('{ patternProperties: { "(": ‸{} } }') }, /regular expression/],
  [
    "a schema that is itself",
    {
      "a.yaml": body(
        '{ $ref: "#/components/schemas/A" }',
        "components:\n  schemas:\n    A: ‸{ allOf: [{ $ref: '#/components/schemas/A' }] }",
      ),
    },
    /itself/,
  ],
  [
    "a schema that is one of itself",
    {
      "a.yaml": body(
        '{ $ref: "#/components/schemas/A" }',
        "components:\n  schemas:\n    A: ‸{ anyOf: [{ type: string }, { $ref: '#/components/schemas/A' }] }",
      ),
    },
    /itself/,
  ],
  ["a $ref that is no text", { "a.yaml": body("{ $ref: ‸7 }") }, /string/],
  ["a contradiction", { "a.yaml": body("‸{ type: string, allOf: [{ type: integer }] }") }, /contradicts/],
  ["an unknown code", { "a.yaml": operation("x-error-codes: [‸coffee]") }, /coffee/],
  ["codes that are no list", { "a.yaml": operation("x-error-codes: ‸coffee") }, /must be a list/],
  ["a code without a number", { "a.yaml": codes("‸{ message: I am a teapot }") }, /teapot needs a code/],
  ["a code that is no number", { "a.yaml": codes("{ code: ‸many, message: m }") }, /teapot needs a code/],
  ["a code that means success", { "a.yaml": codes("{ code: ‸0, message: m }") }, /other than 0/],
  [
    "a number twice",
    { "a.yaml": codes("{ code: 1 }\n    kettle: ‸{ code: 1 }") },
    /1 of kettle is also that of teapot/,
  ],
  [
    "retryable that is no boolean",
    { "a.yaml": codes("{ code: 1, retryable: ‸yes please }") },
    /retryable must be true or false/,
  ],
  ["a solution that is no text", { "a.yaml": codes("{ code: 1, solution: ‸1 }") }, /solution must be a string/],
  ["codes that are no object", { "a.yaml": operation("", "components:\n  x-error-codes: ‸[1]") }, /must be an object/],
  ["x-repeatable that is a text", { "a.yaml": operation("x-repeatable: ‸sometimes") }, /x-repeatable must be/],
  ["x-repeatable that is a list", { "a.yaml": operation("x-repeatable: ‸[set]") }, /x-repeatable must be/],
  [
    "x-repeatable by a member that is nowhere",
    { "a.yaml": operation("requestBody: { content: { application/json: {} } }\nx-repeatable: { ‸kind: [a] }") },
    /no member kind/,
  ],
  [
    "x-repeatable by a value that is never",
    { "a.yaml": body("{ properties: { kind: { enum: [a] } } }\nx-repeatable: { kind: [a, ‸b] }") },
    /kind is never b/,
  ],
  [
    "x-repeatable by one value",
    { "a.yaml": body("{ properties: { kind: { enum: [a] } } }\nx-repeatable: { kind: ‸a }") },
    /must be a list/,
  ],
  [
    "x-repeatable by a number",
    { "a.yaml": body("{ properties: { kind: { type: integer } } }\nx-repeatable: { kind: [‸1] }") },
    /must be a string/,
  ],
])("%s", async (_, files, message) => {
  const { path, place } = await write(files);
  const problems = await problemsOf(path);
  expect(problems).toEqual([{ ...place, message: expect.stringMatching(message) }]);
  expect(problems[0]?.message).not.toContain("\n");
});

test("a missing file is reported", async () => {
  const file = join(folder.path, "nowhere.yaml");
  expect(await problemsOf(file)).toEqual([{ file, line: 1, column: 1, message: "there is no such file" }]);
});
