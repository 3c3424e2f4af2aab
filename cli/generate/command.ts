import { relative, resolve } from "node:path";
import type { Command } from "@commander-js/extra-typings";
import { createTwoFilesPatch } from "diff";
import { CommandError, describe, EXIT } from "../errors.ts";
import { interrupt } from "../interrupt.ts";
import { waitForChange } from "./changes.ts";
import { type Generated, generate } from "./index.ts";
import { readOutput, writeOutput } from "./output.ts";
import { type Problem, SpecError } from "./problem.ts";
import type { Files } from "./spec.ts";

interface Options {
  readonly output: string;
  readonly check?: true;
  readonly watch?: true;
  readonly strict?: true;
}

export function generateCommand(program: Command): void {
  program
    .command("generate")
    .description("Write the types and the contract of your own spec as a TypeScript module.")
    .argument("<spec>", "an OpenAPI 3.0 or 3.1 document, YAML or JSON")
    .requiredOption("-o, --output <file>", "the module to write")
    .option("--check", "write nothing; exit with 1 and the difference if the module is stale")
    .option("--watch", "write it again whenever a file of the spec changes")
    .option("--strict", "fail (exit 1) if anything in the spec is not checked")
    .addHelpText("after", "\nExample:\n  npx engagelab-ma generate ma.yaml -o engagelab.ts")
    .action(async (spec, options) => {
      if (options.check && options.watch) throw new CommandError("--check and --watch exclude each other.");
      await (options.watch ? watch(spec, options) : run(spec, options, new Map()));
    });
}

async function watch(spec: string, options: Options): Promise<void> {
  while (!interrupt.aborted) {
    const files: Files = new Map();
    try {
      await run(spec, options, files);
    } catch (error) {
      if (files.size === 0) throw error;
      console.error(describe(error));
    }
    console.error(`Watching ${[...files.keys()].map(shown).join(", ")}`);
    await waitForChange(files, interrupt);
  }
}

/** @throws CommandError */
async function run(spec: string, { output, check, strict }: Options, files: Files): Promise<void> {
  const { source, warnings } = await generateFrom(spec, files);
  if (files.has(resolve(output))) throw new CommandError(`${output} is part of the spec: choose another file.`);
  for (const warning of warnings) console.error(line(warning, "warning: "));
  if (strict && warnings.length > 0) {
    throw new CommandError(`${output} is not written: ${warnings.length} warnings (--strict).`, EXIT.failed);
  }
  const before = await readOutput(output);
  if (before === source) return;
  if (check) {
    console.error(createTwoFilesPatch(output, output, before, source, "as it is", "as the spec says"));
    throw new CommandError(`${output} is stale: run engagelab-ma generate ${spec} -o ${output}`, EXIT.failed);
  }
  await writeOutput(output, source);
  console.log(`${output} written`);
}

async function generateFrom(spec: string, files: Files): Promise<Generated> {
  try {
    return await generate(resolve(spec), { files });
  } catch (error) {
    if (error instanceof SpecError) throw new CommandError(error.problems.map((problem) => line(problem)).join("\n"));
    throw error;
  }
}

function line({ file, line, column, message }: Problem, kind = ""): string {
  return `${shown(file)}:${line}:${column} ${kind}${message}`;
}

function shown(file: string): string {
  return relative("", file);
}
