/**
 * The kill test, in its long form.
 *
 *     npm run test:kill                  ten runs with ten seeds; writes test/kill/runs.md
 *     npm run test:kill -- --seed 7      one run with this seed
 *     npm run test:kill -- --faulty      gateways with one fault each, which must be noticed; writes test/kill/faulty.md
 */
import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../support/node.ts";
import { FAULTY } from "./faulty.ts";
import { type Outcome, survive } from "./survive.ts";

const LONG = { writers: 8, updates: 400, kills: 3 };
const SEEDS = 10;

const { values: flags } = parseArgs({
  options: { seed: { type: "string" }, faulty: { type: "boolean", default: false } },
});
const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" }).trim();

async function run(seed: number, entry?: string): Promise<Outcome> {
  const outcome = await survive({ ...LONG, seed, entry });
  const { seconds, counts, violations } = outcome;
  const told = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  console.log(`seed ${seed}: ${told.join(", ")}, ${seconds.toFixed(0)} s: ${violations.length} violations`);
  for (const violation of violations.slice(0, 5)) console.log(`  ${violation}`);
  return outcome;
}

async function report(name: string, title: string, rows: readonly (readonly unknown[])[]): Promise<void> {
  const [head = [], ...body] = rows.map((cells) => `| ${cells.join(" | ")} |`);
  const lines = [`# ${title}`, "", `Written by \`npm run test:kill\`. Commit ${commit}.`, "", head];
  const rule = `|${"---|".repeat(rows[0]?.length ?? 0)}`;
  await writeFile(join(import.meta.dirname, name), `${[...lines, rule, ...body].join("\n")}\n`);
}

if (flags.faulty) {
  const rows: unknown[][] = [["fault", "updates until it is noticed", "violations", "kinds"]];
  for (const [name, entry] of Object.entries(FAULTY)) {
    console.log(name);
    const { counts, violations } = await run(1, entry);
    const kinds = new Set(violations.map((violation) => violation.replace(/[:=].*| \d+|^\d+ /s, "")));
    rows.push([name, counts.updates, violations.length, [...kinds].join(", ")]);
    if (violations.length === 0) process.exitCode = 1;
  }
  await report("faulty.md", "Kill test: gateways with one fault", rows);
} else if (flags.seed !== undefined) {
  const { violations } = await run(Number(flags.seed));
  process.exitCode = violations.length > 0 ? 1 : 0;
} else {
  const outcomes: Outcome[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) outcomes.push(await run(seed));
  const columns = Object.keys(outcomes[0]?.counts ?? {});
  const rows = outcomes.map(({ seed, counts, seconds, violations }) => [
    ...[seed, ...columns.map((column) => counts[column]), seconds.toFixed(0), violations.length],
  ]);
  await report("runs.md", "Kill test: ten seeds", [["seed", ...columns, "seconds", "violations"], ...rows]);
  if (outcomes.some(({ violations }) => violations.length > 0)) process.exitCode = 1;
}
