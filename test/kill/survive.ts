/**
 * The kill test: several writers set contacts of few users through the gateway in its production configuration, EngageLab
 * fails in many ways, and workerd is killed while it works. Afterwards nothing that was accepted may be missing.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import getPort from "get-port";
import { VENDOR_CREDENTIALS } from "../../src/emulator.ts";
import { createClient, isEngageLabError } from "../../src/index.ts";
import { root } from "../support/node.ts";
import { createRandomness } from "../support/randomness.ts";
import { type RunningWorker, startWorker } from "../support/wrangler.ts";
import { startUpstream } from "./upstream.ts";

/** Those for which several writers meet, and those that are set now and then. */
const BUSY = ["1", "-2", "9223372036854775807", "10362473", "5"];
const QUIET = Array.from({ length: 40 }, (_, i) => String(100 + i));
const NAMES = ["email", "mobile_phone", "whatsapp_phone"];
const FAULTS = 0.3;
/** ms until all must be delivered after a kill: five faults in a row make waits of up to 45 s, the lease another 7 s. */
const CONVERGENCE = 75_000;

export interface Plan {
  readonly seed: number;
  readonly writers: number;
  readonly updates: number;
  readonly kills: number;
  /** A worker entry instead of the gateway's. */
  readonly entry?: string | undefined;
}

/** One value as its writer knows it. Times are in ms. */
interface Write {
  readonly key: string;
  readonly value: string;
  readonly sent: number;
  /** When the answer came, or the connection broke. */
  ended: number;
  status: number | "none";
}

export interface Outcome {
  readonly seed: number;
  readonly seconds: number;
  readonly counts: Readonly<Record<string, number>>;
  /** Empty if every promise was kept. */
  readonly violations: readonly string[];
}

