/** Merges schemas into one: all must match (`allOf`), or one of them (`anyOf`, `oneOf`). */
import { allowsNull, type Bound, type Compiled, isNull, type TypeName } from "./compiled.ts";

export interface MergeContext {
  /** Whether a schema is still being compiled, because it refers to itself: its content is not known yet. */
  isIncomplete(schema: Compiled): boolean;
  /** Called with what can't be merged, and so is not checked. */
  warn(unchecked: string): void;
  /** Merges the same two schemas only once: recursive ones would never end. */
  once(a: Compiled, b: Compiled, merge: () => Compiled | false): Compiled | false;
}

const larger = (a: Bound, b: Bound): Bound => (a > b ? a : b);
const smaller = (a: Bound, b: Bound): Bound => (a < b ? a : b);

const LOWER = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"] as const;
const UPPER = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"] as const;

function mergeBounds(a: Compiled, b: Compiled): Compiled {
  const choose = (keywords: typeof LOWER | typeof UPPER, stricter: typeof larger) =>
    keywords.flatMap((keyword) => {
      const [one, other] = [a[keyword], b[keyword]];
      return one === undefined || other === undefined ? [] : [[keyword, stricter(one, other)]];
    });
  return Object.fromEntries([...choose(LOWER, larger), ...choose(UPPER, smaller)]);
}

function mergeTypes(a: readonly TypeName[], b: readonly TypeName[]): TypeName[] {
  const within = (type: TypeName, types: readonly TypeName[]) =>
    types.includes(type) || (type === "integer" && types.includes("number"));
  return [...new Set([...a.filter((type) => within(type, b)), ...b.filter((type) => within(type, a))])];
}

/** The schema for the values that match both; `false` if there are none. */
export function both(a: Compiled | false, b: Compiled | false, context: MergeContext): Compiled | false {
  if (a === false || b === false) return false;
  if (a === b) return a;
  if (context.isIncomplete(a)) return bothIncomplete(a, b, context);
  if (context.isIncomplete(b)) return bothIncomplete(b, a, context);
  if (Object.keys(b).length === 0) return a;
  if (Object.keys(a).length === 0) return b;
  return context.once(a, b, () => {
    if (a.anyOf || a.oneOf) return distribute(a, b, context);
    return b.anyOf || b.oneOf ? distribute(b, a, context) : bothPlain(a, b, context);
  });
}

function bothPlain(a: Compiled, b: Compiled, context: MergeContext): Compiled | false {
  const type = a.type && b.type && mergeTypes(a.type, b.type);
  const values = a.enum && b.enum && a.enum.filter((value) => b.enum?.includes(value));
  if (type?.length === 0 || values?.length === 0) return false;
  if (a.pattern !== undefined && b.pattern !== undefined && a.pattern !== b.pattern) {
    context.warn(`the first of the patterns ${a.pattern} and ${b.pattern}`);
  }
  return {
    ...a,
    ...b,
    ...(type && { type }),
    ...(values && { enum: values }),
    ...(a.required && b.required && { required: [...new Set([...a.required, ...b.required])] }),
    ...mergeBounds(a, b),
    ...bothObjects(a, b, context),
    ...bothArrays(a, b, context),
  };
}

/** A schema that is still being compiled can't be merged, so it is checked alone. */
function bothIncomplete(incomplete: Compiled, other: Compiled, context: MergeContext): Compiled {
  if (context.isIncomplete(other) || Object.keys(other).length > 0) {
    context.warn("what is said beside a schema that refers to itself");
  }
  return incomplete;
}

/** What a schema requires of a member that its own `properties` or those of another schema name. */
export function propertyOf(schema: Compiled, name: string, context: MergeContext): Compiled | false {
  const listed = schema.properties?.get(name);
  const patterns = [...(schema.patternProperties ?? [])].filter(([pattern]) => new RegExp(pattern, "u").test(name));
  if (listed === undefined && patterns.length === 0) return schema.additionalProperties ?? {};
  return patterns.reduce<Compiled | false>((merged, [, each]) => both(merged, each, context), listed ?? {});
}

