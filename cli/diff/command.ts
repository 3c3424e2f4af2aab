import type { Command } from "@commander-js/extra-typings";

export function diffCommand(program: Command): void {
  program
    .command("diff")
    .description("Compare two specs: what changed for a caller of the API, and what breaks calls.")
    .argument("<old>", "an OpenAPI 3.0 or 3.1 document, YAML or JSON")
    .argument("<new>", "a newer version of it")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExits with 1 if something breaks.\n\nExample:\n  npx engagelab-ma diff old/ma.yaml ma.yaml",
    )
    .action(async (before, after, options) => {
      // Loaded on demand: it is half of the program.
      const { run } = await import("./run.ts");
      await run(before, after, options);
    });
}
