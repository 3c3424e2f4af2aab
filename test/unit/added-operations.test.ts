/** What the contract of today does not use, and an operation that is added to it may. */
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { int64 } from "../../src/codegen.ts";
import type { Schema } from "../../src/contract.ts";
import { createEmulator, VENDOR_CREDENTIALS } from "../../src/emulator.ts";
import { contract, successes } from "../../src/generated/contract.ts";
import { createClient } from "../../src/index.ts";
import { encode } from "../../src/validate.ts";

test.each<[string, Schema, unknown, string]>([
  ["pattern", { type: "string", pattern: "^\\p{Lu}" }, "Émile", '"Émile"'],
  ["minimum", { type: "integer", minimum: 1 }, 1, "1"],
  ["maximum", { type: "number", maximum: 1.5 }, 1.5, "1.5"],
  ["minimum of int64", { type: "integer", format: "int64", minimum: 0 }, "9223372036854775807", "9223372036854775807"],
  ["int64 or null", { type: ["integer", "null"], format: "int64" }, null, "null"],
  ["int64 or null, given", { type: ["integer", "null"], format: "int64" }, 7n, "7"],
  ["no other member", { type: "object", properties: { a: {} }, additionalProperties: false }, { a: 1 }, '{"a":1}'],
  ["no item", { type: "array", items: false }, [], "[]"],
])("%s: fits", (_, schema, value, json) => {
  expect(encode(value, schema)).toBe(json);
});

test.each<[string, Schema, unknown, string, string]>([
  ["pattern", { type: "string", pattern: "^a" }, "secret", "", "body must match ^a"],
  ["minimum", { type: "integer", minimum: 1 }, 0, "", "body must be at least 1"],
  ["maximum", { type: "number", maximum: 1.5 }, 1.6, "", "body must be at most 1.5"],
  ["minimum of int64", { format: "int64", minimum: 0 }, "-1", "", "body must be at least 0"],
  ["int64 without null", { type: "integer", format: "int64" }, null, "", "body must be an integer: a number"],
  ["another member", { additionalProperties: false }, { b: 1 }, "b", "b is not in the contract"],
  ["an item", { items: false }, [1], "[0]", "[0] is not in the contract"],
])("%s: does not fit", (_, schema, value, path, message) => {
  expect(() => encode(value, schema)).toThrow(
    expect.objectContaining({ kind: "validation", path, message: expect.stringContaining(message) }),
  );
});

describe("the emulator", () => {
  const table = contract.operations as Record<string, unknown>;
  const examples = successes as Record<string, unknown>;
  const withBody = "POST /v1/added";
  const withoutBody = "GET /v1/user/{euid}/state";
  const withOptionalBody = "POST /v1/optional";

  beforeAll(() => {
    table[withBody] = { repeatable: false, body: { type: "object", required: ["a"] } };
    table[withoutBody] = { repeatable: true };
    table[withOptionalBody] = { repeatable: false, body: { type: "object", required: ["a"] }, bodyOptional: true };
    examples[withoutBody] = { code: 0, message: "success", state: "active" };
  });

  afterAll(() => {
    for (const name of [withBody, withoutBody, withOptionalBody]) {
      delete table[name];
      delete examples[name];
    }
  });

  interface Paths {
    "/v1/added": { post: { requestBody: { content: { "application/json": { a: number } } }; responses: object } };
    "/v1/optional": { post: { requestBody?: { content: { "application/json": { a: number } } }; responses: object } };
    "/v1/user/{euid}/state": { get: { parameters: { path: { euid: bigint } }; responses: object } };
    "/v1/user/{euid}": { get: { parameters: { path: { euid: bigint } }; responses: object } };
  }

  const { fetch } = createEmulator();
  const client = createClient<Paths>({ ...VENDOR_CREDENTIALS, fetch });

  test("checks the body and answers success where the contract has no example", async () => {
    const { data } = await client.POST("/v1/added", { body: { a: 1 } });
    expect(data).toEqual({ code: 0, message: "success" });
    await expect(client.POST("/v1/added", { body: {} as { a: number } })).rejects.toMatchObject({ path: "a" });
  });

  test("takes no body where it is optional, and checks the one that comes", async () => {
    expect((await client.POST("/v1/optional")).data).toEqual({ code: 0, message: "success" });
    await expect(client.POST("/v1/optional", { body: { b: 1 } as never })).rejects.toMatchObject({ path: "a" });
  });

  test("answers with the example of the contract, also below a path with a parameter and without a body", async () => {
    const params = { path: { euid: 9223372036854775807n } };
    const { data } = await client.GET("/v1/user/{euid}/state", { params });
    expect(data).toEqual({ code: 0, message: "success", state: "active" });
  });

  test("a part of a path is another path", async () => {
    const { error } = await client.GET("/v1/user/{euid}", { params: { path: { euid: 7n } } });
    expect(error).toMatchObject({ code: 99000404 });
  });
});

describe("int64 for openapi-typescript", () => {
  const transform = int64(ts);
  const print = (schema: object): string | undefined => {
    const node = transform(schema);
    const file = ts.createSourceFile("a.ts", "", ts.ScriptTarget.Latest);
    return node && ts.createPrinter().printNode(ts.EmitHint.Unspecified, node, file);
  };

  test.each<[object, string | undefined]>([
    [{ type: "integer", format: "int64" }, "number | bigint"],
    [{ format: "int64" }, "number | bigint"],
    [{ type: ["integer", "null"], format: "int64" }, "number | bigint | null"],
    [{ type: "integer", format: "int32" }, undefined],
    [{ type: "string" }, undefined],
    [{ type: "string", format: "int64" }, undefined],
    [{ type: ["integer", "string"], format: "int64" }, undefined],
    [{ type: "integer", format: "int64", enum: [1, 2] }, undefined],
    [{ type: "integer", format: "int64", nullable: true }, "number | bigint | null"],
  ])("%j", (schema, type) => expect(print(schema)).toBe(type));
});
