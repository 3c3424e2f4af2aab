/** The patterns of a contract. */
import type { Contract } from "./contract.ts";
import { ConfigurationError } from "./errors.ts";

const compiled = new Map<string, RegExp>();

/** Each pattern is compiled once. */
export function toRegExp(pattern: string): RegExp {
  const known = compiled.get(pattern) ?? new RegExp(pattern, "u");
  compiled.set(pattern, known);
  return known;
}

/** @throws SyntaxError if a pattern does not compile */
function compileAll(node: unknown, seen: Set<unknown>): void {
  if (typeof node !== "object" || node === null || seen.has(node)) return;
  seen.add(node); // a schema may contain itself
  const { pattern, patternProperties }: Record<string, unknown> = { ...node };
  if (typeof pattern === "string") toRegExp(pattern);
  Object.keys(Object(patternProperties)).forEach(toRegExp);
  for (const each of Object.values(node)) compileAll(each, seen);
}

/** @throws ConfigurationError */
export function checkContract(value: unknown): asserts value is Contract {
  const { servers, operations, errorCodes } = Object(value);
  let problem = "must be what `engagelab-ma generate` writes";
  try {
    compileAll(operations, new Set());
    if (Array.isArray(servers) && [operations, errorCodes].every((one) => Object(one) === one)) return;
  } catch (error) {
    problem = `has a pattern that does not compile: ${error}`;
  }
  throw new ConfigurationError("contract", problem);
}
