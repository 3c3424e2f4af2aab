/** Compiles a schema of a spec into what the client checks, and reports what it does not check. */
import { type Compiled, isAlternativeOf, type Scalar, TYPES, type TypeName, typesOf } from "./compiled.ts";
import { both, either, type MergeContext, orNull, propertyOf } from "./merge.ts";
import type { Problem } from "./problem.ts";
import { withoutReadOnly } from "./read-only.ts";
import type { SpecNode } from "./spec-node.ts";

/** Keywords that don't restrict a value, or that `compile` reads elsewhere. */
const SILENT = new Set([
  ...["title", "description", "summary", "example", "examples", "default", "deprecated", "externalDocs", "xml"],
  ...["readOnly", "writeOnly", "discriminator", "$comment", "$id", "$schema", "$anchor", "$defs", "definitions"],
  ...["contentEncoding", "contentMediaType", "contentSchema", "$ref", "nullable", "allOf", "anyOf", "oneOf"],
]);

/** Formats that every value of their type matches. */
const OPEN_FORMATS = new Set(["float", "double", "password"]);
const INT32: Compiled = { minimum: -(2 ** 31), maximum: 2 ** 31 - 1 };

const CONTAINERS: readonly TypeName[] = ["object", "array"];

export class SchemaCompiler {
  readonly #is30: boolean;
  readonly #report: (problem: Problem) => void;
  /** The targets of `$ref` by place, so that a schema can refer to itself. */
  readonly #targets = new Map<string, Compiled | false>();
  readonly #incomplete = new Set<Compiled>();
  #warnings = 0;
  readonly #merged = new Map<Compiled, Map<Compiled, Compiled>>();
  /** The names of the targets of `$ref`. */
  readonly #names = new Map<Compiled, string>();

  /** @param report called with what is not checked */
  constructor(is30: boolean, report: (problem: Problem) => void) {
    this.#is30 = is30;
    this.#report = report;
  }

  /** The names of all schemas that may refer to themselves. */
  get names(): ReadonlyMap<Compiled, string> {
    const merged = [...this.#merged].flatMap(([a, row]) =>
      [...row].map(([b, schema]) => {
        const both = [this.#names.get(a), this.#names.get(b)].filter((name) => name !== undefined);
        return [schema, both.join("And") || "Merged"] as const;
      }),
    );
    return new Map([...merged, ...this.#names]);
  }

  /** @throws SpecError */
  compile(node: SpecNode): Compiled | false {
    if (typeof node.value === "boolean") return node.value ? {} : false;
    const { target } = node;
    const made = target ? this.#compileReference(node, target) : this.#compileKeywords(node);
    return made && node.member("nullable")?.value === true ? orNull(made, this.#context(node)) : made;
  }

  #compileReference(node: SpecNode, target: SpecNode): Compiled | false {
    const referred = this.#compileTarget(target);
    if (!this.#is30) return both(referred, this.#compileKeywords(node), this.#context(node));
    for (const [keyword, member] of node.entries()) {
      if (!isAnnotation(keyword)) this.#warn(member, `${keyword} beside $ref, which OpenAPI 3.0 ignores,`);
    }
    return referred;
  }

  #compileTarget(target: SpecNode): Compiled | false {
    const known = this.#targets.get(target.id);
    if (known !== undefined) return known;
    const schema: Compiled = {};
    this.#targets.set(target.id, schema);
    this.#incomplete.add(schema);
    const made = this.compile(target);
    this.#incomplete.delete(schema);
    const isAlias = made === false || this.#names.has(made);
    if (isAlias) this.#targets.set(target.id, made);
    // Schemas that refer to it already hold this object.
    Object.assign(schema, made);
    if (made === schema || isAlternativeOf(schema, schema)) {
      throw target.fault("refers to itself, so that no value can be checked by it");
    }
    this.#names.set(schema, target.name);
    return isAlias ? made : schema;
  }

  #compileKeywords(node: SpecNode): Compiled | false {
    const context = this.#context(node);
    const compileAll = (keyword: string) =>
      node
        .member(keyword)
        ?.entries()
        .map(([, each]) => this.compile(each));
    const parts = [this.#compileOwn(node), ...(compileAll("allOf") ?? [])];
    if (node.member("format")?.value === "int32") parts.push(INT32);
    for (const keyword of ["anyOf", "oneOf"] as const) {
      const warnings = this.#warnings;
      const schemas = compileAll(keyword)?.filter((each) => each !== false);
      if (!schemas) continue;
      // An alternative that is not checked in full accepts too much, so "exactly one" can't be verified.
      const isExact = keyword === "anyOf" || this.#warnings === warnings;
      if (!isExact) this.#warn(node, "that only one alternative of oneOf fits");
      parts.push(either(isExact ? keyword : "anyOf", schemas, context));
    }
    const merged = parts.reduce((all, part) => both(all, part, context));
    if (merged === false) {
      if (parts.includes(false)) return false;
      throw node.fault("contradicts itself, so that no value fits");
    }
    return withoutReadOnly(merged, node);
  }

  /** Compiles a schema's own keywords, without the schemas that it is composed of. */
  #compileOwn(node: SpecNode): Compiled {
    const schema: Compiled = {};
    for (const [keyword, member] of node.entries()) {
      if (isAnnotation(keyword)) continue;
      const part = this.#compileKeyword(keyword, member, node);
      if (part) Object.assign(schema, part);
      else this.#warn(member, keyword === "format" ? `format ${member.value}` : keyword);
    }
    const { properties, patternProperties } = schema;
    if (!properties || !patternProperties) return schema;
    // Patterns that match a listed member apply to it as well.
    const names = [...properties.keys()];
    const context = this.#context(node);
    return { ...schema, properties: new Map(names.map((name) => [name, propertyOf(schema, name, context)])) };
  }

  /** `undefined` if the keyword is not checked. */
  #compileKeyword(keyword: string, member: SpecNode, node: SpecNode): Compiled | undefined {
    const compileAll = () => member.entries().map(([name, each]) => [name, this.compile(each)] as const);
    const { value } = member;
    switch (keyword) {
      case "type":
        return { type: TYPES.filter((type) => [value].flat().includes(type)) };
      case "enum":
        return valuesOf(member.entries().map(([, each]) => each));
      case "const":
        return valuesOf([member]);
      case "format":
        return compileFormat(value, node);
      case "pattern":
        return { pattern: checkPattern(member, String(value)) };
      case "required":
        return { required: [value].flat().map(String) };
      case "properties":
        return { properties: new Map(compileAll()) };
      case "patternProperties":
        for (const [pattern, each] of member.entries()) checkPattern(each, pattern);
        if (member.entries().length > 1) this.#warn(member, "a name by more than the first pattern that fits");
        return { patternProperties: new Map(compileAll()) };
      case "prefixItems":
        return { prefixItems: compileAll().map(([, each]) => each) };
      case "items":
      case "additionalProperties":
        // `true` allows everything, as its absence does.
        return value === true ? {} : { [keyword]: this.compile(member) };
      case "uniqueItems":
        return value === true ? this.#compileUniqueItems(node) : {};
      case "minimum":
      case "maximum": {
        const exclusive = keyword === "minimum" ? "exclusiveMinimum" : "exclusiveMaximum";
        // In OpenAPI 3.0, `exclusiveMinimum: true` makes `minimum` exclusive.
        return { [node.member(exclusive)?.value === true ? exclusive : keyword]: member.exactNumber };
      }
      case "exclusiveMinimum":
      case "exclusiveMaximum":
        return typeof value === "boolean" ? {} : { [keyword]: member.exactNumber };
      case "minLength":
      case "maxLength":
      case "minItems":
      case "maxItems":
      case "minProperties":
      case "maxProperties":
        return { [keyword]: value };
    }
    return undefined;
  }

  /** Items are compared by their JSON, which is exact for all but objects. */
  #compileUniqueItems(node: SpecNode): Compiled | undefined {
    const items = node.member("items");
    const schema = items && this.compile(items);
    const plain =
      schema && !schema.anyOf && !schema.oneOf && !typesOf(schema).some((type) => CONTAINERS.includes(type));
    return plain ? { uniqueItems: true } : undefined;
  }

