/** Part 1: a call in process. Prints, as JSON, the median of each contestant in µs, and the bytes it allocates. */
import { measure } from "mitata";
import { all, essential } from "./contestants.ts";
import { answer } from "./stub.ts";

declare const process: { argv: string[]; memoryUsage?: () => { heapUsed: number } };

/** Calls for each sample: one alone is too short for the clock. */
const BATCH = 100;
const ROUNDS = process.argv.includes("--quick") ? 3 : 20;

// Other runtimes get the essential ones.
const contestants = Object.entries(process.argv.includes("--all") ? all(answer) : essential(answer));
const heap = () => process.memoryUsage?.().heapUsed ?? Number.NaN;
const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

// In turns, so that the machine's good and bad seconds fall on all of them. The first rounds warm up.
const rounds = contestants.map(([name, call]) => ({ name, call, times: [] as number[], bytes: [] as number[] }));
for (let round = -2; round < ROUNDS; round++) {
  for (const { call, times, bytes } of rounds) {
    const batch = async () => {
      for (let i = 0; i < BATCH; i++) await call();
    };
    const stats = await measure(batch, { min_cpu_time: 2e8, heap });
    if (round < 0) continue;
    times.push(stats.p50 / 1000 / BATCH);
    bytes.push((stats.heap?.avg ?? Number.NaN) / BATCH);
  }
}
const rows = rounds.map(({ name, times, bytes }) => [name, { µs: median(times), bytes: median(bytes) }]);
console.log(JSON.stringify(Object.fromEntries(rows)));
