/** The gateway under wrangler, with its production configuration. */
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { createEmulator, VENDOR_CREDENTIALS } from "../../src/emulator.ts";
import { createClient } from "../../src/index.ts";
import { BITES } from "../kill/bites.ts";
import { survive } from "../kill/survive.ts";
import { withEdits } from "../support/edited.ts";
import { root } from "../support/node.ts";
import { serve } from "../support/serve.ts";
import { dryRun, startWorker } from "../support/wrangler.ts";

const SECRETS = {
  ENGAGELAB_API_KEY: VENDOR_CREDENTIALS.apiKey,
  ENGAGELAB_API_SECRET: VENDOR_CREDENTIALS.apiSecret,
  GATEWAY_TOKENS: "crm:token-of-the-crm",
};
const CONFIG = join(root, "wrangler.toml");

test("nothing accepted is lost when workerd is killed (npm run test:kill is the long form)", {
  timeout: 300_000,
}, async () => {
  const { counts, violations } = await survive({ seed: Date.now() % 1e6, writers: 8, updates: 120, kills: 1 });
  expect(violations).toEqual([]);
  expect(counts).toMatchObject({ updates: 120, kills: 1 });
  expect(counts["answered 202"]).toBeGreaterThan(0);
  expect(counts["requests killed"]).toBeGreaterThan(0);
});

test("no more than OUTBOUND_RATE goes to EngageLab", async () => {
  const rate = 20;
  const updates = 100;
  const emulator = createEmulator();
  const arrivals: number[] = [];
  const upstream = await serve((request) => {
    arrivals.push(performance.now());
    return emulator.fetch(request);
  });
  const vars = { ENGAGELAB_BASE_URL: upstream.url, OUTBOUND_RATE: String(rate) };
  const worker = await startWorker(CONFIG, "/healthz", { env: SECRETS, vars });
  try {
    const headers = { Authorization: "Bearer token-of-the-crm", Prefer: "respond-async" };
    const client = createClient({ baseUrl: worker.url, headers });
    const set = (euid: number) => client.setContact({ euid, contacts: { email: `${euid}@example.org` } });
    await Promise.all(Array.from({ length: updates }, (_, euid) => set(euid)));
    while (emulator.contacts.size < updates) await sleep(50);
    const [first = 0] = arrivals;
    const seconds = ((arrivals.at(-1) ?? 0) - first) / 1000;
    // A slot is good for 2 s, so as many may come earlier than they would one by one.
    expect(arrivals.length).toBe(updates);
    expect(seconds).toBeGreaterThanOrEqual((updates - 1) / rate - 2);
  } finally {
    await worker.stop();
    upstream.close();
  }
});

/** @returns what wrangler prints */
async function deploy(config: string): Promise<string> {
  const outdir = await mkdtemp(join(tmpdir(), "engagelab-ma-deploy-"));
  try {
    const { code, stdout, stderr } = await dryRun(config, outdir, SECRETS);
    expect(code, stdout + stderr).toBe(0);
    expect((await stat(join(outdir, "index.js"))).size).toBeGreaterThan(0);
    return stdout;
  } finally {
    await rm(outdir, { recursive: true, force: true });
  }
}

test("wrangler takes it for a deployment", async () => {
  const printed = await deploy(CONFIG);
  for (const binding of ["MAILBOX", "OFFICE", "CALLER_LIMIT", "PAGE_LIMIT", "KEEP_DAYS", "CONSOLE"]) {
    expect(printed).toContain(binding);
  }
});

test.each(Object.entries(BITES))("a gateway with one promise broken can still be made of it: %s", async (_, edits) => {
  await withEdits(edits, deploy);
});