export async function survive(plan: Plan): Promise<Outcome> {
  const started = performance.now();
  const randomness = createRandomness(plan.seed);
  const upstream = await startUpstream(randomness, FAULTS);
  const persistTo = await mkdtemp(join(tmpdir(), "engagelab-ma-kill-"));
  const port = await getPort({ host: "127.0.0.1" });
  const gateway = `http://127.0.0.1:${port}`;
  const config = join(root, "wrangler.toml");
  const entry = plan.entry === undefined ? {} : { entry: plan.entry };
  const env = {
    ENGAGELAB_API_KEY: VENDOR_CREDENTIALS.apiKey,
    ENGAGELAB_API_SECRET: VENDOR_CREDENTIALS.apiSecret,
    GATEWAY_TOKENS: "writer:token-of-a-writer",
  };
  const vars = { ENGAGELAB_BASE_URL: upstream.url, OPERATOR_TOKENS: "ops:token-of-the-operator" };
  const start = (): Promise<RunningWorker> => startWorker(config, "/healthz", { ...entry, env, vars, port, persistTo });
  const ask = async (path: string, token: string): Promise<{ data: Record<string, unknown> }> => {
    const response = await fetch(gateway + path, { headers: { authorization: `Bearer ${token}` } });
    return (await response.json()) as { data: Record<string, unknown> };
  };

  const writes: Write[] = [];
  const violations: string[] = [];
  /** The number of the next update. */
  let next = 0;
  let unanswered = 0;
  let kills = 0;
  let killed = 0;
  let worker = await start();
  /** Writers wait for it: done while the gateway works. */
  let open: Promise<void> = Promise.resolve();

  async function write(client: ReturnType<typeof createClient>, number: number): Promise<void> {
    const euid = randomness.pick(randomness.chance(0.2) ? QUIET : BUSY);
    const names = NAMES.filter(() => randomness.chance(0.5));
    const contacts = Object.fromEntries((names.length > 0 ? names : NAMES).map((name) => [name, `${name} ${number}`]));
    const sent = performance.now();
    const entries: Write[] = Object.entries(contacts).map(([name, value]) => {
      return { key: `${euid} ${name}`, value, sent, ended: Number.POSITIVE_INFINITY, status: "none" };
    });
    writes.push(...entries);
    unanswered++;
    const headers: Record<string, string> = number % 3 === 0 ? {} : { prefer: "respond-async" };
    const status = await client.setContact({ euid, contacts }, { headers }).then(
      (result) => result.status,
      (error: unknown) => {
        if (!isEngageLabError(error)) throw error;
        return "status" in error ? error.status : "none";
      },
    );
    unanswered--;
    for (const entry of entries) Object.assign(entry, { status, ended: performance.now() });
  }

  /** Whether the gateway reported the value as stored or delivered. */
  const accepted = ({ status }: Write): boolean => status === 200 || status === 202;

  /** Accepted values that are neither set nor replaced by a newer one. */
  function findLost(): string[] {
    return [...Map.groupBy(writes, ({ key }) => key)].flatMap(([key, mine]) => {
      const last = upstream.applied.get(key)?.at(-1)?.value;
      const standing = mine.find(({ value }) => value === last);
      const until = standing?.ended ?? Number.NEGATIVE_INFINITY;
      const lost = mine.filter((entry) => accepted(entry) && entry.sent > until);
      return lost.map(({ value }) => `lost: ${key} = ${value} was accepted, ${last} stands`);
    });
  }

  async function converge(): Promise<void> {
    const deadline = performance.now() + CONVERGENCE;
    // Nobody reads meanwhile: a read of an outbox may wake it.
    while (findLost().length > 0 && performance.now() < deadline) await sleep(100);
    violations.push(...findLost());
    for (const euid of [...BUSY, ...QUIET]) {
      for (;;) {
        const { data } = await ask(`/v1/user/contact/${euid}`, "token-of-a-writer");
        const states = Object.values(data.contacts as Record<string, { state: string }>);
        if (states.every(({ state }) => state !== "pending")) break;
        if (performance.now() > deadline) throw new Error(`${euid} is not delivered: ${JSON.stringify(data)}`);
        await sleep(100);
      }
    }
    const { data } = await ask("/parked", "token-of-the-operator");
    if (!Array.isArray(data.euids) || data.euids.length > 0) violations.push(`parked: ${JSON.stringify(data)}`);
  }

  async function kill(): Promise<void> {
    await sleep(randomness.below(15));
    while (unanswered === 0) await sleep(0);
    kills++;
    killed += unanswered;
    await worker.kill();
    worker = await start();
    while (unanswered > 0) await sleep(10);
    await converge();
  }

  try {
    const killAt = new Set(
      Array.from({ length: plan.kills }, (_, i) => Math.round((plan.updates * (i + 1)) / (plan.kills + 1))),
    );
    await Promise.all(
      Array.from({ length: plan.writers }, async () => {
        const headers = { Authorization: "Bearer token-of-a-writer" };
        const client = createClient({ baseUrl: gateway, headers, maxRetries: 0 });
        while (next < plan.updates && violations.length === 0) {
          await open;
          const number = next++;
          if (killAt.has(number)) open = kill();
          await write(client, number);
          await sleep(randomness.below(20));
        }
      }),
    );
    await open;
    if (violations.length === 0) await converge();
    checkOrder();
    if (upstream.counts.overlaps > 0) violations.push(`${upstream.counts.overlaps} overlapping calls for one EUID`);
  } finally {
    await worker.stop();
    upstream.close();
    await rm(persistTo, { recursive: true, force: true, maxRetries: 5 });
  }

  function checkOrder(): void {
    for (const [key, history] of upstream.applied) {
      let newest = Number.NEGATIVE_INFINITY;
      for (const { value } of history) {
        const [entry] = writes.filter((one) => one.key === key && one.value === value);
        if (entry === undefined) violations.push(`invented: ${key} = ${value}`);
        else if (entry.ended < newest) violations.push(`backwards: ${key} = ${value} was applied after a newer value`);
        newest = Math.max(newest, entry?.sent ?? newest);
      }
    }
    for (const { key, value, ended } of writes.filter(({ status }) => status === 200)) {
      const first = upstream.applied.get(key)?.find((one) => one.value === value);
      if (first === undefined || first.at > ended) violations.push(`200, but not applied: ${key} = ${value}`);
    }
  }

  const count = (status: Write["status"]): number => writes.filter((entry) => entry.status === status).length;
  return {
    seed: plan.seed,
    seconds: (performance.now() - started) / 1000,
    counts: {
      updates: next,
      values: writes.length,
      "answered 200": count(200),
      "answered 202": count(202),
      "not answered": count("none"),
      kills,
      "requests killed": killed,
      "calls to EngageLab": upstream.counts.calls,
      faults: upstream.counts.faults,
    },
    violations,
  };
}
