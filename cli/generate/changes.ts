import { readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import type { Files } from "./spec.ts";

const INTERVAL_MS = 200;

/**
 * Waits until a file differs from what was read. It looks at the files themselves: that holds for editors that replace
 * them, for folders in containers, and for a change that comes while the last one is still at work.
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
