import { isEngageLabError } from "../src/index.ts";

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

/** The text to print for an error: its message and the contract's advice, never a stack. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const advice = isEngageLabError(error, "api") ? error.solution : undefined;
  return advice === undefined ? error.message : `${error.message}. ${advice}`;
}
