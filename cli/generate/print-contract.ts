import type { CompiledErrorCode } from "./error-codes.ts";
import type { CompiledOperation } from "./operations.ts";
import { print } from "./print.ts";
import { nameSchemas } from "./print-schemas.ts";
import type { SchemaCompiler } from "./schema.ts";

export interface CompiledContract {
  readonly servers: readonly string[];
  readonly operations: ReadonlyMap<string, CompiledOperation>;
  readonly errorCodes: ReadonlyMap<string, CompiledErrorCode>;
  readonly schemaNames: SchemaCompiler["names"];
}

/**
 * A module with the types of a spec and its contract.
 *
 * @param library what the types of the contract are imported from
 * @param apart whether examples are a constant of their own, which bundlers can leave out
 */
export function printModule(contract: CompiledContract, types: string, library: string, apart: boolean): string {
  const { servers, operations, errorCodes, schemaNames } = contract;
  const bodies = [...operations.values()].flatMap(({ body }) => (body === undefined ? [] : [body]));
  const { declarations, printable } = nameSchemas(bodies, schemaNames);
  const examples = {
    successes: new Map(
      [...operations].flatMap(([name, { success }]) => (success === undefined ? [] : [[name, success]])),
    ),
    failures: new Map([...errorCodes].map(([reason, { code, message }]) => [reason, { code, message }])),
  };
  const value = {
    servers,
    operations: new Map(
      [...operations].map(([name, { success: _, body, ...operation }]) => [
        name,
        { ...operation, body: body === undefined ? undefined : printable(body) },
      ]),
    ),
    errorCodes: printableCodes(errorCodes),
    examples: apart ? undefined : examples,
  };
  const reasons = [...errorCodes.keys(), "unknown"].map((reason) => `\n  | ${JSON.stringify(reason)}`).join("");
  const imports = ["Contract", ...(apart ? ["Examples"] : []), ...(declarations.length > 0 ? ["Schema"] : [])];
  return [
    `import type { ${imports.join(", ")} } from ${JSON.stringify(library)};\n`,
    types,
    "/** The names of the codes; `unknown` for a code that the spec does not list. */",
    `export type ErrorReason =${reasons};\n`,
    ...declarations,
    `export const contract: Contract<paths> = ${print(value)};\n`,
    ...(apart ? [`export const examples: Examples = ${print(examples)};\n`] : []),
  ].join("\n");
}

/** By code, as the client looks for them. */
export function printableCodes(errorCodes: ReadonlyMap<string, CompiledErrorCode>): ReadonlyMap<string, object> {
  const sorted = [...errorCodes].sort(([, a], [, b]) => a.code - b.code);
  return new Map(sorted.map(([reason, { code, message: _, ...rest }]) => [String(code), { reason, ...rest }]));
}
