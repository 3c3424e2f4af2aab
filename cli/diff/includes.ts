import { type Bound, type Compiled, typesOf } from "../generate/compiled.ts";

const LOWER = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"] as const;
const UPPER = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"] as const;

type Schema = Compiled | false | undefined;

/**
 * Whether every value that matches `narrow` also matches `wide`. `false` if that can't be determined.
 *
 * @param assumed pairs that are being compared: schemas can refer to themselves
 */
export function includes(wide: Schema, narrow: Schema, assumed: ReadonlyMap<unknown, unknown> = new Map()): boolean {
  if (wide === undefined || narrow === false || wide === narrow) return true;
  if (wide === false || narrow === undefined) return wide !== false && Object.keys(wide).length === 0;
  if (assumed.get(wide) === narrow) return true;
  const pairs = new Map(assumed).set(wide, narrow);
  const narrowed = narrow.anyOf ?? narrow.oneOf;
  if (narrowed) return narrowed.every((each) => includes(wide, each, pairs));
  if (wide.oneOf) return false;
  if (wide.anyOf) return wide.anyOf.some((each) => includes(each, narrow, pairs));
  return includesScalars(wide, narrow) && includesMembers(wide, narrow, pairs);
}

function includesScalars(wide: Compiled, narrow: Compiled): boolean {
  const types = typesOf(wide);
  const atMost = (a?: Bound, b?: Bound) => b === undefined || (a !== undefined && a <= b);
  return (
    typesOf(narrow).every((type) => types.includes(type) || (type === "integer" && types.includes("number"))) &&
    (wide.enum === undefined || (narrow.enum?.every((value) => wide.enum?.includes(value)) ?? false)) &&
    (wide.format === undefined || wide.format === narrow.format) &&
    (wide.pattern === undefined || wide.pattern === narrow.pattern) &&
    (wide.uniqueItems === undefined || wide.uniqueItems === narrow.uniqueItems) &&
    LOWER.every((keyword) => wide[keyword] === undefined || atMost(wide[keyword], narrow[keyword] ?? -Infinity)) &&
    UPPER.every((keyword) => atMost(narrow[keyword], wide[keyword]))
  );
}

function includesMembers(wide: Compiled, narrow: Compiled, pairs: ReadonlyMap<unknown, unknown>): boolean {
  const names = [...(wide.properties?.keys() ?? []), ...(narrow.properties?.keys() ?? [])];
  const memberOf = (schema: Compiled, name: string): Schema =>
    schema.properties?.get(name) ?? schema.additionalProperties;
  const itemOf = (schema: Compiled, i: number): Schema => schema.prefixItems?.[i] ?? schema.items;
  const length = Math.max(wide.prefixItems?.length ?? 0, narrow.prefixItems?.length ?? 0);
  return (
    wide.patternProperties === undefined &&
    narrow.patternProperties === undefined &&
    (wide.required ?? []).every((name) => narrow.required?.includes(name)) &&
    names.every((name) => includes(memberOf(wide, name), memberOf(narrow, name), pairs)) &&
    includes(wide.additionalProperties, narrow.additionalProperties, pairs) &&
    Array.from({ length }, (_, i) => i).every((i) => includes(itemOf(wide, i), itemOf(narrow, i), pairs)) &&
    includes(wide.items, narrow.items, pairs)
  );
}
