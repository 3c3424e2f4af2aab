/** Part 1: a call in process. Prints, as JSON, the median of each contestant in µs, and the bytes it allocates. */
import { bench, run } from "mitata";
import { all, essential } from "./contestants.ts";
import { answer } from "./stub.ts";

declare const process: { argv: string[] };

/** Calls for each sample: one alone is too short for the clock. */
const BATCH = 100;

// Other runtimes get the essential ones.
const contestants = process.argv.includes("--all") ? all(answer) : essential(answer);
for (const [name, call] of Object.entries(contestants)) {
  bench(name, async () => {
    for (let i = 0; i < BATCH; i++) await call();
  });
}
const { benchmarks } = await run({ format: "quiet" });
const rows = benchmarks.map(({ alias, runs: [first] }) => {
  if (!first?.stats) throw new Error(`${alias} failed: ${first?.error}`);
  const { p50, heap } = first.stats;
  return [alias, { µs: p50 / 1000 / BATCH, bytes: heap && heap.avg / BATCH }];
});
console.log(JSON.stringify(Object.fromEntries(rows)));