  #context(node: SpecNode): MergeContext {
    return {
      isIncomplete: (schema) => this.#incomplete.has(schema),
      warn: (unchecked) => this.#warn(node, unchecked),
      once: (a, b, merge) => this.#mergeOnce(a, b, merge),
    };
  }

  #mergeOnce(a: Compiled, b: Compiled, merge: () => Compiled | false): Compiled | false {
    const row = this.#merged.get(a) ?? new Map<Compiled, Compiled>();
    this.#merged.set(a, row);
    const known = row.get(b);
    if (known) return known;
    const schema: Compiled = {};
    row.set(b, schema);
    this.#incomplete.add(schema);
    const made = merge();
    this.#incomplete.delete(schema);
    if (made === false) row.delete(b);
    return made && Object.assign(schema, made);
  }

  #warn(node: SpecNode, unchecked: string): void {
    this.#warnings++;
    this.#report(node.problem(`${unchecked} is not checked before a request is sent`, true));
  }
}

function isAnnotation(keyword: string): boolean {
  return SILENT.has(keyword) || keyword.startsWith("x-");
}

/** Only scalars: objects and lists can't be compared as simply. */
function valuesOf(nodes: readonly SpecNode[]): Compiled | undefined {
  const values = nodes.map((node) => node.exactNumber ?? node.value);
  return values.every(isScalar) ? { enum: values } : undefined;
}

function isScalar(value: unknown): value is Scalar {
  return value === null || typeof value !== "object";
}

function compileFormat(format: unknown, node: SpecNode): Compiled | undefined {
  const types = [node.member("type")?.value ?? "integer"].flat();
  if (types.includes("integer")) {
    if (format === "int64") return { type: TYPES.filter((type) => types.includes(type)), format };
    if (format === "int32") return {};
  }
  return OPEN_FORMATS.has(String(format)) ? {} : undefined;
}

function checkPattern(node: SpecNode, pattern: string): string {
  try {
    new RegExp(pattern, "u");
    return pattern;
  } catch {
    throw node.fault(`${pattern} is not an ECMAScript regular expression with the flag u`);
  }
}
