/**
 * The kill test, in its long form.
 *
 *     npm run test:kill                    ten runs with ten seeds; writes the numbers into docs/gateway.md
 *     npm run test:kill -- --seed 7        one run, with this seed
 *     npm run test:kill -- --bite          the gateway with one promise broken at a time: each must turn red
 */
import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { replaceMarked } from "../../scripts/docs.ts";
import { withEdits } from "../support/edited.ts";
import { root } from "../support/node.ts";
import { BITES } from "./bites.ts";
import { type Outcome, survive } from "./survive.ts";

const LONG = { writers: 8, updates: 400, kills: 3 };
const DOC = join(root, "docs/gateway.md");

const { values: flags } = parseArgs({
  options: { seed: { type: "string" }, bite: { type: "boolean", default: false } },
});
const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" }).trim();

function report({ seed, seconds, counts, violations }: Outcome): void {
  const told = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  console.log(
    `commit ${commit}, seed ${seed}: ${told.join(", ")}, ${seconds.toFixed(0)} s: ${violations.length} violations`,
  );
  for (const violation of violations.slice(0, 5)) console.log(`  ${violation}`);
}

async function record(mark: string, lines: readonly string[]): Promise<void> {
  await writeFile(DOC, replaceMarked(await readFile(DOC, "utf8"), mark, [`Commit ${commit}.`, "", ...lines]));
}

if (flags.bite) {
  const rows: string[] = [];
  for (const [name, edits] of Object.entries(BITES)) {
    const outcome = await withEdits(edits, (config) => survive({ ...LONG, seed: 1, config }));
    console.log(name);
    report(outcome);
    const kinds = [...new Set(outcome.violations.map((violation) => violation.replace(/[:=].*| \d+|^\d+ /s, "")))];
    rows.push(`| ${name} | ${outcome.counts.updates} | ${outcome.violations.length} | ${kinds.join(", ")} |`);
    if (outcome.violations.length === 0) process.exitCode = 1;
  }
  await record("bites", [
    "| what is broken | updates until it is noticed | violations | of which kinds |",
    "|---|---|---|---|",
    ...rows,
  ]);
} else if (flags.seed !== undefined) {
  const outcome = await survive({ ...LONG, seed: Number(flags.seed) });
  report(outcome);
  process.exitCode = outcome.violations.length > 0 ? 1 : 0;
} else {
  const outcomes: Outcome[] = [];
  for (let seed = 1; seed <= 10; seed++) {
    const outcome = await survive({ ...LONG, seed });
    report(outcome);
    outcomes.push(outcome);
  }
  const columns = Object.keys(outcomes[0]?.counts ?? {});
  const rows = outcomes.map(({ seed, counts, seconds, violations }) =>
    ["", seed, ...columns.map((column) => counts[column]), seconds.toFixed(0), violations.length, ""]
      .join(" | ")
      .trim(),
  );
  const head = ["", "seed", ...columns, "seconds", "violations", ""].join(" | ").trim();
  await record("runs", [head, `|${"---|".repeat(columns.length + 3)}`, ...rows]);
  if (outcomes.some(({ violations }) => violations.length > 0)) process.exitCode = 1;
}
