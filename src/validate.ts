import type { Schema, TypeName } from "./contract.ts";
import { ValidationError } from "./errors.ts";
import { int64Digits } from "./int64.ts";
import { toRegExp } from "./patterns.ts";

const ANYTHING: Schema = {};
const MAX_DEPTH = 100;

/** @throws ValidationError */
export function fail(path: string, problem: string): never {
  throw new ValidationError(path, `${path || "body"} ${problem}`);
}

/** Whether it is a plain object, of any realm. JSON may not show the state of a class instance. */
export function isPlain(value: object): boolean {
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null || !Object.hasOwn(prototype, "constructor")) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "isPrototypeOf");
}

/** `null`, `array`, `string`, …, `object` for a plain one, or `map`, `date` or `class instance`, which can't be sent. */
function typeOf(value: unknown): string {
  if (typeof value !== "object") return typeof value;
  if (value === null) return "null";
  if (Array.isArray(value)) return "toJSON" in value ? "array with toJSON" : "array";
  const tag = Object.prototype.toString.call(value);
  if (tag !== "[object Object]") return tag.slice(8, -1).toLowerCase();
  if (!isPlain(value)) return "class instance";
  return "toJSON" in value && typeof value.toJSON === "function" ? "object with toJSON" : "object";
}

/** @see https://json-schema.org/draft/2020-12/json-schema-validation#section-6.1.1 */
function isAllowed(value: unknown, actual: string, type: TypeName): boolean {
  return actual === type || (type === "integer" && Number.isSafeInteger(value));
}

function checkSize(actual: number, min = 0, max = Infinity, path: string, unit: string): void {
  const problem = actual < min ? `at least ${min}` : actual > max ? `at most ${max}` : undefined;
  if (problem) fail(path, `must have ${problem} ${unit}, got ${actual}`);
}

function checkRange(
  actual: number | bigint,
  { minimum = -Infinity, maximum = Infinity, exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity }: Schema,
  path: string,
): void {
  if (actual < minimum) fail(path, `must be at least ${minimum}`);
  if (actual > maximum) fail(path, `must be at most ${maximum}`);
  if (actual <= exclusiveMinimum) fail(path, `must be more than ${exclusiveMinimum}`);
  if (actual >= exclusiveMaximum) fail(path, `must be less than ${exclusiveMaximum}`);
}

/**
 * Checks a value against the contract and serializes it in one pass, so that exactly the checked value is sent.
 *
 * An int64 is a number, a bigint or a string of decimal digits, and is written as a JSON integer.
 *
 * @param path of the value in the body: `contacts.email`
 * @throws ValidationError with the path of the first fault, never with the value
 */
export function encode(value: unknown, schema: Schema | false = ANYTHING, path = "", depth = 0): string {
  if (depth > MAX_DEPTH) fail(path, "is circular or nested too deeply");
  if (schema === false) return fail(path, "is not in the contract");
  const { type, anyOf, oneOf } = schema;
  if (anyOf || oneOf) return encodeAlternative(value, schema, path, depth);
  const actual = typeOf(value);
  // If the schema also allows strings, digits in a string are sent as a string.
  const isInt64 = schema.format === "int64" && type?.includes("integer") !== false;
  if (isInt64 && !(type && typeof type !== "string" && type.some((one) => one === actual))) {
    const digits = int64Digits(value, (problem) => fail(path, problem));
    if (schema.enum && !schema.enum.some((one) => String(one) === digits)) failEnum(schema.enum, path);
    // Fast path: most ids need no bigint.
    checkRange(Number.isSafeInteger(value) ? Number(value) : BigInt(digits), schema, path);
    return digits;
  }
  if (type !== undefined) {
    const allowed =
      typeof type === "string" ? isAllowed(value, actual, type) : type.some((one) => isAllowed(value, actual, one));
    if (!allowed) fail(path, `must be ${[type].flat().join(" or ")}, got ${actual}`);
  }
  if (schema.enum && !schema.enum.includes(value)) failEnum(schema.enum, path);

  switch (typeof value) {
    case "string":
      // JSON Schema counts code points. Without a limit, nothing is counted.
      if (schema.minLength || schema.maxLength !== undefined) {
        checkSize([...value].length, schema.minLength, schema.maxLength, path, "characters");
      }
      if (schema.pattern && !toRegExp(schema.pattern).test(value)) fail(path, `must match ${schema.pattern}`);
      return quote(value);
    case "number":
      checkRange(value, schema, path);
      return Number.isFinite(value) ? JSON.stringify(value) : fail(path, "must be a finite number");
    case "bigint":
    case "boolean":
      return String(value);
    case "object":
      if (value === null) return "null";
      if (actual === "array") return encodeArray(value as readonly unknown[], schema, path, depth);
      if (actual === "object") return encodeObject(value as Readonly<Record<string, unknown>>, schema, path, depth);
  }
  return fail(path, `can't be sent as JSON, got ${actual}`);
}

