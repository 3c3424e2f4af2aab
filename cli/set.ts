import type { Command } from "@commander-js/extra-typings";
import { isEngageLabError } from "../src/index.ts";
import { pair } from "./arguments.ts";
import { clientFromEnvironment, isCredentialsProblem } from "./client.ts";
import { unknownContact } from "./contacts.ts";
import { CommandError, describeCall, EXIT } from "./errors.ts";
import { euidProblem } from "./import/values.ts";
import { interrupt } from "./interrupt.ts";

const EXAMPLE = `
Example:
  $ npx engagelab-ma set 10362473 email=12@gmail.com mobile_phone=18023456879`;

export function setCommand(program: Command): void {
  program
    .command("set")
    .description("Set contacts of one user.")
    .argument("<euid>", "the user's EUID")
    .argument("<name=value...>", "contacts", pair("VALUE"))
    .addHelpText("after", EXAMPLE)
    .action(async (euid, contacts) => {
      const problem = euidProblem(euid);
      if (problem !== undefined) throw new CommandError(`${JSON.stringify(euid)} ${problem}.`);
      for (const [name] of contacts) {
        const warning = unknownContact(name);
        if (warning !== undefined) console.error(warning);
      }
      const client = clientFromEnvironment();
      try {
        const body = { euid, contacts: Object.fromEntries(contacts) };
        const { status } = await client.setContact(body, { signal: interrupt });
        console.log(`${status === 202 ? "Stored" : "Set"}: ${contacts.map(([name]) => name).join(", ")} of ${euid}.`);
      } catch (error) {
        throw toCommandError(error);
      }
    });
}

/** The exit code of a single call: 2 if nothing was sent, 1 if it was refused or its result is unknown. */
export function toCommandError(error: unknown): unknown {
  if (!isEngageLabError(error)) return error;
  const couldNotRun = error.kind === "validation" || error.kind === "configuration" || isCredentialsProblem(error);
  return new CommandError(describeCall(error), couldNotRun ? EXIT.couldNotRun : EXIT.failed);
}
