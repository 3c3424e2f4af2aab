/**
 * Measures everything side by side, each part in a process of its own.
 *
 *     npm run bench                  prints tables, and writes bench/README.md and bench/chart.svg
 *     npm run bench -- --quick       a short run that writes nothing
 *     npm run bench -- --json        prints JSON
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { build } from "esbuild";
import { binary } from "../test/support/node.ts";
import { startWorker } from "../test/support/wrangler.ts";
import type { Results } from "./goals.ts";
import { chart, goalRows, machine, markdown } from "./report.ts";

const { values: flags } = parseArgs({ options: { quick: { type: "boolean" }, json: { type: "boolean" } } });
const quick = flags.quick ? ["--quick"] : [];
const here = import.meta.dirname;
const root = join(here, "..");
const execute = promisify(execFile);
type Rows = Record<string, Record<string, number>>;

async function json(command: string, args: string[]): Promise<Rows> {
  const { stdout } = await execute(command, args, { cwd: root, maxBuffer: 2 ** 26 });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}
const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const part = (name: string, ...args: string[]) => json(process.execPath, [join(here, `${name}.ts`), ...args, ...quick]);
/** Not for times: a collection that is asked for slows what comes after it. */
const withGc = (name: string, ...args: string[]) =>
  json(process.execPath, ["--expose-gc", join(here, `${name}.ts`), ...args, ...quick]);

/** The bundle that runs anywhere. */
async function bundle(entry: string, folder: string): Promise<string> {
  const outfile = join(folder, `${entry}.mjs`);
  await build({
    entryPoints: [join(here, `${entry}.ts`)],
    outfile,
    bundle: true,
    format: "esm",
    // As for a page: the fetch variants of the libraries, and no Node built-ins.
    platform: "browser",
    external: ["node:*", "bun:*"],
    logLevel: "error",
  });
  return outfile;
}

/** Per call: the difference between many and few calls in one request, which leaves the request itself out. */
async function inWorkerd(folder: string): Promise<Rows> {
  await bundle("call-worker", folder);
  const config = join(folder, "wrangler.json");
  const worker = { name: "bench", main: "call-worker.mjs", compatibility_date: "2026-10-23" };
  await writeFile(config, JSON.stringify(worker));
  const { url, stop } = await startWorker(config, "/");
  const ask = async (name: string, calls: number) => {
    const start = performance.now();
    await (await fetch(`${url}/?name=${encodeURIComponent(name)}&calls=${calls}`)).text();
    return performance.now() - start;
  };
  const [few, many] = flags.quick ? [100, 600] : [1000, 11_000];
  const rows: Record<string, number[]> = { "fetch by hand": [], "engagelab-ma": [], "openapi-fetch": [] };
  try {
    for (let round = 0; round < (flags.quick ? 3 : 15); round++) {
      for (const [name, times] of Object.entries(rows)) {
        const base = await ask(name, few);
        times.push((((await ask(name, many)) - base) / (many - few)) * 1000);
      }
    }
  } finally {
    await stop();
  }
  return Object.fromEntries(Object.entries(rows).map(([name, times]) => [name, { µs: median(times) }]));
}

const folder = await mkdtemp(join(tmpdir(), "engagelab-ma-bench-"));
const script = await bundle("call", folder);
const results: Record<string, Rows> = {
  "call on Node": await part("call", "--all"),
  "call on Deno": await json(binary("deno"), ["run", "-A", script, ...quick]),
  "call on Bun": await json(binary("bun"), [script, ...quick]),
  "call on workerd": await inWorkerd(folder),
  setContacts: await part("set-contacts"),
  HTTP: await part("http"),
  memory: await withGc("memory"),
  size: await part("size"),
  gateway: await part("gateway"),
  generate: await part("generate"),
  import: await part("import", "--json"),
};
await rm(folder, { recursive: true });

const version = async (command: string, args: string[]) => (await execute(command, args)).stdout.trim();
const versions = {
  Node: process.versions.node,
  Deno: (await version(binary("deno"), ["--version"])).split(" ")[1] ?? "",
  Bun: await version(binary("bun"), ["--version"]),
};
const commit = await version("git", ["-C", root, "rev-parse", "--short", "HEAD"]).catch(() => "no commit");
const about = `${new Date().toISOString().slice(0, 10)}, commit ${commit}, on ${machine(versions)}.`;

if (flags.json) console.log(JSON.stringify({ about, results }));
else {
  console.log(about);
  for (const [name, rows] of Object.entries(results)) {
    console.log(`\n${name}`);
    console.table(rows);
  }
  for (const row of goalRows(results as Results)) console.log(row.join(" | "));
}
if (!flags.quick) {
  await writeFile(join(here, "README.md"), markdown(results, about));
  await writeFile(join(here, "chart.svg"), chart(results));
}
