import type { Command } from "@commander-js/extra-typings";
import { CommandError } from "../errors.ts";

export function generateCommand(program: Command): void {
  program
    .command("generate")
    .description("Write the types and the contract of your own spec as a TypeScript module.")
    .argument("<spec>", "an OpenAPI 3.0 or 3.1 document, YAML or JSON")
    .requiredOption("-o, --output <file>", "the module to write")
    .option("--check", "write nothing; exit with 1 and the difference if the module is stale")
    .option("--watch", "write it again whenever a file of the spec changes")
    .option("--strict", "exit with 1 if anything in the spec is not checked")
    .addHelpText("after", "\nExample:\n  npx engagelab-ma generate ma.yaml -o engagelab.ts")
    .action(async (spec, options) => {
      if (options.check && options.watch) throw new CommandError("--check and --watch exclude each other.");
      // Loaded on demand: it is half of the program.
      const { run, watch } = await import("./run.ts");
      await (options.watch ? watch(spec, options) : run(spec, options, new Map()));
    });
}
