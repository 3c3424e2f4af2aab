import fc from "fast-check";
import { expect, test } from "vitest";
import { parseBody } from "../../../worker/body.ts";
import { compile, loadDescription } from "../../support/contract-check.ts";

const { paths } = await loadDescription("gateway.yaml");
const schema = paths["/v1/user/contact"]?.post?.requestBody?.content["application/json"].schema;
const fits = compile({ ...schema });

const euid = fc.oneof(
  { weight: 4, arbitrary: fc.oneof(fc.maxSafeInteger(), fc.maxSafeInteger().map(String)) },
  fc.constantFrom<unknown>("", "01", "+1", "1.0", "1e3", 1.5, true, null, [1]),
);
/** About 20 of them. */
const many = fc.dictionary(fc.string({ maxLength: 8 }), fc.string(), { minKeys: 18, maxKeys: 22 });
/** Of about 64 characters, of one and of two code units. */
const longName = fc.string({ unit: fc.constantFrom("a", "é", "😀"), minLength: 60, maxLength: 68 });
const contacts = fc.oneof(
  many,
  fc.dictionary(longName, fc.string({ unit: "binary" }), { maxKeys: 3 }),
  fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue(), { maxKeys: 3 }),
  fc.jsonValue(),
);
const body = fc.oneof(
  { weight: 9, arbitrary: fc.record({ euid, contacts }, { requiredKeys: [] }) },
  { weight: 1, arbitrary: fc.jsonValue() },
);

test("the gateway takes the bodies that gateway.yaml describes, and no others", () => {
  const seen = new Set<boolean>();
  const property = fc.property(body, (value) => {
    let taken = true;
    try {
      parseBody(new TextEncoder().encode(JSON.stringify(value)));
    } catch {
      taken = false;
    }
    seen.add(taken);
    expect(taken).toBe(fits(JSON.parse(JSON.stringify(value))));
  });
  fc.assert(property, { numRuns: 2_000 });
  expect(seen.size).toBe(2);
});
