import { relative, resolve } from "node:path";
import { CommandError, describe, EXIT } from "../errors.ts";
import { interrupt } from "../interrupt.ts";
import { waitForChange } from "./changes.ts";
import { generate } from "./index.ts";
import { update } from "./output.ts";
import { type Problem, SpecError } from "./problem.ts";
import type { Files } from "./spec.ts";

export interface Options {
  readonly output: string;
  readonly check?: true;
  readonly watch?: true;
  readonly strict?: true;
}

/** Generates again whenever a file of the spec changes, until it is interrupted. */
export async function watch(spec: string, options: Options): Promise<void> {
  while (!interrupt.aborted) {
    const files: Files = new Map();
    try {
      await run(spec, options, files);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      console.error(describe(error));
    }
    console.error(`Watching ${[...files.keys()].map(shown).join(", ")}`);
    await waitForChange(files, interrupt);
  }
}

/** @throws CommandError, PeerError */
export async function run(spec: string, { output, check, strict }: Options, files: Files): Promise<void> {
  const { source, warnings } = await withFaults(generate(specPath(spec), { files }));
  if (files.has(resolve(output))) throw new CommandError(`${output} is part of the spec: choose another file.`);
  for (const warning of warnings) console.error(line(warning, "warning: "));
  if (strict && warnings.length > 0) {
    throw new CommandError(`${output} is not written: ${warnings.length} warnings (--strict).`, EXIT.failed);
  }
  if ((await update(output, source, check === true)) && check) {
    throw new CommandError(`${output} is stale: run engagelab-ma generate ${spec} -o ${output}`, EXIT.failed);
  }
}

/** @throws CommandError for the faults of a spec, each a line with its place */
export async function withFaults<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof SpecError) throw new CommandError(error.problems.map((problem) => line(problem)).join("\n"));
    throw error;
  }
}

function line({ file, line, column, message }: Problem, kind = ""): string {
  return `${shown(file)}:${line}:${column} ${kind}${message}`;
}

function shown(file: string): string {
  return relative("", file) || ".";
}

/** @throws CommandError for a URL: the same command would give different results as the spec changes */
export function specPath(spec: string): string {
  if (/^https?:/i.test(spec)) throw new CommandError(`${spec} is a URL: download the spec and give the file.`);
  return resolve(spec);
}
