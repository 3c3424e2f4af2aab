import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** The folder of the project. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url));

/** What Windows lacks: signals, process groups, `sh`. Tests that need one are skipped there. */
export const windows: boolean = process.platform === "win32";

/** A program of a development dependency. A `.cmd` runs in a shell only. */
export function binary(name: string): string {
  return join(root, "node_modules/.bin", windows ? `${name}.cmd` : name);
}

/** The scripts of the TypeScript compilers that users have. */
export const COMPILERS = {
  "TypeScript 5": join(root, "node_modules/typescript/bin/tsc"),
  "TypeScript 7": join(root, "node_modules/typescript7/bin/tsc"),
};

/** Runs a script on the Node that runs the tests, to its end. */
export async function node(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code: child.exitCode, stdout, stderr };
}
