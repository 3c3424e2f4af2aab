/** Prints values as TypeScript. */

const INDENT = "  ";

/** An object that is printed as its name. If it is declared later, it is printed as a getter. */
export class Name {
  readonly name: string;
  readonly later: boolean;

  constructor(name: string, later: boolean) {
    this.name = name;
    this.later = later;
  }
}

/** Omits `undefined` members. Prints a Map as an object. */
export function print(value: unknown, indent = ""): string {
  if (value instanceof Name) return value.name;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = indent + INDENT;
  if (Array.isArray(value))
    return bracket(
      "[",
      value.map((item) => print(item, inner)),
      "]",
      indent,
    );
  const members = value instanceof Map ? [...value] : Object.entries(value);
  const lines = members
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) =>
      isLater(member)
        ? `get ${printKey(name)}() {\n${inner}${INDENT}return ${print(member, inner + INDENT)};\n${inner}}`
        : `${printKey(name)}: ${print(member, inner)}`,
    );
  return bracket("{", lines, "}", indent);
}

function isLater(value: unknown): boolean {
  return Array.isArray(value) ? value.some(isLater) : value instanceof Name && value.later;
}

function bracket(open: string, items: readonly string[], close: string, indent: string): string {
  const line = items.join(", ");
  const pad = open === "{" ? " " : "";
  if (items.length === 0) return open + close;
  if (!line.includes("\n") && indent.length + line.length < 100) return `${open}${pad}${line}${pad}${close}`;
  return `${open}\n${items.map((item) => `${indent}${INDENT}${item},\n`).join("")}${indent}${close}`;
}

function printKey(name: string): string {
  // `"__proto__": x` in a literal sets the prototype.
  if (name === "__proto__") return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$|^(0|[1-9]\d{0,14})$/.test(name) ? name : JSON.stringify(name);
}
