import type { Compiled } from "./compiled.ts";
import type { SpecNode } from "./spec-node.ts";

/** A request needn't contain what only responses contain. */
export function withoutReadOnly(schema: Compiled, node: SpecNode): Compiled {
  if (!schema.required) return schema;
  const readOnly = readOnlyNames(node);
  const required = schema.required.filter((name) => !readOnly.has(name));
  return required.length === schema.required.length ? schema : { ...schema, required };
}

function readOnlyNames(node: SpecNode, seen: ReadonlySet<string> = new Set()): Set<string> {
  if (seen.has(node.id)) return new Set();
  const below = new Set([...seen, node.id]);
  const parts = [node.target, ...(node.member("allOf")?.entries() ?? []).map(([, part]) => part)];
  const inherited = parts.flatMap((part) => (part ? [...readOnlyNames(part, below)] : []));
  const own = (node.member("properties")?.entries() ?? []).filter(([, member]) => isReadOnly(member, new Set()));
  return new Set([...inherited, ...own.map(([name]) => name)]);
}

function isReadOnly(node: SpecNode, seen: ReadonlySet<string>): boolean {
  if (seen.has(node.id)) return false;
  const below = new Set([...seen, node.id]);
  const parts = [node.target, ...(node.member("allOf")?.entries() ?? []).map(([, part]) => part)];
  return node.member("readOnly")?.value === true || parts.some((part) => part !== undefined && isReadOnly(part, below));
}
