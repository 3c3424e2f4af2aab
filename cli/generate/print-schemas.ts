/** Names the schemas that are used more than once, so that a schema can refer to itself. */
import type { Compiled } from "./compiled.ts";
import { Name, print } from "./print.ts";

/** Names that a generated module already has, and reserved words. */
const TAKEN = new Set([
  ...["Contract", "Schema", "contract", "paths", "webhooks", "components", "operations", "external", "undefined"],
  ...["arguments", "await", "break", "case", "catch", "class", "const", "continue", "debugger", "default", "delete"],
  ...["do", "else", "enum", "eval", "export", "extends", "false", "finally", "for", "function", "if", "implements"],
  ...["import", "in", "instanceof", "interface", "let", "new", "null", "package", "private", "protected", "public"],
  ...["return", "static", "super", "switch", "this", "throw", "true", "try", "typeof", "var", "void", "while"],
  ...["with", "yield"],
]);

export interface NamedSchemas {
  /** A constant for each name. */
  readonly declarations: readonly string[];
  /** A schema in the form that `print` takes. */
  printable(schema: Compiled | false): unknown;
}

/**
 * @param schemas all that will be printed
 * @param known the names that schemas have in the spec
 */
export function nameSchemas(
  schemas: readonly (Compiled | false)[],
  known: ReadonlyMap<Compiled, string>,
): NamedSchemas {
  const shared = [...findShared(schemas)].filter((schema) => known.has(schema));
  const names = chooseNames(shared, known);
  const begun = new Set<Compiled>();
  const declared = new Set<Compiled>();
  const declarations: string[] = [];

  function printable(value: unknown): unknown {
    if (value instanceof Map) return new Map([...value].map(([name, member]) => [name, printable(member)]));
    if (Array.isArray(value)) return value.map(printable);
    if (!isSchema(value)) return value;
    const name = names.get(value);
    if (name === undefined) return literal(value);
    if (!begun.has(value)) {
      begun.add(value);
      declarations.push(`const ${name}: Schema = ${print(literal(value))};\n`);
      declared.add(value);
    }
    return new Name(name, !declared.has(value));
  }

  function literal({ type, ...schema }: Compiled): unknown {
    const members = Object.entries(schema).map(([keyword, value]) => [keyword, printable(value)]);
    return { type: type?.length === 1 ? type[0] : type, ...Object.fromEntries(members) };
  }

  for (const schema of schemas) printable(schema);
  return { declarations, printable };
}

function isSchema(value: unknown): value is Compiled {
  return typeof value === "object" && value !== null;
}

/** The schemas that are used more than once. */
function findShared(schemas: readonly (Compiled | false)[]): Set<Compiled> {
  const seen = new Set<Compiled>();
  const shared = new Set<Compiled>();
  function visit(value: unknown): void {
    if (value instanceof Map) for (const member of value.values()) visit(member);
    else if (Array.isArray(value)) value.forEach(visit);
    else if (isSchema(value)) {
      if (seen.has(value)) shared.add(value);
      else {
        seen.add(value);
        Object.values(value).forEach(visit);
      }
    }
  }
  schemas.forEach(visit);
  return shared;
}

function chooseNames(schemas: Iterable<Compiled>, known: ReadonlyMap<Compiled, string>): Map<Compiled, string> {
  const names = new Map<Compiled, string>();
  const taken = new Set(TAKEN);
  for (const schema of schemas) {
    const base = toIdentifier(known.get(schema) ?? "");
    let name = base;
    for (let i = 2; taken.has(name); i++) name = `${base}${i}`;
    taken.add(name);
    names.set(schema, name);
  }
  return names;
}

function toIdentifier(name: string): string {
  const letters = name.replaceAll(/[^\w$]/g, "_");
  return /^[A-Za-z_$]/.test(letters) ? letters : `_${letters}`;
}