/** A string without characters that JSON escapes. This test is faster than `JSON.stringify`. */
const PLAIN = /^[\w .@+-]*$/;

function quote(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

function failEnum(values: readonly unknown[], path: string): never {
  return fail(path, `must be one of ${values.join(", ")}`);
}

function encodeAlternative(value: unknown, { anyOf, oneOf = [] }: Schema, path: string, depth: number): string {
  const texts = (anyOf ?? oneOf).flatMap((schema) => {
    try {
      return [encode(value, schema, path, depth)];
    } catch {
      return [];
    }
  });
  // Digits in a string may be an int64 in one schema and a string in another.
  const fitting = anyOf ? [...new Set(texts)] : texts;
  return fitting.length === 1 ? String(fitting[0]) : fail(path, `fits ${fitting.length} alternatives in the contract`);
}

function encodeArray(value: readonly unknown[], schema: Schema, path: string, depth: number): string {
  if (Object.keys(value).length > value.length) fail(path, "has members beside its items: JSON would lose them");
  checkSize(value.length, schema.minItems, schema.maxItems, path, "items");
  const items = Array.from(value, (item, i) =>
    encode(item, schema.prefixItems?.[i] ?? schema.items, `${path}[${i}]`, depth + 1),
  );
  if (schema.uniqueItems && new Set(items).size < items.length) fail(path, "must not hold an item twice");
  return `[${items}]`;
}

function encodeObject(value: Readonly<Record<string, unknown>>, schema: Schema, path: string, depth: number): string {
  if (Object.getPrototypeOf(value) !== Object.prototype) {
    for (const name in value)
      if (!Object.hasOwn(value, name)) fail(join(path, name), "is inherited: JSON would lose it");
  }
  const names = Object.keys(value);
  const members = names.map((name) => value[name]); // calls each getter once
  for (const name of schema.required ?? []) {
    const i = names.indexOf(name);
    if (members[i] === undefined) fail(join(path, name), i < 0 ? "is required" : "is required, got undefined");
  }
  const size = members.filter((member) => member !== undefined).length;
  checkSize(size, schema.minProperties, schema.maxProperties, path, "members");
  let text = "";
  let i = 0;
  for (const name of names) {
    const member = members[i++];
    if (member === undefined) continue;
    text += text && ",";
    text += `${quote(name)}:${encode(member, memberOf(schema, name), join(path, name), depth + 1)}`;
  }
  return `{${text}}`;
}

function join(path: string, name: string): string {
  return path ? `${path}.${name}` : name;
}

/** The schema of a member. */
function memberOf(
  { properties, patternProperties, additionalProperties }: Schema,
  name: string,
): Schema | false | undefined {
  // Own properties only: a member may be called `__proto__`.
  if (properties && Object.hasOwn(properties, name)) return properties[name];
  const pattern = patternProperties && Object.keys(patternProperties).find((one) => toRegExp(one).test(name));
  return pattern === undefined ? additionalProperties : patternProperties?.[pattern];
}
