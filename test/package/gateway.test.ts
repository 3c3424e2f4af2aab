/** docs/gateway.md, step by step as it is written, with the installed package in a folder that has nothing else. */
import { exec } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import getPort from "get-port";
import { sign } from "hono/jwt";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { launchChromium } from "../support/chromium.ts";
import { COMPILERS, node, root, windows } from "../support/node.ts";
import { type RunningProcess, start } from "../support/process.ts";

const { project } = inject("packed");
const installed = join(project, "node_modules/engagelab-ma");
const wranglerScript = join(root, "node_modules/wrangler/bin/wrangler.js");
const guide = await readFile(join(installed, "docs/gateway.md"), "utf8");

/** The blocks of a language, in order. */
function blocks(language: string): string[] {
  return Array.from(guide.matchAll(new RegExp(`^\`\`\`${language}\n(.+?)^\`\`\``, "gms")), ([, text = ""]) => text);
}

const [config = ""] = blocks("toml");
const [secrets = ""] = blocks("json");
const [settings = ""] = blocks("ini");
const conflict = blocks("sh").find((block) => block.includes("curl $CONTACT")) ?? "";

let folder = "";
let port = 0;
let emulator: RunningProcess;
let gateway: RunningProcess;
let browser: Browser;

/** The ports of the guide may be taken. */
const withPorts = (text: string, emulatorPort: number) =>
  text.replaceAll("8788", String(emulatorPort)).replaceAll("8787", String(port));

let devVars = "";

/** Starts `wrangler dev` in the folder, with a `.dev.vars`. */
async function startGateway(vars: string): Promise<void> {
  await writeFile(join(folder, ".dev.vars"), vars);
  const ports = ["--port", String(port), "--inspector-port", String(await getPort())];
  gateway = start(folder, [wranglerScript, "dev", ...ports, "--show-interactive-dev-session", "false"]);
  await gateway.prints(/Ready on/);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "engagelab-ma-"));
  await mkdir(join(folder, "node_modules"));
  // As `npm install engagelab-ma wrangler` leaves them.
  await symlink(installed, join(folder, "node_modules/engagelab-ma"), "junction");
  await symlink(join(root, "node_modules/wrangler"), join(folder, "node_modules/wrangler"), "junction");
  await writeFile(join(folder, "wrangler.toml"), config);
  await writeFile(join(folder, "secrets.json"), secrets);
  const emulatorPort = await getPort({ host: "127.0.0.1" });
  port = await getPort({ host: "127.0.0.1" });
  devVars = `${withPorts(settings, emulatorPort)}ALLOWED_ORIGINS=https://app.example.org\n`;
  const cli = join(installed, "dist/cli.js");
  emulator = start(folder, [cli, "emulator", "--unique", "email", "--port", String(emulatorPort)]);
  [browser] = await Promise.all([launchChromium(), emulator.prints(/listens/), startGateway(devVars)]);
});

afterAll(async () => {
  await Promise.all([browser?.close(), gateway?.stop(), emulator?.stop()]);
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

const url = () => `http://127.0.0.1:${port}`;

test("the guide's deploy takes the guide's files", async () => {
  const args = ["deploy", "--secrets-file", "secrets.json", "--dry-run", "--outdir", "dry-run"];
  const { code, stdout, stderr } = await node(folder, [wranglerScript, ...args], { WRANGLER_SEND_METRICS: "false" });
  expect([code, stderr]).toEqual([0, ""]);
  for (const name of ["OUTBOX", "REGISTRY", "CALLER_LIMIT", "PAGE_LIMIT", "KEEP_DAYS"]) expect(stdout).toContain(name);
  const bundle = await readFile(join(folder, "dry-run/gateway.js"), "utf8");
  expect(bundle).toContain("ENGAGELAB_BASE_URL");
});

test.skipIf(windows)("a conflict is parked; the console shows and retries it, and the log says why", async () => {
  const { stdout } = await promisify(exec)(withPorts(conflict, 0), { shell: "bash" });
  expect(stdout).toBe('{"code":0,"message":"success"}{"code":0,"message":"stored"}');
  await gateway.prints(/^\{.*"euid":"2","outcome":"parked".*"kind":"api","code":55014.*\}$/m);
  const page = await browser.newPage();
  await page.goto(`${url()}/#parked`);
  await page.getByLabel("Operator's token").first().fill("local-operator");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Retry 2" }).click();
  await page.getByText("2 is being retried").waitFor();
  await gateway.prints(/"outcome":"retry"(?:.|\n)*"euid":"2","outcome":"parked".*55014/);
  await page.close();
});

test("page tokens and CORS work from .dev.vars, too", async () => {
  const key = "local-key-for-the-tokens-of-pages";
  const token = await sign({ sub: "1", exp: Math.floor(Date.now() / 1000) + 60 }, key, "HS256");
  const headers = { authorization: `Bearer ${token}`, origin: "https://app.example.org" };
  const response = await fetch(`${url()}/v1/user/contact/1`, { headers });
  expect([response.status, response.headers.get("access-control-allow-origin")]).toEqual([200, headers.origin]);
});

test("if EngageLab can't be reached, the log says why, and when the next attempt is due", async () => {
  await emulator.stop();
  const headers = { authorization: "Bearer local-token", "content-type": "application/json" };
  const body = '{"euid":3,"contacts":{"email":"3@gmail.com"}}';
  expect((await fetch(`${url()}/v1/user/contact`, { method: "POST", headers, body })).status).toBe(202);
  await gateway.prints(
    /"euid":"3","outcome":"retry","attempts":1,"kind":"network","cause":"CONNECTION_LOST","nextAttempt":"/,
  );
});

test.each([
  ["OUTBOUND_RATE", "OUTBOUND_RATE=none", "OUTBOUND_RATE must be a number"],
  ["KEEP_DAYS", "KEEP_DAYS=none", "KEEP_DAYS must be a number"],
  ["ENGAGELAB_BASE_URL", "", "ENGAGELAB_BASE_URL must be set; in production to https://"],
])("without a valid %s in .dev.vars everybody gets 503, and the log says why", async (name, line, fault) => {
  await gateway.stop();
  await startGateway(`${devVars.replace(new RegExp(`^${name}=.*\n`, "m"), "")}${line}\n`);
  expect((await fetch(`${url()}/healthz`)).status).toBe(503);
  await gateway.prints(new RegExp(`"outcome":"unavailable","error":"${fault}`));
});

test("the types fit a Worker that mounts the gateway", async () => {
  const types = join(root, "node_modules/@cloudflare/workers-types");
  await mkdir(join(folder, "node_modules/@cloudflare"), { recursive: true });
  await symlink(types, join(folder, "node_modules/@cloudflare/workers-types"), "junction");
  await writeFile(
    join(folder, "mounted.ts"),
    `import gateway, { type GatewayEnv, Outbox, Registry } from "engagelab-ma/gateway";
export { Outbox, Registry };
export default {
  async fetch(request, env, ctx) {
    // @ts-expect-error: the binding is called OUTBOX
    env.QUEUE;
    return new URL(request.url).pathname === "/mine" ? new Response("mine") : gateway.fetch(request, env, ctx);
  },
} satisfies ExportedHandler<GatewayEnv>;
`,
  );
  const compilerOptions = {
    ...{ strict: true, noEmit: true, target: "es2022", module: "es2022", moduleResolution: "bundler" },
    ...{ lib: ["es2022"], types: ["@cloudflare/workers-types"], preserveSymlinks: true },
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["mounted.ts"] }));
  expect((await node(folder, [COMPILERS["TypeScript 5"], "-p", "."])).stdout).toBe("");
});
