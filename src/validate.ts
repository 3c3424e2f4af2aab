import type { Schema, TypeName } from "./contract.ts";
import { ValidationError } from "./errors.ts";
import { int64Digits } from "./int64.ts";

const ANYTHING: Schema = {};
const MAX_DEPTH = 100;

/** @throws ValidationError */
export function fail(path: string, problem: string): never {
  throw new ValidationError(path, `${path || "body"} ${problem}`);
}

/** `null`, `array`, `string`, …, and `map` or `date` for what JSON would write as an empty object. */
function typeOf(value: unknown): string {
  if (typeof value !== "object") return typeof value;
  const tag = Object.prototype.toString.call(value);
  return tag === "[object Object]" ? "object" : tag.slice(8, -1).toLowerCase();
}

/** @see https://json-schema.org/draft/2020-12/json-schema-validation#section-6.1.1 */
function isAllowed(value: unknown, actual: string, type: TypeName): boolean {
  return actual === type || (type === "integer" && Number.isSafeInteger(value));
}

function checkBounds(actual: number | bigint, min = -Infinity, max = Infinity, path: string, unit?: string): void {
  const problem = actual < min ? `at least ${min}` : actual > max ? `at most ${max}` : undefined;
  if (problem) fail(path, unit ? `must have ${problem} ${unit}, got ${actual}` : `must be ${problem}`);
}

/**
 * Checks a value against the contract and writes it as JSON, in the same walk: what was checked is what is sent.
 *
 * An int64 is a number, a bigint or a string of decimal digits, and is written as a JSON integer.
 *
 * @param path where the value stands in the body: `contacts.email`
 * @throws ValidationError that names the first fault's path, and never the value
 */
export function encode(value: unknown, schema: Schema | false = ANYTHING, path = "", depth = 0): string {
  if (depth > MAX_DEPTH) fail(path, "is circular or nested too deeply");
  if (schema === false) return fail(path, "is not in the contract");
  const { type } = schema;
  if (schema.format === "int64" && type?.includes("integer") !== false && !(value === null && type?.includes("null"))) {
    const digits = int64Digits(value, (problem) => fail(path, problem));
    if (schema.minimum !== undefined || schema.maximum !== undefined) {
      checkBounds(BigInt(digits), schema.minimum, schema.maximum, path);
    }
    return digits;
  }
  const actual = typeOf(value);
  if (type !== undefined) {
    const allowed =
      typeof type === "string" ? isAllowed(value, actual, type) : type.some((one) => isAllowed(value, actual, one));
    if (!allowed) fail(path, `must be ${[type].flat().join(" or ")}, got ${actual}`);
  }
  if (schema.enum && !schema.enum.includes(value)) fail(path, `must be one of ${schema.enum.join(", ")}`);

  switch (typeof value) {
    case "string":
      // Code points, as JSON Schema counts; they are counted only where the bound could matter.
      if (schema.minLength || schema.maxLength !== undefined) {
        checkBounds([...value].length, schema.minLength, schema.maxLength, path, "characters");
      }
      if (schema.pattern && !new RegExp(schema.pattern, "u").test(value)) fail(path, `must match ${schema.pattern}`);
      return JSON.stringify(value);
    case "number":
      checkBounds(value, schema.minimum, schema.maximum, path);
      return Number.isFinite(value) ? JSON.stringify(value) : fail(path, "must be a finite number");
    case "bigint":
    case "boolean":
      return String(value);
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return encodeArray(value, schema, path, depth);
      if (actual === "object") return encodeObject(value as Readonly<Record<string, unknown>>, schema, path, depth);
  }
  return fail(path, `can't be sent as JSON, got ${actual}`);
}

function encodeArray(value: readonly unknown[], schema: Schema, path: string, depth: number): string {
  checkBounds(value.length, schema.minItems, schema.maxItems, path, "items");
  return `[${Array.from(value, (item, i) => encode(item, schema.items, `${path}[${i}]`, depth + 1))}]`;
}

function encodeObject(value: Readonly<Record<string, unknown>>, schema: Schema, path: string, depth: number): string {
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value, name)) fail(join(path, name), "is required");
  }
  const names = Object.keys(value);
  checkBounds(names.length, schema.minProperties, undefined, path, "members");
  let members = "";
  for (const name of names) {
    // `__proto__` and its like are names as any other: only own properties of the schema count.
    const known =
      schema.properties && Object.hasOwn(schema.properties, name)
        ? schema.properties[name]
        : schema.additionalProperties;
    members += `${members && ","}${JSON.stringify(name)}:${encode(value[name], known, join(path, name), depth + 1)}`;
  }
  return `{${members}}`;
}

function join(path: string, name: string): string {
  return path ? `${path}.${name}` : name;
}
