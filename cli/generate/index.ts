/** Generates one TypeScript module from a spec: its types, and the contract for client and emulator. */
import { basename } from "node:path";
import { compileErrorCodes } from "./error-codes.ts";
import { compileOperations } from "./operations.ts";
import { type CompiledContract, printModule } from "./print-contract.ts";
import type { Problem } from "./problem.ts";
import { SchemaCompiler } from "./schema.ts";
import { compileServers } from "./servers.ts";
import { type Files, loadSpec } from "./spec.ts";
import { generateTypes } from "./types.ts";

export interface Generated {
  readonly source: string;
  readonly contract: CompiledContract;
  /** What is not checked, or has no effect. */
  readonly warnings: readonly Problem[];
}

interface Compilation extends Omit<Generated, "source"> {
  /** Whether members may be marked as `readOnly` or `writeOnly`. */
  readonly hasMarks: boolean;
}

export interface GenerateOptions {
  /** Filled with all files that the spec refers to, even if it has faults. */
  readonly files?: Files;
  /** What the module imports the types of the contract from. Default: `engagelab-ma`. */
  readonly library?: string;
  /** Whether examples are a separate constant, which bundlers can drop. Default: `false`. */
  readonly examplesApart?: boolean;
}

/**
 * @param path the spec
 * @throws SpecError, PeerError
 */
export async function generate(path: string, options: GenerateOptions = {}): Promise<Generated> {
  const { library = "engagelab-ma", examplesApart = false } = options;
  const { contract, hasMarks, warnings } = await compile(path, options.files);
  const header = `// Written by \`engagelab-ma generate\` from ${basename(path)}. Do not edit.`;
  const types = await generateTypes(path, hasMarks);
  return { source: `${header}\n${printModule(contract, types, library, examplesApart)}`, contract, warnings };
}

/**
 * Compiles everything except the types, which take most of the time.
 *
 * @throws SpecError
 */
export async function compile(path: string, files: Files = new Map()): Promise<Compilation> {
  const { root, is30, hasMarks, warnings: found } = await loadSpec(path, files);
  const warnings = [...found];
  const warn = (problem: Problem) => warnings.push(problem);
  const schemas = new SchemaCompiler(is30, warn);
  const errorCodes = compileErrorCodes(root);
  const contract: CompiledContract = {
    servers: compileServers(root, warn),
    operations: compileOperations(root, schemas, new Set(errorCodes.keys()), warn),
    errorCodes,
    schemaNames: schemas.names,
  };
  return { contract, hasMarks, warnings: unique(warnings) };
}

function unique(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}
