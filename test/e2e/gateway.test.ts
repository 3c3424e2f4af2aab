/** The gateway under wrangler, with its production configuration. */
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, test, vi } from "vitest";
import { createEmulator, VENDOR_CREDENTIALS } from "../../src/emulator.ts";
import { createClient } from "../../src/index.ts";
import { FAULTY } from "../kill/faulty.ts";
import { survive } from "../kill/survive.ts";
import { root } from "../support/node.ts";
import { serve } from "../support/serve.ts";
import { dryRun, startWorker } from "../support/wrangler.ts";

const SECRETS = {
  ENGAGELAB_API_KEY: VENDOR_CREDENTIALS.apiKey,
  ENGAGELAB_API_SECRET: VENDOR_CREDENTIALS.apiSecret,
  GATEWAY_TOKENS: "crm:token-of-the-crm",
};
const CONFIG = join(root, "wrangler.toml");

test.concurrent("nothing accepted is lost when workerd is killed (npm run test:kill is the long form)", {
  timeout: 300_000,
}, async () => {
  const { counts, violations } = await survive({ seed: Date.now() % 1e6, writers: 8, updates: 120, kills: 1 });
  expect(violations).toEqual([]);
  expect(counts).toMatchObject({ updates: 120, kills: 1 });
  expect(counts["answered 202"]).toBeGreaterThan(0);
  expect(counts["requests killed"]).toBeGreaterThan(0);
});

// On a busy machine an attempt may time out after 5 s although EngageLab gets its request. The gateway then sends the
// update again, in another slot and as another counted attempt, so more requests than updates may arrive.
test.concurrent("EngageLab gets at most OUTBOUND_RATE requests per second, all counted by the gateway", async () => {
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
    // A client that retries would hand in the same update twice.
    const client = createClient({ baseUrl: worker.url, headers, maxRetries: 0, timeout: false, totalTimeout: false });
    const euids = Array.from({ length: updates }, (_, i) => i);
    const started = performance.now();
    await Promise.all(euids.map((euid) => client.setContact({ euid, contacts: { email: `${euid}@example.org` } })));
    let counted = 0;
    for (const euid of euids) {
      await vi.waitUntil(
        async () => {
          const response = await fetch(`${worker.url}/v1/user/contact/${euid}`, { headers });
          const { data } = (await response.json()) as {
            data: { contacts: { email: { state: string; attempts: number } } };
          };
          const { state, attempts } = data.contacts.email;
          if (state !== "delivered") return false;
          counted += attempts;
          return true;
        },
        { timeout: 120_000, interval: 100 },
      );
    }
    expect(emulator.contacts.size).toBe(updates);
    expect(arrivals.length).toBeLessThanOrEqual(counted);
    // A request leaves in its slot or later, and the first slot is not before the first update: so this bound needs no
    // tolerance but for the clock of workerd, which stands still while an event runs.
    const tolerance = 0.1 * rate;
    for (const [i, arrival] of arrivals.entries()) {
      expect(i).toBeLessThanOrEqual(((arrival - started) / 1000) * rate + tolerance);
    }
  } finally {
    await worker.stop();
    upstream.close();
  }
}, 180_000);

/** @returns what wrangler prints */
async function deploy(...entry: string[]): Promise<string> {
  const outdir = await mkdtemp(join(tmpdir(), "engagelab-ma-deploy-"));
  try {
    const { code, stdout, stderr } = await dryRun(CONFIG, outdir, SECRETS, entry);
    expect(code, stdout + stderr).toBe(0);
    const [bundle = "index"] = entry.map((path) => basename(path, ".ts"));
    expect((await stat(join(outdir, `${bundle}.js`))).size).toBeGreaterThan(0);
    return stdout;
  } finally {
    await rm(outdir, { recursive: true, force: true });
  }
}

test("wrangler accepts it for deployment", async () => {
  const printed = await deploy();
  for (const binding of ["OUTBOX", "REGISTRY", "CALLER_LIMIT", "PAGE_LIMIT", "KEEP_DAYS", "CONSOLE"]) {
    expect(printed).toContain(binding);
  }
});

test.each(Object.entries(FAULTY))("the kill test's gateway that %s can be built", async (_, entry) => {
  await deploy(entry);
});
