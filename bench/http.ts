/** Part 2: calls over loopback HTTP with keep-alive. Prints JSON: requests a second, and p50 and p99 in ms. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { essential } from "./contestants.ts";
import { load, summarize } from "./load.ts";

const quick = process.argv.includes("--quick");
const ROUNDS = quick ? 2 : 10;
const CALLS = quick ? 200 : 2000;

const server = fork(new URL("./http-server.ts", import.meta.url));
const [port] = await once(server, "message");
const contestants = essential((url, init) => fetch(url, init), `http://127.0.0.1:${port}`);
const names = ["fetch by hand", "engagelab-ma"] as const;

const results: Record<string, object> = {};
for (const concurrency of [1, 50]) {
  const rounds = Object.fromEntries(names.map((name) => [name, { rates: [] as number[], latencies: [] as number[] }]));
  for (const name of names) await load(contestants[name], concurrency, CALLS); // warm
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of round % 2 ? names : names.toReversed()) {
      const { latencies, rate } = await load(contestants[name], concurrency, CALLS);
      rounds[name]?.rates.push(rate);
      rounds[name]?.latencies.push(...latencies);
    }
  }
  for (const [name, { rates, latencies }] of Object.entries(rounds)) {
    results[`${name}, concurrency ${concurrency}`] = summarize(rates, latencies);
  }
}
console.log(JSON.stringify(results));
server.disconnect();
