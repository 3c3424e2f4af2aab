import type { CompiledErrorCode } from "./error-codes.ts";
import type { CompiledOperation } from "./operations.ts";
import { print } from "./print.ts";
import { printReasons, toErrorCodes, toFailures } from "./print-codes.ts";
import { nameSchemas } from "./print-schemas.ts";
import type { SchemaCompiler } from "./schema.ts";

export interface CompiledContract {
  readonly servers: readonly string[];
  readonly operations: ReadonlyMap<string, CompiledOperation>;
  readonly errorCodes: ReadonlyMap<string, CompiledErrorCode>;
  readonly schemaNames: SchemaCompiler["names"];
}

/**
 * Prints a module with the types and the contract of a spec.
 *
 * @param library what the types of the contract are imported from
 * @param apart whether examples are a separate constant, which bundlers can drop
 */
export function printModule(contract: CompiledContract, types: string, library: string, apart: boolean): string {
  const { servers, operations, errorCodes, schemaNames } = contract;
  const bodies = [...operations.values()].flatMap(({ body }) => (body === undefined ? [] : [body]));
  const { declarations, printable } = nameSchemas(bodies, schemaNames);
  const successes = new Map(
    [...operations].flatMap(([name, { success }]) => (success === undefined ? [] : [[name, success]])),
  );
  const failures = toFailures(errorCodes);
  const value = {
    servers,
    operations: new Map(
      [...operations].map(([name, { success: _, body, ...operation }]) => [
        name,
        { ...operation, body: body === undefined ? undefined : printable(body) },
      ]),
    ),
    errorCodes: toErrorCodes(errorCodes),
    examples: apart ? undefined : { successes, failures },
  };
  const imports = ["Contract", ...(apart ? ["Examples"] : []), ...(declarations.length > 0 ? ["Schema"] : [])];
  return [
    `import type { ${imports.join(", ")} } from ${JSON.stringify(library)};\n`,
    types,
    "/** The names of the codes; `unknown` for a code that is not listed. */",
    printReasons("ErrorReason", [...errorCodes.keys(), "unknown"]),
    ...declarations,
    `export const contract: Contract<paths> = ${print(value)};\n`,
    ...(apart
      ? [
          "/** For servers only. */",
          `export const successes: Examples["successes"] = ${print(successes)};\n`,
          "/** For servers only. */",
          `export const failures = ${print(failures)} as const;\n`,
        ]
      : []),
  ].join("\n");
}
