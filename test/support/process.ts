/** A process that runs until it is stopped, and what it prints. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { windows } from "./node.ts";

export interface RunningProcess {
  /** The output so far. */
  output(): string;
  /** Resolves to the match once the output has one. */
  prints(pattern: RegExp): Promise<RegExpExecArray>;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Runs a script on the Node that runs the tests. */
export function start(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): RunningProcess {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  return {
    output: () => output,
    async prints(pattern) {
      for (const deadline = Date.now() + 60_000; Date.now() < deadline; await wait(50)) {
        const match = pattern.exec(output);
        if (match) return match;
        if (!isRunning()) break;
      }
      throw new Error(`no ${pattern} in:\n${output}`);
    },
    async stop(signal = "SIGINT") {
      if (!isRunning()) return;
      const exited = once(child, "exit");
      // Windows knows no signals: what the process has started would live on.
      if (windows) spawnSync("taskkill", ["/pid", String(child.pid), "/t", "/f"]);
      else child.kill(signal);
      await exited;
    },
  };
}
