/** The codes of a spec (`components`, `x-error-codes`), by reason. */
import type { SpecNode } from "./spec-node.ts";

export interface CompiledErrorCode {
  readonly code: number;
  readonly message: string;
  readonly solution?: string;
  readonly retryable?: true;
  readonly inDoubt?: true;
}

/** @throws SpecError */
export function compileErrorCodes(root: SpecNode): Map<string, CompiledErrorCode> {
  const codes = new Map<string, CompiledErrorCode>();
  const list = root.get("components")?.get("x-error-codes");
  if (list && (typeof list.value !== "object" || Array.isArray(list.value))) {
    throw list.fault("x-error-codes must be an object from names to codes");
  }
  for (const [reason, entry] of list?.entries() ?? []) {
    const node = entry.target ?? entry;
    const code = compileErrorCode(reason, node);
    const [same] = [...codes].find(([, each]) => each.code === code.code) ?? [];
    if (same !== undefined) throw node.fault(`the code ${code.code} of ${reason} is also that of ${same}`);
    codes.set(reason, code);
  }
  return codes;
}

function compileErrorCode(reason: string, node: SpecNode): CompiledErrorCode {
  const code = node.get("code") ?? node;
  if (!Number.isSafeInteger(code.value) || code.value === 0) {
    throw code.fault(`${reason} needs a code, an integer other than 0`);
  }
  if (reason === "unknown")
    throw node.fault("unknown is the reason of codes that are not listed: choose another name", true);
  const solution = textOf(node, "solution");
  return {
    code: Number(code.value),
    message: textOf(node, "message") ?? reason,
    ...(solution !== undefined && { solution }),
    ...(flagOf(node, "retryable") && { retryable: true }),
    ...(flagOf(node, "inDoubt") && { inDoubt: true }),
  };
}

function textOf(node: SpecNode, name: string): string | undefined {
  const member = node.get(name);
  const { value } = member ?? {};
  if (value === undefined || typeof value === "string") return value;
  throw member?.fault(`${name} must be a string`);
}

function flagOf(node: SpecNode, name: string): boolean {
  const member = node.get(name);
  const { value = false } = member ?? {};
  if (typeof value === "boolean") return value;
  throw member?.fault(`${name} must be true or false`);
}
