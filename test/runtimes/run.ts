/**
 * Runs the contract suite on the runtimes named (all, where none is), with the installed tarball, and prints a table.
 *
 *     npm run test:runtimes
 *     npm run test:deno
 */
import { join } from "node:path";
import { build } from "esbuild";
import type { Report } from "../contract/run.ts";
import { suite } from "../contract/suite.ts";
import { pack } from "../support/packed.ts";
import { runtimes } from "./runtimes.ts";
import { startEmulator } from "./server.ts";

const asked = process.argv.slice(2);
const names = asked.length > 0 ? asked : Object.keys(runtimes);

/** Why a report is no proof, or nothing. */
function fault({ passed, failed }: Report): string | undefined {
  const others = failed.filter(({ name }) => name !== "canary");
  if (others.length > 0) return others.map(({ name, message }) => `  ${name}: ${message}`).join("\n");
  if (failed.length === 0) return "  the canary did not fail: nothing is really checked here";
  if (passed.length !== suite.length) return `  ${passed.length} of ${suite.length} cases were run`;
  return undefined;
}

const packed = await pack();
const emulator = await startEmulator();
const rows: Array<Record<string, string>> = [];
try {
  await build({
    entryPoints: ["cli", "run"].map((name) => join(import.meta.dirname, `../contract/${name}.ts`)),
    outdir: packed.project,
    bundle: true,
    format: "esm",
    target: "es2022",
    external: ["engagelab-ma", "engagelab-ma/emulator"],
  });
  for (const name of names) {
    const runtime = runtimes[name];
    if (runtime === undefined) throw new Error(`no runtime ${name}: there are ${Object.keys(runtimes).join(", ")}`);
    try {
      const { version, report } = await runtime(packed.project, emulator.url);
      const problem = fault(report);
      rows.push({
        runtime: name,
        version,
        transport: report.transport,
        passed: `${report.passed.length}/${suite.length}`,
      });
      if (problem !== undefined) throw new Error(problem);
    } catch (error) {
      process.exitCode = 1;
      console.error(`${name} failed:\n${error instanceof Error ? error.message : error}\n`);
      if (rows.at(-1)?.runtime !== name) rows.push({ runtime: name, version: "?", transport: "?", passed: "none" });
    }
  }
} finally {
  emulator.close();
  await packed.remove();
}
console.table(rows);
