/**
 * Generates from openapi/: the contract of the client and the emulator, the gateway's codes and types, and the table of
 * codes in docs/errors.md. Generates the console from worker/console/.
 *
 *     npm run generate               writes the files
 *     npm run generate -- --check    writes nothing; exits with 1 and the difference if a file is stale
 */
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { compileErrorCodes } from "../cli/generate/error-codes.ts";
import { generate } from "../cli/generate/index.ts";
import { update } from "../cli/generate/output.ts";
import { printCodes } from "../cli/generate/print-codes.ts";
import { loadSpec } from "../cli/generate/spec.ts";
import { generateTypes } from "../cli/generate/types.ts";
import { consoleSource } from "./console-source.ts";
import { codesTable, replaceMarked } from "./docs.ts";

const root = join(import.meta.dirname, "..");
const api = join(root, "openapi/ma.yaml");
const gateway = join(root, "openapi/gateway.yaml");
const check = process.argv.includes("--check");

const { source, contract, warnings } = await generate(api, { library: "../contract.ts", examplesApart: true });
const gatewaySpec = await loadSpec(gateway, new Map());
const gatewayCodes = compileErrorCodes(gatewaySpec.root);
// Everything in the package's own spec must be checked.
for (const { file, line, column, message } of warnings) {
  console.error(`${relative("", file)}:${line}:${column} ${message}`);
  process.exitCode = 1;
}

/** The limits of the gateway that a client does not check. */
function printLimits(): string {
  const path = ["components", "schemas", "SetContactRequest", "properties", "contacts", "allOf", "1"];
  const contacts = gatewaySpec.root.find(...path);
  const [names, length] = [contacts?.find("maxProperties"), contacts?.find("propertyNames", "maxLength")];
  if (!names || !length) throw new Error("openapi/gateway.yaml has no limits of contact names");
  return `/** How many contact names an update may have, and their length in code points. */
export const limits = { maxNames: ${names.value}, maxNameLength: ${length.value} } as const;
`;
}

const written = (text: string): string => `// Written by \`npm run generate\`. Do not edit.\n${text}`;

/** In this order: the console reads the contract. */
const files: Record<string, () => Promise<string>> = {
  "src/generated/contract.ts": async () => source,
  "src/generated/gateway.ts": async () => written(printCodes(gatewayCodes, "../contract.ts")),
  "worker/generated/gateway.ts": async () =>
    written(`${await generateTypes(gateway, gatewaySpec.hasMarks)}\n${printLimits()}`),
  "worker/generated/console.ts": async () =>
    written(await consoleSource(new URL("../worker/console/", import.meta.url))),
  "docs/errors.md": async () =>
    replaceMarked(
      await readFile(join(root, "docs/errors.md"), "utf8"),
      "codes",
      codesTable([...contract.errorCodes, ...gatewayCodes]),
    ),
};

let stale = false;
for (const [name, makeText] of Object.entries(files)) {
  const changed = await update(relative("", join(root, name)), await makeText(), check);
  stale ||= changed && check;
}
if (stale) {
  console.error("Run: npm run generate");
  process.exitCode = 1;
}
