/** What the commands write. */
import { statSync } from "node:fs";
import { CommandError } from "./errors.ts";

/** @throws CommandError if the path is a folder or a device: replacing /dev/null would break the machine */
export function requireRegularFile(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined || stats.isFile()) return;
  throw cannotWrite(path, stats.isDirectory() ? "it is a folder" : "it is not a regular file");
}

export function cannotWrite(path: string, reason: unknown): CommandError {
  return new CommandError(`${path} can't be written: ${reason instanceof Error ? reason.message : reason}.`);
}

/** @throws CommandError if `write` fails */
export function attempt<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw error instanceof CommandError ? error : cannotWrite(path, error);
  }
}
