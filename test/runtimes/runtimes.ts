/** How the suite gets into each runtime, and its report out. */
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Report } from "../contract/run.ts";
import { binary } from "../support/node.ts";
import { compatibility_date, startWorker } from "../support/wrangler.ts";
import { runInChromium } from "./chromium.ts";

export interface Run {
  readonly version: string;
  readonly report: Report;
}

/** @param server the base URL of the emulator */
export type Runtime = (project: string, server: string) => Promise<Run>;

const execute = promisify(execFile);
// In a nested `npm run` this is the project's own Node: so `npm test` calls run.ts by itself.
const { npm_node_execpath: machineNode = process.execPath } = process.env;

function commandLine(command: string, args: string[], versionOf: string): Runtime {
  return async (project, server) => {
    const options = { cwd: project, timeout: 120_000, shell: command.endsWith(".cmd") };
    const version = await execute(command, ["-p", versionOf], options).catch(() =>
      execute(command, ["eval", "-p", versionOf], options),
    );
    const { stdout } = await execute(command, [...args, "cli.js", server], options);
    return { version: version.stdout.trim(), report: JSON.parse(stdout.trim().split("\n").at(-1) ?? "") };
  };
}

/** A Worker at the production compatibility date, without nodejs_compat. */
async function workerd(project: string, server: string): Promise<Run> {
  const source = `import { run } from "./run.js";
export default {
  async fetch(request) {
    const server = new URL(request.url).searchParams.get("server");
    return server === null ? new Response("ready") : Response.json(await run(server));
  },
};
`;
  await writeFile(join(project, "worker.js"), source);
  const config = join(project, "wrangler.json");
  await writeFile(config, JSON.stringify({ name: "contract-suite", main: "worker.js", compatibility_date }));
  const worker = await startWorker(config, "/");
  try {
    const response = await fetch(`${worker.url}/?server=${encodeURIComponent(server)}`);
    const manifest = createRequire(import.meta.url).resolve("workerd/package.json");
    return { version: JSON.parse(await readFile(manifest, "utf8")).version, report: await response.json() };
  } finally {
    await worker.stop();
  }
}

export const runtimes: Readonly<Record<string, Runtime>> = {
  node: commandLine(process.execPath, [], "process.versions.node"),
  "node-oldest": commandLine(machineNode, [], "process.versions.node"),
  deno: commandLine(
    binary("deno"),
    ["run", "--no-prompt", "--allow-net=127.0.0.1", "--node-modules-dir=manual"],
    "Deno.version.deno",
  ),
  bun: commandLine(binary("bun"), ["run"], "Bun.version"),
  workerd,
  chromium: runInChromium,
};
