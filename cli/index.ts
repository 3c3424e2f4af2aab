#!/usr/bin/env node
/** The command line: `npx engagelab-ma`. Each command has its own file. */
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "@commander-js/extra-typings";
import { diffCommand } from "./diff/command.ts";
import { emulatorCommand } from "./emulator/command.ts";
import { CommandError, describe, EXIT } from "./errors.ts";
import { euidsCommand } from "./euids.ts";
import { generateCommand } from "./generate/command.ts";
import { importCommand } from "./import/command.ts";
import { interrupt } from "./interrupt.ts";
import { setCommand } from "./set.ts";

// One folder below package.json, both here and in dist/.
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

const program = new Command("engagelab-ma")
  .description("Set contact information in EngageLab's Marketing Automation.")
  .version(version)
  .exitOverride()
  .addHelpText(
    "after",
    `
Environment:
  ENGAGELAB_API_KEY, ENGAGELAB_API_SECRET  credentials of an API data source
  ENGAGELAB_TOKEN                          a gateway's token, instead of the credentials
  ENGAGELAB_BASE_URL                       another data centre, a gateway or an emulator

Exit codes: 0 all done, 1 something failed, 2 could not run, 130 interrupted.`,
  );

diffCommand(program);
emulatorCommand(program);
euidsCommand(program);
generateCommand(program);
importCommand(program);
setCommand(program);

// A reader such as `head` may close the pipe early. The command still finishes, and its exit code stays true.
process.stderr.on("error", () => {});
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") return;
  console.error(`The output can't be written: ${error.message}.`);
  process.exit(EXIT.couldNotRun);
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.couldNotRun; // commander has printed it
  } else if (!interrupt.aborted) {
    console.error(describe(error));
    process.exitCode = error instanceof CommandError ? error.exitCode : EXIT.couldNotRun;
  }
}
if (interrupt.aborted) process.exitCode = EXIT.interrupted;
