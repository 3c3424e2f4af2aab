/** Schemas of the contract, while they are being compiled. */

export const TYPES = ["object", "array", "string", "number", "integer", "boolean", "null"] as const;
export type TypeName = (typeof TYPES)[number];
export type Bound = number | bigint;
export type Scalar = string | number | bigint | boolean | null;

/**
 * The part of JSON Schema that the client checks. A schema that refers to itself is an object that contains itself:
 * print.ts gives each object that is used more than once a name.
 */
export interface Compiled {
  type?: readonly TypeName[];
  format?: "int64";
  enum?: readonly Scalar[];
  minimum?: Bound;
  maximum?: Bound;
  exclusiveMinimum?: Bound;
  exclusiveMaximum?: Bound;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  required?: readonly string[];
  properties?: ReadonlyMap<string, Compiled | false>;
  patternProperties?: ReadonlyMap<string, Compiled | false>;
  additionalProperties?: Compiled | false;
  minProperties?: number;
  maxProperties?: number;
  prefixItems?: readonly (Compiled | false)[];
  items?: Compiled | false;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: true;
  /** At least one of these. */
  anyOf?: readonly Compiled[];
  /** Exactly one of these. */
  oneOf?: readonly Compiled[];
}

/** The types that a value may have. */
export function typesOf({ type, enum: values }: Compiled): readonly TypeName[] {
  return type ?? (values ? [...new Set(values.map(typeOfScalar))] : TYPES);
}

function typeOfScalar(value: Scalar): TypeName {
  if (value === null) return "null";
  const type = typeof value;
  return type === "string" || type === "boolean" ? type : "number";
}

/** Whether `null` matches. */
export function allowsNull(schema: Compiled): boolean {
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) return alternatives.some(allowsNull);
  return typesOf(schema).includes("null") && (schema.enum?.includes(null) ?? true);
}

/** Whether only `null` matches. */
export function isNull(schema: Compiled): boolean {
  return !schema.anyOf && !schema.oneOf && typesOf(schema).every((type) => type === "null");
}

/** Whether a schema is one of its own alternatives, so that checking a value would never end. */
export function isAlternativeOf(schema: Compiled, whole: Compiled, seen: ReadonlySet<Compiled> = new Set()): boolean {
  if (seen.has(whole)) return false;
  const below = new Set([...seen, whole]);
  return (whole.anyOf ?? whole.oneOf ?? []).some((each) => each === schema || isAlternativeOf(schema, each, below));
}
