/** The codes of the contract, for people. */
import { contract, failures } from "../src/generated/contract.ts";

export const codesTable: readonly string[] = [
  "| code | `reason` | meaning | what to do | repeated |",
  "|---|---|---|---|---|",
  ...Object.entries(failures).map(([reason, { code, message }]) => {
    const { solution = "", retryable } = contract.errorCodes[code] ?? {};
    return `| ${code} | \`${reason}\` | ${message} | ${solution} | ${retryable ? "yes" : "no"} |`;
  }),
];
