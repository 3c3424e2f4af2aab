import { type Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { identityNameOption, integer, type Pair, pair, positive } from "../arguments.ts";
import { unknownContact } from "../contacts.ts";
import { CommandError } from "../errors.ts";
import type { IdentityKind } from "./candidate.ts";
import { runImport } from "./run.ts";

const EXAMPLE = `
Example:
  $ npx engagelab-ma import users.csv --euid-column id --contact mobile_phone=Phone --dry-run
  $ npx engagelab-ma import users.csv --euid-column id --contact mobile_phone=Phone

If an import is interrupted, run the same command again: it continues. --retry-failed sends failed rows again, also
after you have corrected FILE.`;

const NO_PAIRS: readonly Pair[] = [];

export function importCommand(program: Command): void {
  program
    .command("import")
    .description("Set the contacts of the users in a CSV or NDJSON file.")
    .argument("<file>", "the file; - is standard input")
    .option("--euid-column <name>", "the column of EUIDs")
    .option("--identity-column <name>", "the column of another identity, whose EUIDs are looked up")
    .addOption(identityNameOption())
    .addOption(
      new Option("--contact <name=column>", "a contact and its column; repeatable")
        .argParser(pair("COLUMN"))
        .default(NO_PAIRS, "columns named like contacts"),
    )
    .addOption(new Option("--format <format>", "default: detected").choices(["csv", "ndjson"] as const))
    .option("--delimiter <character>", "delimiter of a CSV: one character, or tab. Default: detected", delimiter)
    .option("--encoding <label>", "such as windows-1252. Default: from the byte-order mark, else UTF-8")
    .option("--concurrency <number>", "calls at once. Default: 6", integer(1, 1000))
    .option("--rate <number>", "calls per second. Default: no limit", positive)
    .option("--dry-run", "check all rows and send nothing")
    .option("--journal <file>", "where finished rows are recorded. Default: FILE.journal")
    .option("--failures <file>", "the rows that failed. Default: FILE.failures.csv or FILE.failures.ndjson")
    .option("--retry-failed", "send the rows that failed in an earlier run again")
    .option("--max-failures <number>", "stop after this many network failures in a row", integer(1, 1_000_000), 20)
    .addHelpText("after", EXAMPLE)
    .action(async (file, { euidColumn, identityColumn, identityName, contact, ...options }) => {
      const { kind, column } = identity(euidColumn, identityColumn, identityName);
      for (const [name] of contact) {
        const warning = unknownContact(name);
        if (warning !== undefined) console.error(warning);
      }
      process.exitCode = await runImport({ ...options, file, kind, wanted: { identity: column, contacts: contact } });
    });
}

function identity(
  euidColumn: string | undefined,
  identityColumn: string | undefined,
  identityName: Exclude<IdentityKind, "euid"> | undefined,
): { readonly kind: IdentityKind; readonly column: string } {
  if (euidColumn !== undefined && identityColumn === undefined) {
    if (identityName !== undefined) throw new CommandError("--identity-name goes with --identity-column.");
    return { kind: "euid", column: euidColumn };
  }
  if (identityColumn === undefined || euidColumn !== undefined) {
    throw new CommandError("Give either --euid-column or --identity-column.");
  }
  if (identityName === undefined) {
    throw new CommandError("--identity-column needs --identity-name: user_id, anonymous_id or registration_id.");
  }
  return { kind: identityName, column: identityColumn };
}

function delimiter(text: string): string {
  if (text === "tab") return "\t";
  if ([...text].length === 1 && !/["\r\n]/.test(text)) return text;
  throw new InvalidArgumentError("Must be one character, or tab.");
}
