/** Each example, as it stands, with the installed package, against the emulator over HTTP. */
import { execFile } from "node:child_process";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { VENDOR_CREDENTIALS } from "../../src/emulator.ts";
import { startEmulator } from "../runtimes/server.ts";
import { launchChromium } from "../support/chromium.ts";
import { binary, root } from "../support/node.ts";
import type { LoopbackServer } from "../support/serve.ts";
import { serveSite } from "../support/site.ts";
import { compatibility_date, type RunningWorker, startWorker } from "../support/wrangler.ts";

const { project } = inject("packed");
const SECRETS = {
  ENGAGELAB_API_KEY: VENDOR_CREDENTIALS.apiKey,
  ENGAGELAB_API_SECRET: VENDOR_CREDENTIALS.apiSecret,
};
let emulator: LoopbackServer;

beforeAll(async () => {
  await cp(join(root, "examples"), project, { recursive: true });
  emulator = await startEmulator();
});
afterAll(() => emulator.close());

const control = async (name: string) => (await fetch(`${emulator.url}/control/${name}`, { method: "POST" })).json();
const SET = { "10362473": { email: "12@gmail.com" } };
beforeEach(() => control("reset"));

test.each([
  ["node.ts", process.execPath, []],
  ["bun.ts", binary("bun"), []],
  ["deno.ts", binary("deno"), ["run", "--allow-env", "--allow-net", "--node-modules-dir=manual"]],
])("%s", async (file, command, args) => {
  const env = { ...process.env, ...SECRETS, ENGAGELAB_BASE_URL: emulator.url, NO_COLOR: "1" };
  const options = { cwd: project, env, shell: command.endsWith(".cmd") };
  const { stdout } = await promisify(execFile)(command, [...args, file], options);
  expect(stdout).toMatch(/code: 0/);
  expect(await control("contacts")).toEqual(SET);
});

test.each(["node", "emulator"])("%s.ts is plain JavaScript, for a Node that runs nothing else", async (name) => {
  await cp(join(project, `${name}.ts`), join(project, `${name}.mjs`));
  await promisify(execFile)(process.execPath, ["--check", join(project, `${name}.mjs`)]);
});

test("worker.ts", async () => {
  const args = [join(project, "worker.ts"), "--compatibility-date", compatibility_date];
  const vars = { ...SECRETS, ENGAGELAB_BASE_URL: emulator.url };
  const worker = await startWorker(undefined, "/", { args, vars });
  try {
    expect(await (await fetch(worker.url)).json()).toEqual({ code: 0, message: "success", status: 200 });
    expect(await control("contacts")).toEqual(SET);
  } finally {
    await worker.stop();
  }
});

test("browser.html", async () => {
  const { outputFiles } = await build({
    stdin: { contents: 'export * from "engagelab-ma";', resolveDir: project },
    bundle: true,
    format: "esm",
    write: false,
  });
  const site = await serveSite(project);
  const variables = ["--var", `ENGAGELAB_BASE_URL:${emulator.url}`, "--var", `ALLOWED_ORIGINS:${site.url}`];
  const env = { ...SECRETS, GATEWAY_TOKENS: "page:t" };
  let browser: Browser | undefined;
  let gateway: RunningWorker | undefined;
  try {
    browser = await launchChromium();
    gateway = await startWorker(join(root, "wrangler.toml"), "/healthz", { env, args: variables });
    const tab = await browser.newPage();
    await tab.route("https://esm.sh/**", (route) => route.abort());
    await tab.goto(`${site.url}/browser.html`);
    await tab.getByLabel("Token").fill("t");
    await tab.getByRole("button").click();
    expect(tab.url(), "without its script").toBe(`${site.url}/browser.html`);
    // What esm.sh would serve once the package is published.
    await tab.route("https://esm.sh/engagelab-ma@0.1", (route) =>
      route.fulfill({
        contentType: "text/javascript",
        headers: { "access-control-allow-origin": "*" },
        body: outputFiles[0]?.text ?? "",
      }),
    );
    await tab.goto(`${site.url}/browser.html`);
    await tab.getByLabel("Gateway").fill(gateway.url);
    for (const [token, answer] of [
      ["wrong", "A valid token is required"],
      ["t", "success"],
    ] as const) {
      await tab.getByLabel("Token").fill(token);
      await tab.getByRole("button").click();
      await tab.getByText(answer).waitFor();
    }
    expect(await control("contacts")).toEqual(SET);
  } finally {
    await Promise.all([browser?.close(), gateway?.stop()]);
    site.close();
  }
});
