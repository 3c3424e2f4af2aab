/**
 * Runs the contract suite with the installed tarball, and prints a table.
 *
 *     npm run test:runtimes                 every runtime; fails if the table in README.md is stale
 *     npm run test:runtimes -- deno node    those whose names begin like this
 *     npm run test:runtimes -- --write      writes the table
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import type { Report, Reports } from "../contract/run.ts";
import { NotInstalled } from "../support/installed-browsers.ts";
import { root } from "../support/node.ts";
import { pack } from "../support/packed.ts";
import { browsers } from "./browsers.ts";
import type { Runtime } from "./runtime.ts";
import { runtimes } from "./runtimes.ts";
import { startEmulator } from "./server.ts";
import { type Outcome, updateTable } from "./table.ts";

/** More at a time would not be faster on two cores: half of a run is waiting. */
const CONCURRENCY = 4;
const README = join(root, "README.md");
const INSTALLS_EVERYTHING = Boolean(process.env.CI) && process.platform === "linux";

const write = process.argv.includes("--write");
const asked = process.argv.slice(2).filter((argument) => argument !== "--write");
const chosen = Object.entries(runtimes).filter(
  ([name]) => asked.length === 0 || asked.some((one) => name.toLowerCase().startsWith(one.toLowerCase())),
);
if (chosen.length === 0) throw new Error(`no such runtime: there are ${Object.keys(runtimes).join(", ")}`);

const packed = await pack();
// Only now: the suite imports the package, which `npm pack` has just built.
const { suite } = await import("../contract/suite.ts");

/** The reason if a report proves nothing. */
function fault({ passed, failed }: Report): string | undefined {
  const unexpected = failed.filter(({ name }) => name !== "canary");
  if (unexpected.length > 0) return unexpected.map(({ name, message }) => `${name}: ${message}`).join("\n  ");
  if (failed.length === 0) return "the canary passed: nothing is really checked";
  if (passed.length !== suite.length) return `${passed.length} of ${suite.length} cases ran`;
  return undefined;
}

const faults = (reports: Reports): string[] =>
  Object.entries(reports).flatMap(([transport, report]) => {
    const problem = fault(report);
    return problem === undefined ? [] : [`${transport}:\n  ${problem}`];
  });

async function outcomeOf(runtime: Runtime, project: string): Promise<Outcome> {
  const emulator = await startEmulator();
  try {
    const { version, reports } = await runtime({ project, server: emulator.url });
    const problems = faults(reports);
    if (problems.length > 0) return { kind: "failed", message: problems.join("\n") };
    return { kind: "passed", version, cases: suite.length };
  } catch (error) {
    const notInstalled = error instanceof NotInstalled && !INSTALLS_EVERYTHING;
    return {
      kind: notInstalled ? "not installed" : "failed",
      message: error instanceof Error ? error.message : String(error),
    };
  } finally {
    emulator.close();
  }
}

/** The suite for each way into a runtime. The package itself stays outside, for a runtime to find. */
async function bundleSuite(project: string): Promise<void> {
  const entry = (name: string) => join(root, "test/contract", name);
  const common = { bundle: true, target: "es2022" } as const;
  await build({
    ...common,
    entryPoints: ["cli.ts", "worker.ts", "page.ts", "dom.test.ts"].map(entry),
    outdir: project,
    format: "esm",
    external: ["engagelab-ma", "engagelab-ma/emulator", "vitest", "node:*"],
  });
  // The edge runtime evaluates scripts only, no modules.
  const contents = 'export { run } from "./run.ts";';
  await build({
    ...common,
    stdin: { contents, resolveDir: entry("") },
    nodePaths: [join(project, "node_modules")],
    outfile: join(project, "edge.js"),
    format: "iife",
    globalName: "contract",
  });
}

const outcomes = new Map<string, Outcome>();
try {
  await bundleSuite(packed.project);
  const queue = chosen.values();
  const work = async () => {
    for (const [name, runtime] of queue) outcomes.set(name, await outcomeOf(runtime, packed.project));
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
} finally {
  await packed.remove();
}

const names = Object.keys(runtimes);
const inOrder = new Map([...outcomes].sort(([one], [other]) => names.indexOf(one) - names.indexOf(other)));
console.table(
  Object.fromEntries(
    Array.from(inOrder, ([name, outcome]) => [
      name,
      outcome.kind === "passed"
        ? { version: outcome.version, "in process": outcome.cases, "over HTTP": outcome.cases }
        : { version: outcome.kind },
    ]),
  ),
);
for (const [name, outcome] of inOrder) {
  if (outcome.kind !== "passed") console.error(`${name}: ${outcome.message}\n`);
  if (outcome.kind === "failed") process.exitCode = 1;
}

if (asked.length === 0 && process.exitCode !== 1) {
  const readme = await readFile(README, "utf8");
  const updated = updateTable(readme, inOrder, write ? [] : Object.keys(browsers));
  if (updated !== readme && write) await writeFile(README, updated);
  else if (updated !== readme) {
    console.error("README.md is stale. Run: npm run test:runtimes -- --write");
    process.exitCode = 1;
  }
}
