import type { Contract, Schema } from "./contract.ts";
import { ConfigurationError, ValidationError } from "./errors.ts";
import { int64Digits } from "./int64.ts";

const ANYTHING: Schema = {};
const MAX_DEPTH = 100;

/** Checks a value and serializes it in one pass, so that exactly the checked value is sent. */
type Encoder<Value = unknown> = (value: Value, path: string, depth: number) => string;

/** @throws ValidationError */
export function fail(path: string, problem: string): never {
  throw new ValidationError(path, `${path || "body"} ${problem}`);
}

/** Whether it is a plain object, of any realm. JSON may not show the state of any other. */
export function isPlain(value: object): boolean {
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "isPrototypeOf");
}

/** `null`, `array`, `string`, …, `object` for a plain one, or `Map`, `Date` or `class instance`, which can't be sent. */
function typeOf(value: unknown): string {
  if (typeof value !== "object") return typeof value;
  if (value === null) return "null";
  const hasJson = "toJSON" in value && typeof value.toJSON === "function";
  if (isPlain(value) && !(Symbol.toStringTag in value)) return hasJson ? "object with toJSON" : "object";
  if (Array.isArray(value)) return hasJson ? "array with toJSON" : "array";
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return tag === "Object" ? "class instance" : tag;
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

/** Compiles a schema inside another. */
type CompileInner = (schema: Schema | false | undefined) => Encoder;

function compile(schema: Schema, inner: CompileInner): Encoder {
  const { type, format, enum: values, anyOf, oneOf } = schema;
  const alternatives = anyOf ?? oneOf;
  if (alternatives) return compileAlternatives(alternatives.map(inner), anyOf !== undefined);
  const number = compileNumber(schema);
  // Each gets only values of its type.
  const byType = {
    null: String,
    boolean: String,
    bigint: number,
    number,
    string: compileString(schema),
    array: compileArray(schema, inner),
    object: compileObject(schema, inner),
  } as Readonly<Record<string, Encoder>>;
  const types: readonly string[] = type ? [type].flat() : [];
  const refuse: Encoder = (value, path) =>
    fail(path, `${types.length > 0 ? `must be ${types.join(" or ")}` : "can't be sent as JSON"}, got ${typeOf(value)}`);
  // If the schema also allows strings, digits in a string are sent as a string.
  const isInt64 = format === "int64" && (types.length === 0 || types.includes("integer"));
  const otherwise = isInt64 ? compileInt64(schema) : refuse;
  const allowed = new Map(Object.entries(byType).filter(([one]) => types.includes(one) || !(type || isInt64)));
  // https://json-schema.org/draft/2020-12/json-schema-validation#section-6.1.1
  if (types.includes("integer") && !isInt64 && !allowed.has("number")) {
    allowed.set("number", (value, ...rest) =>
      Number.isSafeInteger(value) ? number(Number(value), ...rest) : refuse(value, ...rest),
    );
  }
  const string = allowed.get("string") ?? otherwise;
  const texts = values?.map((one) => encode(one));
  return (value, path, depth) => {
    if (depth > MAX_DEPTH) fail(path, "is circular or nested too deeply");
    const encoder = typeof value === "string" ? string : (allowed.get(typeOf(value)) ?? otherwise);
    const text = encoder(value, path, depth);
    if (texts?.includes(text) === false) fail(path, `must be one of ${values?.join(", ")}`);
    return text;
  };
}

function compileAlternatives(alternatives: readonly Encoder[], severalMayFit: boolean): Encoder {
  return (value, path, depth) => {
    const texts = alternatives.flatMap((encoder) => {
      try {
        return [encoder(value, path, depth)];
      } catch {
        return [];
      }
    });
    const fitting = severalMayFit ? [...new Set(texts)] : texts;
    // Digits in a string may be an int64 in one schema and a string in another.
    const text = fitting.length === 1 ? fitting[0] : fitting.find((one) => severalMayFit && one.startsWith('"'));
    return text ?? fail(path, `fits ${fitting.length} alternatives in the contract`);
  };
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

function compileNumber(schema: Schema): Encoder<number | bigint> {
  return (value, path) => {
    if (typeof value === "number" && !Number.isFinite(value)) fail(path, "must be a finite number");
    checkRange(value, schema, path);
    return String(value);
  };
}

function compileInt64(schema: Schema): Encoder {
  return (value, path) => {
    const digits = int64Digits(value, (problem) => fail(path, problem));
    // Fast path: most ids need no bigint.
    checkRange(Number.isSafeInteger(value) ? Number(value) : BigInt(digits), schema, path);
    return digits;
  };
}

function compileString({ minLength, maxLength, pattern }: Schema): Encoder<string> {
  const regExp = pattern === undefined ? undefined : new RegExp(pattern, "u");
  const isCounted = minLength !== undefined || maxLength !== undefined;
  return (value, path) => {
    // JSON Schema counts code points.
    if (isCounted) checkSize([...value].length, minLength, maxLength, path, "characters");
    if (regExp?.test(value) === false) fail(path, `must match ${pattern}`);
    return quote(value);
  };
}

function compileArray(
  { prefixItems = [], items, minItems, maxItems, uniqueItems }: Schema,
  inner: CompileInner,
): Encoder<readonly unknown[]> {
  const first = prefixItems.map(inner);
  const rest = inner(items);
  return (value, path, depth) => {
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
  inner: CompileInner,
): Encoder<Readonly<Record<string, unknown>>> {
  const named = new Map(Object.entries(properties).map(([name, schema]) => [name, toMember(name, inner(schema))]));
  const matching = Object.entries(patternProperties).map(
    ([pattern, schema]) => [new RegExp(pattern, "u"), inner(schema)] as const,
  );
  const others = inner(additionalProperties);
  const find = (name: string): Member =>
    named.get(name) ?? toMember(name, matching.find(([pattern]) => pattern.test(name))?.[1] ?? others);

  return (value, path, depth) => {
    const join = (name: string): string => (path ? `${path}.${name}` : name);
    const names = Object.keys(value);
    for (const name of required) if (!names.includes(name)) fail(join(name), "is required");
    let size = 0;
    let text = "";
    for (const name of names) {
      const member = value[name]; // once: it may be a getter
      if (member !== undefined) {
        const { key, encoder } = find(name);
        text += (size++ > 0 ? "," : "") + key + encoder(member, join(name), depth + 1);
      } else if (required.includes(name)) fail(join(name), "is required, got undefined");
    }
    checkSize(size, minProperties, maxProperties, path, "members");
    return `{${text}}`;
  };
}

/** A member of an object. */
interface Member {
  /** Its name, as it is sent. */
  readonly key: string;
  readonly encoder: Encoder;
}

function toMember(name: string, encoder: Encoder): Member {
  return { key: `${quote(name)}:`, encoder };
}

/**
 * Checks a value against a schema and serializes it.
 *
 * An int64 is a number, a bigint or a string of decimal digits, and is written as a JSON integer.
 *
 * @throws ValidationError with the path of the first fault, never with the value
 */
export function encode(value: unknown, schema?: Schema | false): string {
  const encoder = toEncoder(schema);
  try {
    return encoder(value, "", 0);
  } catch (thrown) {
    // A getter threw, for example.
    throw thrown instanceof ValidationError ? thrown : new ValidationError("", "body can't be read");
  }
}

/** @throws ConfigurationError */
export function checkContract(value: unknown): asserts value is Contract {
  const { servers, operations, errorCodes }: Partial<Contract> = Object(value);
  let problem = "must be what `engagelab-ma generate` writes";
  try {
    for (const { body } of Object.values(Object(operations)) as Contract["operations"][string][]) toEncoder(body);
    if (Array.isArray(servers) && [operations, errorCodes].every((one) => Object(one) === one)) return;
  } catch (error) {
    if (error instanceof SyntaxError) problem = `has a pattern that does not compile: ${error}`;
  }
  throw new ConfigurationError("contract", problem);
}
