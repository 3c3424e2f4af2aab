/** The command line as users run it: the installed package, on each runtime, in a folder of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { binary } from "./node.ts";

/** Runs the script that follows. */
export type Runtime = readonly [command: string, ...args: string[]];

export const NODE: Runtime = [process.execPath];

/** The oldest Node that is supported is the machine's own; the project's is newer. */
export const RUNTIMES: readonly (readonly [name: string, runtime: Runtime])[] = [
  ["Node", NODE],
  ["the machine's Node", [process.env.npm_node_execpath ?? process.execPath]],
  ["Bun", [binary("bun")]],
  ["Deno", [binary("deno"), "run", "-A", "--node-modules-dir=manual"]],
];

export interface CliOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly runtime?: Runtime;
  /** Standard input. */
  readonly input?: string;
}

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both. */
  readonly output: string;
}

/** @param script dist/cli.js of the installed package */
export function startCli(script: string, args: readonly string[], { cwd, env = {}, runtime = NODE }: CliOptions) {
  const [command, ...before] = runtime;
  const { ENGAGELAB_API_KEY, ENGAGELAB_API_SECRET, ENGAGELAB_TOKEN, ENGAGELAB_BASE_URL, ...clean } = process.env;
  return spawn(command, [...before, script, ...args], {
    cwd,
    env: { ...clean, NO_COLOR: "1", ...env },
    shell: command.endsWith(".cmd"),
  });
}

export async function ended(child: ChildProcess): Promise<CliResult> {
  const [stdout, stderr] = await Promise.all([
    child.stdout ? text(child.stdout) : "",
    child.stderr ? text(child.stderr) : "",
    once(child, "close"),
  ]);
  return { code: child.exitCode, stdout, stderr, output: stdout + stderr };
}

export function runCli(script: string, args: readonly string[], options: CliOptions): Promise<CliResult> {
  const child = startCli(script, args, options);
  child.stdin.end(options.input);
  return ended(child);
}
