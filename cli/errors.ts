import { type AnyEngageLabError, isEngageLabError } from "../src/index.ts";

/** The exit codes of every command. */
export const EXIT = { done: 0, failed: 1, couldNotRun: 2, interrupted: 130 } as const;

/** Ends a command with one or two sentences on stderr. */
export class CommandError extends Error {
  readonly exitCode: number;

  /** @param exitCode default: 2, the command could not run */
  constructor(message: string, exitCode: number = EXIT.couldNotRun) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The text to print for an error: its message, code and advice, never a stack. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!isEngageLabError(error, "api")) return error.message;
  const { message, code, solution } = error;
  return `${message.replace(/\.$/, "")} (code ${code}). ${solution ?? ""}`.trim();
}

/** The same for a call, in whole sentences, with what is known of its outcome. */
export function describeCall(error: AnyEngageLabError): string {
  const text = describe(error).replace(/\.?$/, ".");
  return error.outcome === "unknown" ? `${text} It may have been applied.` : text;
}
