/** What `npm run generate` refuses, and of what it warns. */
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseDocument } from "yaml";
import { contractSource } from "../../scripts/contract-source.ts";
import { root } from "../support/node.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "engagelab-ma-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The contract as it would be with one change of a file. */
async function withChange(file: string, path: readonly string[], value: unknown) {
  await cp(join(root, "openapi"), folder, { recursive: true });
  const document = parseDocument(await readFile(join(folder, file), "utf8"));
  document.setIn(path, document.createNode(value));
  await writeFile(join(folder, file), String(document));
  const warnings: string[] = [];
  const url = (name: string) => pathToFileURL(join(folder, name));
  const source = await contractSource(url("ma.yaml"), url("gateway.yaml"), (problem) => warnings.push(problem));
  return { source, warnings };
}

const PROPERTY = ["paths", "/v1/user/property", "post"];
const BODY = ["components", "schemas", "SetPropertiesRequest", "properties"];

test.each<[string, string, readonly string[], unknown, RegExp]>([
  ["a code that is nowhere", "ma.yaml", [...PROPERTY, "x-error-codes"], ["teapot"], /user\/property: .*no teapot/],
  [
    "a code of the gateway that is nowhere",
    "gateway.yaml",
    ["paths", "/healthz", "get", "x-error-codes"],
    ["teapot"],
    /gateway: \/healthz: .*no teapot/,
  ],
  ["a code twice", "ma.yaml", ["components", "x-error-codes", "twice"], { code: 55102, message: "m" }, /twice/],
  ["a repeat where nothing can be", "ma.yaml", [...PROPERTY, "x-repeatable"], { type: ["sat"] }, /type is never sat/],
  [
    "a body that is no JSON",
    "ma.yaml",
    [...PROPERTY, "requestBody"],
    { content: { "text/csv": { schema: { type: "string" } } } },
    /only a body of application\/json/,
  ],
])("refused: %s", async (_, file, path, value, problem) => {
  await expect(withChange(file, path, value)).rejects.toThrow(problem);
});

test.each<[string, unknown]>([
  ["oneOf", { oneOf: [{ type: "string" }] }],
  ["uniqueItems", { type: "array", uniqueItems: true }],
  ["const", { const: true }],
])("a schema with %s goes unchecked, and that is told", async (keyword, schema) => {
  const { source, warnings } = await withChange("ma.yaml", [...BODY, "more"], schema);
  expect(warnings).toEqual([
    `POST /v1/user/property.properties.more is sent without a check: src/validate.ts does not know ${keyword}`,
  ]);
  expect(source).toContain('"more": {}');
});

test("without a change it is what is committed", async () => {
  const { source, warnings } = await withChange("ma.yaml", ["info", "version"], "1");
  expect(warnings).toEqual([]);
  expect(await readFile(join(root, "src/generated/contract.ts"), "utf8")).toContain(source.trim());
});