function bothObjects(a: Compiled, b: Compiled, context: MergeContext): Compiled {
  const names = new Set([...(a.properties?.keys() ?? []), ...(b.properties?.keys() ?? [])]);
  const properties = [...names].map(
    (name) => [name, both(propertyOf(a, name, context), propertyOf(b, name, context), context)] as const,
  );
  const patterns = a.patternProperties && b.patternProperties;
  const closed = a.additionalProperties !== undefined || b.additionalProperties !== undefined;
  if (patterns || (closed && (a.patternProperties || b.patternProperties))) {
    context.warn("additionalProperties or patternProperties of one of several schemas (allOf)");
  }
  return {
    ...(properties.length > 0 && { properties: new Map(properties) }),
    ...(closed && { additionalProperties: both(a.additionalProperties ?? {}, b.additionalProperties ?? {}, context) }),
    ...(patterns && { patternProperties: new Map([...patterns, ...(b.patternProperties ?? [])]) }),
  };
}

function bothArrays(a: Compiled, b: Compiled, context: MergeContext): Compiled {
  const itemOf = (schema: Compiled, i: number) => schema.prefixItems?.[i] ?? schema.items ?? {};
  const length = Math.max(a.prefixItems?.length ?? 0, b.prefixItems?.length ?? 0);
  const prefix = Array.from({ length }, (_, i) => both(itemOf(a, i), itemOf(b, i), context));
  const items = a.items !== undefined || b.items !== undefined;
  return {
    ...(length > 0 && { prefixItems: prefix }),
    ...(items && { items: both(a.items ?? {}, b.items ?? {}, context) }),
  };
}

/** Keywords beside alternatives apply to each of them. */
function distribute(alternatives: Compiled, other: Compiled, context: MergeContext): Compiled | false {
  if (other.anyOf || other.oneOf) {
    context.warn("the second of two lists of alternatives (anyOf, oneOf)");
    return alternatives;
  }
  const keyword = alternatives.anyOf ? "anyOf" : "oneOf";
  const merged = (alternatives[keyword] ?? []).flatMap((each) => both(each, other, context) || []);
  return merged.length === 0 ? false : { [keyword]: merged };
}

/** The schema for the values that match at least one (`anyOf`) or exactly one (`oneOf`) of these. */
export function either(
  keyword: "anyOf" | "oneOf",
  schemas: readonly Compiled[],
  context: MergeContext,
): Compiled | false {
  const { isIncomplete } = context;
  const nulls = schemas.filter((schema) => !isIncomplete(schema) && isNull(schema));
  const others = schemas.filter((schema) => !nulls.includes(schema));
  if (nulls.length === 1 && others.length > 0 && others.every((each) => isIncomplete(each) || !allowsNull(each))) {
    const other = either(keyword, others, context);
    return other && orNull(other, context);
  }
  const [first] = schemas;
  if (first === undefined) return false;
  if (schemas.length === 1) return first;
  if (schemas.some(isIncomplete)) return { [keyword]: schemas };
  return eitherValues(schemas) ?? eitherType(schemas) ?? { [keyword]: schemas };
}

/** The schema, with `null` allowed. */
export function orNull(schema: Compiled, { isIncomplete }: MergeContext): Compiled {
  const alternative: Compiled = { type: ["null"] };
  if (isIncomplete(schema)) return { anyOf: [schema, alternative] };
  if (allowsNull(schema)) return schema;
  if (schema.anyOf) return { anyOf: [...schema.anyOf, alternative] };
  if (schema.oneOf) return { oneOf: [...schema.oneOf, alternative] };
  const { type, enum: values } = schema;
  return {
    ...schema,
    ...(type && !type.includes("null") && { type: [...type, "null"] }),
    ...(values && !values.includes(null) && { enum: [...values, null] }),
  };
}

/** Merges lists of values if no value is in two of them. */
function eitherValues(schemas: readonly Compiled[]): Compiled | undefined {
  const values = schemas.flatMap((schema) => schema.enum ?? []);
  const plain = schemas.every((schema) => schema.enum && Object.keys(schema).every((key) => /^(enum|type)$/.test(key)));
  return plain && new Set(values).size === values.length ? { enum: values } : undefined;
}

/** Merges schemas of different types: each keyword applies to one type only. */
function eitherType(schemas: readonly Compiled[]): Compiled | undefined {
  const types = schemas.flatMap((schema) => schema.type ?? []);
  const numeric = types.filter((type) => type === "integer" || type === "number");
  const plain = schemas.every((schema) => schema.type && !schema.enum && !schema.anyOf && !schema.oneOf);
  if (!plain || new Set(types).size !== types.length || numeric.length > 1) return undefined;
  return { ...Object.assign({}, ...schemas), type: types };
}
