import { expect, test } from "vitest";
import { assertValid, compile, loadDescription } from "../support/contract-check.ts";

interface Example {
  name: string;
  schema: object;
  value: unknown;
}

/** Every example of a media type or a schema, with its schema. */
function* examplesIn(node: unknown, at: string): Generator<Example> {
  if (typeof node !== "object" || node === null) return;
  if ("schema" in node && typeof node.schema === "object" && node.schema !== null && "examples" in node) {
    for (const [name, { value }] of Object.entries(node.examples as Record<string, { value: unknown }>)) {
      yield { name: `${at}.${name}`, schema: node.schema, value };
    }
  } else if ("examples" in node && Array.isArray(node.examples)) {
    for (const value of node.examples) yield { name: `${at}.examples`, schema: node, value };
  }
  for (const [key, child] of Object.entries(node)) {
    if (key !== "examples") yield* examplesIn(child, `${at}.${key}`);
  }
}

const descriptions = {
  "ma.yaml": await loadDescription("ma.yaml"),
  "contact.yaml": await loadDescription("contact.yaml"),
  "gateway.yaml": await loadDescription("gateway.yaml"),
};

for (const [file, description] of Object.entries(descriptions)) {
  const examples = [...examplesIn(description, file)];

  test(`${file} has examples`, () => expect(examples.length).toBeGreaterThan(0));

  test.each(examples)("$name fits its schema", ({ name, schema, value }) => {
    assertValid(compile(schema), value, name);
  });
}

test("an example that does not fit is found", () => {
  const schema = { type: "object", properties: { euid: { type: "integer", format: "int64" } } };
  const [example] = examplesIn({ schema, examples: { wrong: { value: { euid: "1" } } } }, "a");
  expect(() => assertValid(compile(example?.schema ?? {}), example?.value, "a")).toThrow("data/euid must be integer");
});

test("ma.yaml contains what contact.yaml describes, unchanged", () => {
  for (const [path, item] of Object.entries(descriptions["contact.yaml"].paths)) {
    expect(descriptions["ma.yaml"].paths[path]).toEqual(item);
  }
});
