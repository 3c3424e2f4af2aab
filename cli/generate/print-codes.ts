import type { CompiledErrorCode } from "./error-codes.ts";
import { print } from "./print.ts";

type ErrorCodes = ReadonlyMap<string, CompiledErrorCode>;

/** What the client knows of each code, by code. */
export function toErrorCodes(codes: ErrorCodes): ReadonlyMap<string, object> {
  const sorted = [...codes].sort(([, a], [, b]) => a.code - b.code);
  return new Map(sorted.map(([reason, { code, message: _, ...rest }]) => [String(code), { reason, ...rest }]));
}

/** The envelope of each code, by reason. */
export function toFailures(codes: ErrorCodes): ReadonlyMap<string, object> {
  return new Map([...codes].map(([reason, { code, message }]) => [reason, { code, message }]));
}

/** The type of the reasons. */
export function printReasons(name: string, reasons: readonly string[]): string {
  return `export type ${name} =${reasons.map((reason) => `\n  | ${JSON.stringify(reason)}`).join("")};\n`;
}

/** Prints a module with the codes of a gateway. */
export function printCodes(codes: ErrorCodes, library: string): string {
  return [
    `import type { ErrorCode } from ${JSON.stringify(library)};\n`,
    "/** The names of the gateway's own codes. */",
    printReasons("GatewayReason", [...codes.keys()]),
    "/** The gateway's own codes. Every client knows them, whatever its contract. */",
    `export const gatewayErrorCodes: Readonly<Record<number, ErrorCode>> = ${print(toErrorCodes(codes))};\n`,
    "/** The envelopes of the gateway's own failures. */",
    `export const gatewayFailures = ${print(toFailures(codes))} as const;\n`,
  ].join("\n");
}
