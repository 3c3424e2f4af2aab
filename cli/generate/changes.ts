import { readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import type { Files } from "./spec.ts";

const INTERVAL_MS = 200;

/**
 * Waits until a file differs from what was read. Reading the files again also works for editors that replace them, for
 * mounted folders, and for changes made while the module was being generated.
 *
 * @throws the reason of the signal
 */
export async function waitForChange(files: Files, signal: AbortSignal): Promise<void> {
  while (!(await hasChanged(files))) await setTimeout(INTERVAL_MS, undefined, { signal });
}

async function hasChanged(files: Files): Promise<boolean> {
  for (const [file, text] of files) {
    if (/^https?:/.test(file)) continue;
    const now = await readFile(file, "utf8").catch(() => undefined);
    if (now?.replaceAll("\r\n", "\n") !== text) return true;
  }
  return false;
}
