/**
 * Part 5: the gateway under wrangler beside a bare pass-through Worker, on one machine. Prints JSON: requests a second and
 * p50 and p99 in ms at concurrency 50, the first request in ms, and the size of the bundle in kB (gzip).
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../test/support/node.ts";
import { compatibility_date, dryRun, startWorker } from "../test/support/wrangler.ts";
import { load, summarize } from "./load.ts";
import { CREDENTIALS } from "./stub.ts";

const quick = process.argv.includes("--quick");
const ROUNDS = quick ? 2 : 5;
const CALLS = quick ? 300 : 2_000;
const MANY = quick ? 300 : 10_000;
const CONCURRENCY = 50;
/** Each may make 1,000 requests a second. */
const CALLERS = Array.from({ length: 20 }, (_, i) => `caller${i}:token-of-caller-${i}`);

const unlimitedEntry = join(import.meta.dirname, "gateway-unlimited.ts");
const silentEntry = join(import.meta.dirname, "gateway-silent.ts");

const folder = await mkdtemp(join(tmpdir(), "engagelab-ma-bench-"));
const server = fork(new URL("./http-server.ts", import.meta.url));
const [port] = await once(server, "message");
const upstream = `http://127.0.0.1:${port}`;

const config = join(folder, "wrangler.json");
const main = join(import.meta.dirname, "pass-through.ts");
await writeFile(config, JSON.stringify({ name: "pass-through", main, compatibility_date }));
const production = join(root, "wrangler.toml");
const secrets = {
  ENGAGELAB_API_KEY: CREDENTIALS.apiKey,
  ENGAGELAB_API_SECRET: CREDENTIALS.apiSecret,
  GATEWAY_TOKENS: CALLERS.join(","),
};

/** In kB, gzip, as reported by wrangler. */
async function bundleSize(file: string): Promise<number> {
  const { stdout } = await dryRun(file, folder, secrets);
  return Number(/gzip: ([\d.]+) KiB/.exec(stdout)?.[1]) * 1.024;
}

const body = (euid: number) =>
  JSON.stringify({ euid, contacts: { email: "12@gmail.com", mobile_phone: "18023456879" } });
let sent = 0;

/** Sets the contacts of one user after the other, of so many. */
function setter(url: string, users: number, headers: Record<string, string> = {}): () => Promise<void> {
  return async () => {
    const number = sent++;
    const [, token = ""] = CALLERS[number % CALLERS.length]?.split(":") ?? [];
    const response = await fetch(`${url}/v1/user/contact`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}`, ...headers },
      body: body(1 + (number % users)),
    });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    await response.text();
  };
}

/** Waits until what was stored has been delivered, so that it does not slow down what is measured next. */
async function settle(): Promise<void> {
  for (let before = -1, now = 0; before !== now; ) {
    before = now;
    await sleep(500);
    now = Number(await (await fetch(`${upstream}/count`)).text());
  }
}

async function firstRequest(call: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await call();
  return performance.now() - start;
}

const startGateway = (entry: { readonly entry?: string } = {}) =>
  startWorker(production, "/healthz", { ...entry, env: secrets, vars: { ENGAGELAB_BASE_URL: upstream } });

async function run(): Promise<void> {
  const passThrough = await startWorker(config, "/", { vars: { UPSTREAM: upstream } });
  const gateway = await startGateway();
  const unlimited = await startGateway({ entry: unlimitedEntry });
  const silent = await startGateway({ entry: silentEntry });
  try {
    const async = { prefer: "respond-async" };
    const contestants = {
      "pass-through": setter(passThrough.url, 100),
      "synchronous, 100 outboxes": setter(gateway.url, 100),
      "… without the rate limiter": setter(unlimited.url, 100),
      "… nor the line of log": setter(silent.url, 100),
      [`synchronous, ${MANY.toLocaleString("en-US")} outboxes`]: setter(gateway.url, MANY),
      "respond-async, 100 outboxes": setter(gateway.url, 100, async),
      [`respond-async, ${MANY.toLocaleString("en-US")} outboxes`]: setter(gateway.url, MANY, async),
    };
    const first = {
      "pass-through": await firstRequest(contestants["pass-through"]),
      "synchronous, 100 outboxes": await firstRequest(contestants["synchronous, 100 outboxes"]),
    };
    // Afterwards all outboxes exist and all code is warm. Too many at once would exceed the limit of open files.
    for (const call of Object.values(contestants)) {
      await load(call, CONCURRENCY, MANY);
      await settle();
    }

    const newRow = (name: string, call: () => Promise<void>) => {
      return { name, call, rates: [] as number[], latencies: [] as number[] };
    };
    const measure = async ({ call, rates, latencies }: ReturnType<typeof newRow>) => {
      const measured = await load(call, CONCURRENCY, CALLS);
      rates.push(measured.rate);
      latencies.push(...measured.latencies);
    };
    const rounds = Object.entries(contestants).map(([name, call]) => newRow(name, call));
    for (let round = 0; round < ROUNDS; round++) {
      for (const one of round % 2 ? rounds : rounds.toReversed()) {
        await measure(one);
        await settle();
      }
    }
    // By now each of the 100 outboxes has had hundreds of updates.
    const late = newRow("synchronous, 100 outboxes, at the end", contestants["synchronous, 100 outboxes"]);
    for (let round = 0; round < ROUNDS; round++) await measure(late);
    rounds.push(late);
    const rows = rounds.map(({ name, rates, latencies }): [string, Record<string, number>] => [
      name,
      summarize(rates, latencies),
    ]);
    const results = Object.fromEntries(rows);
    const sizes = {
      "pass-through": await bundleSize(config),
      "synchronous, 100 outboxes": await bundleSize(production),
    };
    for (const name of ["pass-through", "synchronous, 100 outboxes"] as const) {
      Object.assign(results[name] ?? {}, { "first request ms": first[name], "bundle kB": sizes[name] });
    }
    console.log(JSON.stringify(results));
  } finally {
    await Promise.all([passThrough, gateway, unlimited, silent].map((worker) => worker.stop()));
  }
}

await run();
server.disconnect();
await rm(folder, { recursive: true, force: true });
