import type { Command } from "@commander-js/extra-typings";
import { identityNameOption } from "./arguments.ts";
import { clientFromEnvironment } from "./client.ts";
import { CommandError, EXIT } from "./errors.ts";
import { interrupt } from "./interrupt.ts";
import { toCommandError } from "./set.ts";

const EXAMPLE = `
Prints one line per value: the value, a tab and the EUID.

Example:
  $ npx engagelab-ma euids --identity-name user_id alice bob`;

export function euidsCommand(program: Command): void {
  program
    .command("euids")
    .description("Look up users' EUIDs by another identity.")
    .addOption(identityNameOption().makeOptionMandatory())
    .argument("<value...>", "identities")
    .addHelpText("after", EXAMPLE)
    .action(async (values, { identityName }) => {
      const client = clientFromEnvironment();
      const body = { identity_name: identityName, identity_values: [...values] };
      const euids = await client.getEuids(body, { signal: interrupt }).catch((error: unknown) => {
        throw toCommandError(error);
      });
      for (const [value, euid] of euids) console.log(`${value}\t${euid}`);
      if (euids.missing.length > 0) {
        throw new CommandError(`No EUID came back for ${euids.missing.join(", ")}.`, EXIT.failed);
      }
    });
}
