/** The client refuses exactly the values that ajv refuses for a spec. */
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compile } from "../../cli/generate/index.ts";
import { printModule } from "../../cli/generate/print-contract.ts";
import { SpecError } from "../../cli/generate/problem.ts";
import { encode } from "../../src/validate.ts";
import { createSpecFolder, loadContract, type SpecFolder, specWith } from "../support/spec.ts";

let folder: SpecFolder;
beforeAll(async () => {
  folder = await createSpecFolder();
});
afterAll(() => folder.remove());

const ajv = new Ajv2020({ strict: false, validateFormats: false, ownProperties: true });

/** Few names and values, so they collide often. */
const name = fc.constantFrom("a", "b", "constructor");
const text = fc.constantFrom("", "a", "ab", "abc", "é😀");
const number = fc.constantFrom(-1, 0, 0.5, 1, 2, 3);
const count = fc.nat(3);

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(null, true, false),
    text,
    number,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(name, tie("value"), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

const some = <T extends Record<string, fc.Arbitrary<unknown>>>(model: T) => fc.record(model, { requiredKeys: [] });

const { schema } = fc.letrec((tie) => {
  const schema = tie("schema");
  const typed = fc.oneof(
    some({ minLength: count, maxLength: count, pattern: fc.constantFrom("^a", "b$", "^.$") }).map((more) => ({
      type: "string",
      ...more,
    })),
    some({ minimum: number, maximum: number, exclusiveMinimum: number, exclusiveMaximum: number }).chain((more) =>
      fc
        .constantFrom(
          { type: "number" },
          { type: "integer" },
          { type: "integer", format: "int64" },
          { type: "integer", format: "int32" },
        )
        .map((type) => ({ ...type, ...more })),
    ),
    some({
      items: schema,
      prefixItems: fc.array(schema, { minLength: 1, maxLength: 2 }),
      minItems: count,
      maxItems: count,
    }).map((more) => ({ type: "array", ...more })),
    fc.constant({ type: "array", items: { type: "string" }, uniqueItems: true }),
    some({
      properties: fc.dictionary(name, schema, { maxKeys: 3, noNullPrototype: true }),
      required: fc.uniqueArray(name),
      additionalProperties: fc.oneof(fc.boolean(), schema),
      patternProperties: schema.map((each) => ({ "^c": each })),
      minProperties: count,
      maxProperties: count,
    }).map((more) => ({ type: "object", ...more })),
    fc
      .uniqueArray(fc.oneof(text, number, fc.boolean()), { minLength: 1, maxLength: 3 })
      .map((values) => ({ enum: values })),
    fc.oneof(text, number).map((only) => ({ const: only })),
    fc
      .uniqueArray(fc.constantFrom("string", "integer", "null", "boolean", "object"), { minLength: 1 })
      .map((type) => ({ type })),
    fc.constantFrom(
      { $ref: "#/components/schemas/Id" },
      { $ref: "#/components/schemas/Node" },
      {},
      { description: "Anything" },
    ),
  );
  const list = fc.array(schema, { minLength: 1, maxLength: 3 });
  return {
    schema: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      typed,
      list.map((allOf) => ({ description: "All", allOf })),
      list.map((anyOf) => ({ anyOf })),
      list.map((oneOf) => ({ oneOf })),
      typed.map((one) => ({ oneOf: [one, { type: "null" }] })),
      fc.tuple(typed, list).map(([one, allOf]) => ({ ...one, allOf })),
      fc.tuple(typed, list).map(([one, anyOf]) => ({ ...one, anyOf })),
    ),
  };
});

test("ajv and the client agree", async () => {
  let agreed = 0;
  await fc.assert(
    fc.asyncProperty(schema, fc.array(value, { minLength: 10, maxLength: 10 }), async (schema, values) => {
      const spec = specWith(schema);
      const compiled = await compile(await folder.write({ "spec.json": spec })).catch((error: unknown) => error);
      // A contradictory schema is a fault.
      if (compiled instanceof SpecError) return;
      if (compiled instanceof Error) throw compiled;
      const { contract, warnings } = compiled as Awaited<ReturnType<typeof compile>>;
      const { operations } = await loadContract(
        printModule(contract, "export interface paths {}", "engagelab-ma", false),
      );
      const validate = ajv.compile({
        $ref: "#/paths/~1v1~1things/post/requestBody/content/application~1json/schema",
        ...JSON.parse(spec),
      });
      for (const value of values) {
        const valid = validate(value);
        let sent: string | undefined;
        try {
          sent = encode(value, operations["POST /v1/things"]?.body);
        } catch (error) {
          expect(error).toMatchObject({ kind: "validation", outcome: "not_sent" });
        }
        // Keywords with a warning are not checked.
        if (warnings.length > 0 && !valid) continue;
        expect(sent !== undefined, `${JSON.stringify(schema)}\n${JSON.stringify(value)}`).toBe(valid);
        if (sent !== undefined) expect(JSON.parse(sent)).toEqual(JSON.parse(JSON.stringify(value)));
        agreed++;
      }
    }),
    { numRuns: 300 },
  );
  expect(agreed).toBeGreaterThan(1000);
});
