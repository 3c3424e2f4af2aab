/** The codes of the contract, for people. */
import { errorCodes, failures } from "../src/generated/contract.ts";

export const codesTable: readonly string[] = [
  "| code | `reason` | meaning | what to do | repeated |",
  "|---|---|---|---|---|",
  ...Object.entries(failures).map(([reason, { code, message }]) => {
    const { solution = "", retryable } = errorCodes[code] ?? {};
    return `| ${code} | \`${reason}\` | ${message} | ${solution} | ${retryable ? "yes" : "no"} |`;
  }),
];
