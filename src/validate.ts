import type { Contract, Schema } from "./contract.ts";
import { ConfigurationError, ValidationError } from "./errors.ts";
import { int64Digits } from "./int64.ts";

const ANYTHING: Schema = {};
const MAX_DEPTH = 100;

/** Checks a value and serializes it in one pass, so that exactly the checked value is sent. */
type Encoder = (value: unknown, path: string, depth: number) => string;

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
  const type = Array.isArray(value) ? "array" : "object";
  if ("toJSON" in value && typeof value.toJSON === "function") return `${type} with toJSON`;
  if (type === "array" || (isPlain(value) && !(Symbol.toStringTag in value))) return type;
  const tag = Object.prototype.toString.call(value).slice(8, -1).toLowerCase();
  return tag === "object" ? "class instance" : tag;
}

function checkSize(actual: number, min = 0, max = Infinity, path: string, unit: string): void {
  const problem = actual < min ? `at least ${min}` : actual > max ? `at most ${max}` : undefined;
  if (problem) fail(path, `must have ${problem} ${unit}, got ${actual}`);
}

/** A string without characters that JSON escapes. This test is faster than `JSON.stringify`. */
const PLAIN = /^[\w .@+-]*$/;

function quote(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

const encoders = new WeakMap<Schema, Encoder>();

/**
 * Compiles a schema, once.
 *
 * @param outer the schemas around it
 * @throws SyntaxError if a pattern does not compile
 */
function toEncoder(schema: Schema | false = ANYTHING, outer: readonly Schema[] = []): Encoder {
  if (schema === false) return (_, path) => fail(path, "is not in the contract");
  // A schema may contain itself.
  if (outer.includes(schema)) return (...args) => toEncoder(schema)(...args);
  const encoder = encoders.get(schema) ?? compile(schema, (inner) => toEncoder(inner, [...outer, schema]));
  encoders.set(schema, encoder);
  return encoder;
}

function compile(schema: Schema, inner: (schema: Schema | false | undefined) => Encoder): Encoder {
  const { anyOf, oneOf, type, enum: values } = schema;
  const alternatives = anyOf ?? oneOf;
  if (alternatives) return compileAlternatives(alternatives.map(inner), anyOf !== undefined);
  const types: readonly string[] | undefined = type && [type].flat();
  const isInt64 = schema.format === "int64" && types?.includes("integer") !== false;
  const checkRange = compileRange(schema);
  const pattern = schema.pattern === undefined ? undefined : new RegExp(schema.pattern, "u");
  const countsCharacters = schema.minLength !== undefined || schema.maxLength !== undefined;
  const encodeArray = compileArray(schema, inner);
  const encodeObject = compileObject(schema, inner);

  function checkEnum(value: unknown, path: string): void {
    if (values?.includes(value) === false) fail(path, `must be one of ${values.join(", ")}`);
  }

  return (value, path, depth) => {
    if (depth > MAX_DEPTH) fail(path, "is circular or nested too deeply");
    const actual = typeOf(value);
    const fits = types?.includes(actual);
    // If the schema also allows strings, digits in a string are sent as a string.
    if (isInt64 && !fits) {
      const digits = int64Digits(value, (problem) => fail(path, problem));
      const exact = Number.isSafeInteger(Number(digits)) ? Number(digits) : BigInt(digits);
      checkEnum(exact, path);
      checkRange(exact, path);
      return digits;
    }
    // https://json-schema.org/draft/2020-12/json-schema-validation#section-6.1.1
    if (types && !fits && !(Number.isSafeInteger(value) && types.includes("integer"))) {
      fail(path, `must be ${types.join(" or ")}, got ${actual}`);
    }
    checkEnum(value, path);
    switch (typeof value) {
      case "string":
        // JSON Schema counts code points.
        if (countsCharacters) checkSize([...value].length, schema.minLength, schema.maxLength, path, "characters");
        if (pattern?.test(value) === false) fail(path, `must match ${schema.pattern}`);
        return quote(value);
      case "number":
        checkRange(value, path);
        return Number.isFinite(value) ? JSON.stringify(value) : fail(path, "must be a finite number");
      case "bigint":
      case "boolean":
        return String(value);
    }
    if (value === null) return "null";
    if (actual === "array") return encodeArray(value as readonly unknown[], path, depth);
    if (actual === "object") return encodeObject(value as Readonly<Record<string, unknown>>, path, depth);
    return fail(path, `can't be sent as JSON, got ${actual}`);
  };
}

function compileAlternatives(encoders: readonly Encoder[], severalMayFit: boolean): Encoder {
  return (value, path, depth) => {
    const texts = encoders.flatMap((encode) => {
      try {
        return [encode(value, path, depth)];
      } catch {
        return [];
      }
    });
    // Digits in a string may be an int64 in one schema and a string in another.
    const fitting = severalMayFit ? [...new Set(texts)] : texts;
    return fitting.length === 1 ? String(fitting[0]) : fail(path, `fits ${fitting.length} alternatives in the contract`);
  };
}

function compileRange({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema) {
  return (actual: number | bigint, path: string): void => {
    if (minimum !== undefined && actual < minimum) fail(path, `must be at least ${minimum}`);
    if (maximum !== undefined && actual > maximum) fail(path, `must be at most ${maximum}`);
    if (exclusiveMinimum !== undefined && actual <= exclusiveMinimum) fail(path, `must be more than ${exclusiveMinimum}`);
    if (exclusiveMaximum !== undefined && actual >= exclusiveMaximum) fail(path, `must be less than ${exclusiveMaximum}`);
  };
}

function compileArray(
  { prefixItems = [], items, minItems, maxItems, uniqueItems }: Schema,
  inner: (schema: Schema | false | undefined) => Encoder,
) {
  const first = prefixItems.map(inner);
  const rest = inner(items);
  return (value: readonly unknown[], path: string, depth: number): string => {
    if (Object.keys(value).length > value.length) fail(path, "has members beside its items: JSON would lose them");
    checkSize(value.length, minItems, maxItems, path, "items");
    const texts = Array.from(value, (item, i) => (first[i] ?? rest)(item, `${path}[${i}]`, depth + 1));
    if (uniqueItems && new Set(texts).size < texts.length) fail(path, "must not hold an item twice");
    return `[${texts}]`;
  };
}

function compileObject(
  {
    required = [],
    properties = {},
    patternProperties = {},
    additionalProperties,
    minProperties,
    maxProperties,
  }: Schema,
  inner: (schema: Schema | false | undefined) => Encoder,
) {
  const named = new Map(Object.entries(properties).map(([name, schema]) => [name, inner(schema)]));
  const matching = Object.entries(patternProperties).map(
    ([pattern, schema]) => [new RegExp(pattern, "u"), inner(schema)] as const,
  );
  const others = inner(additionalProperties);
  const find = (name: string): Encoder =>
    named.get(name) ?? matching.find(([pattern]) => pattern.test(name))?.[1] ?? others;

  return (value: Readonly<Record<string, unknown>>, path: string, depth: number): string => {
    const join = (name: string): string => (path ? `${path}.${name}` : name);
    if (Object.getPrototypeOf(value) !== Object.prototype) {
      for (const name in value) if (!Object.hasOwn(value, name)) fail(join(name), "is inherited: JSON would lose it");
    }
    const sent: string[] = [];
    let text = "";
    for (const name of Object.keys(value)) {
      const member = value[name]; // once: it may be a getter
      if (member === undefined) continue;
      sent.push(name);
      text += `${text && ","}${quote(name)}:${find(name)(member, join(name), depth + 1)}`;
    }
    for (const name of required) {
      if (!sent.includes(name)) fail(join(name), name in value ? "is required, got undefined" : "is required");
    }
    checkSize(sent.length, minProperties, maxProperties, path, "members");
    return `{${text}}`;
  };
}

/**
 * Checks a value against a schema and serializes it.
 *
 * An int64 is a number, a bigint or a string of decimal digits, and is written as a JSON integer.
 *
 * @throws ValidationError with the path of the first fault, never with the value
 */
export function encode(value: unknown, schema?: Schema | false): string {
  return toEncoder(schema)(value, "", 0);
}

/** @throws ConfigurationError */
export function checkContract(value: unknown): asserts value is Contract {
  const { servers, operations, errorCodes }: Partial<Contract> = Object(value);
  let problem = "must be what `engagelab-ma generate` writes";
  try {
    for (const { body } of Object.values(Object(operations)) as Contract["operations"][string][]) toEncoder(body);
    if (Array.isArray(servers) && [operations, errorCodes].every((one) => Object(one) === one)) return;
  } catch (error) {
    problem = `has a pattern that does not compile: ${error}`;
  }
  throw new ConfigurationError("contract", problem);
}
