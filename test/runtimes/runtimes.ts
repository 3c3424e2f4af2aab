/** How the suite gets into each runtime, and its reports out. */
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { EdgeRuntime } from "edge-runtime";
import { NotInstalled } from "../support/installed-browsers.ts";
import { binary, node, root } from "../support/node.ts";
import { npm } from "../support/packed.ts";
import { compatibility_date, startWorker } from "../support/wrangler.ts";
import { browsers } from "./browsers.ts";
import type { Place, Run, Runtime } from "./runtime.ts";

function commandLine(command: string, args: readonly string[] = []): Runtime {
  return async ({ project, server }) => {
    const options = { cwd: project, timeout: 120_000, shell: command.endsWith(".cmd") };
    const { stdout } = await promisify(execFile)(command, [...args, "cli.js", server], options);
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  };
}

/** The npm package that holds nothing but the program: it runs no script when it is installed. */
function nodePackage(version: string): string {
  const platform = process.platform === "win32" ? "win" : process.platform;
  return `${platform === "darwin" ? "node-bin" : "node"}-${platform}-${process.arch}@${version}`;
}

/** Another Node than the one that runs the tests. npm fetches it once, into its own cache. */
function nodeFromNpm(version: string): Runtime {
  return async (place) => {
    const exec = ["exec", "--yes", "--prefer-offline", `--package=${nodePackage(version)}`, "--", "node"];
    const path = await npm(place.project, ...exec, "--print", "process.execPath").catch(() => {
      throw new NotInstalled(`npm ${exec.join(" ")} --version`);
    });
    return commandLine(path.trim())(place);
  };
}

const { resolve } = createRequire(import.meta.url);
const versionOf = async (name: string): Promise<string> =>
  JSON.parse(await readFile(resolve(`${name}/package.json`), "utf8")).version;

/** A Worker at the production compatibility date, without nodejs_compat. */
async function workerd({ project, server }: Place): Promise<Run> {
  const config = join(project, "wrangler.json");
  await writeFile(config, JSON.stringify({ name: "contract-suite", main: "worker.js", compatibility_date }));
  const worker = await startWorker(config, "/");
  try {
    const response = await fetch(`${worker.url}/?server=${encodeURIComponent(server)}`);
    return { version: await versionOf("workerd"), reports: await response.json() };
  } finally {
    await worker.stop();
  }
}

/** What Vercel's edge functions and middleware run in. */
async function edgeRuntime({ project, server }: Place): Promise<Run> {
  const edge = new EdgeRuntime();
  edge.evaluate(await readFile(join(project, "edge.js"), "utf8"));
  const reports = await edge.evaluate(`contract.run(${JSON.stringify(server)})`);
  return { version: await versionOf("edge-runtime"), reports };
}

/** An environment of component tests, as users have it: in vitest. */
function dom(environment: string): Runtime {
  return async ({ project, server }) => {
    const file = join(project, `${environment}.json`);
    const vitest = join(root, "node_modules/vitest/vitest.mjs");
    const args = [vitest, "run", "--root", project, "--environment", environment, "dom.test.js"];
    // happy-dom keeps reading a cancelled body and throws an uncatchable error. Only the reports count.
    args.push("--dangerouslyIgnoreUnhandledErrors");
    const { code, stdout, stderr } = await node(project, args, { SERVER: server, REPORTS_FILE: file });
    if (code !== 0) throw new Error(stdout + stderr);
    return { version: await versionOf(environment), reports: JSON.parse(await readFile(file, "utf8")) };
  };
}

/** By the name in the table. */
export const runtimes: Readonly<Record<string, Runtime>> = {
  "Node 20": nodeFromNpm("20.0.0"), // the oldest that package.json allows
  "Node 22": nodeFromNpm("22.23.3"),
  "Node 24": nodeFromNpm("24.21.0"),
  "Node 26": commandLine(process.execPath),
  Deno: commandLine(binary("deno"), [
    ...["run", "--no-prompt", "--allow-net=127.0.0.1", "--allow-env", "--node-modules-dir=manual"],
  ]),
  Bun: commandLine(binary("bun"), ["run"]),
  "Cloudflare Workers (workerd)": workerd,
  "Vercel Edge Runtime": edgeRuntime,
  ...browsers,
  "Vitest with jsdom": dom("jsdom"),
  "Vitest with happy-dom": dom("happy-dom"),
};
