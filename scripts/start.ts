/**
 * The gateway as in production (wrangler.toml, in workerd), with an EngageLab emulator behind it. Works offline.
 *
 *     npm start
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import getPort, { portNumbers } from "get-port";
import { sign } from "hono/jwt";
import { serveEmulator } from "../cli/emulator/server.ts";
import { VENDOR_CREDENTIALS } from "../src/emulator.ts";
import { toLogLine } from "./log-line.ts";

const PREFERRED_PORT = 8787;
const TOKEN = "local-token";
const OPERATOR = "local-operator";
const EUID = "10362473";

const root = fileURLToPath(new URL("..", import.meta.url));
const state = await mkdtemp(join(tmpdir(), "engagelab-ma-"));

const emulator = await serveEmulator({ port: 0, unique: ["email"], log: () => undefined });

const port = await getPort({ host: "127.0.0.1", port: portNumbers(PREFERRED_PORT, PREFERRED_PORT + 100) });
if (port !== PREFERRED_PORT) console.log(`Port ${PREFERRED_PORT} is busy, so this is port ${port}.`);
const url = `http://127.0.0.1:${port}`;

const settings = {
  ENGAGELAB_API_KEY: VENDOR_CREDENTIALS.apiKey,
  ENGAGELAB_API_SECRET: VENDOR_CREDENTIALS.apiSecret,
  ENGAGELAB_BASE_URL: emulator.url,
  GATEWAY_TOKENS: `local:${TOKEN}`,
  OPERATOR_TOKENS: `operator:${OPERATOR}`,
  PAGE_TOKEN_KEY: "local-key-for-the-tokens-of-pages",
  ALLOWED_ORIGINS: process.env.ALLOWED_ORIGINS ?? "",
  CONSOLE: "on",
};
const wrangler = spawn(
  process.execPath,
  [
    join(root, "node_modules/wrangler/bin/wrangler.js"),
    "dev",
    ...["--ip", "127.0.0.1", "--port", String(port), "--inspector-port", String(await getPort())],
    ...["--show-interactive-dev-session", "false", "--persist-to", join(state, "objects")],
    // Variables on the command line win over a .dev.vars.
    ...Object.entries(settings).flatMap(([name, value]) => ["--var", `${name}:${value}`]),
  ],
  {
    cwd: root,
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false", NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  },
);
/** What wrangler says of itself: shown only if it fails. */
const chatter: string[] = [];
for (const stream of [wrangler.stdout, wrangler.stderr]) {
  createInterface({ input: stream }).on("line", (line) => {
    const event = toLogLine(line, new Date());
    if (event) console.log(event);
    else if (line.includes("[ERROR]")) console.error(line);
    else chatter.push(line);
  });
}
wrangler.once("exit", async (code, signal) => {
  emulator.close();
  await rm(state, { recursive: true, force: true, maxRetries: 5 });
  process.exitCode = code ?? (signal === "SIGINT" || signal === "SIGTERM" ? 0 : 1);
  if (process.exitCode !== 0) console.error(chatter.join("\n"));
});
// In a terminal, Ctrl-C reaches wrangler as well; it ends its own children.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => wrangler.kill(signal));

/** Whether the gateway answers before wrangler ends. */
async function ready(): Promise<boolean> {
  while (wrangler.exitCode === null && wrangler.signalCode === null) {
    const response = await fetch(`${url}/healthz`).catch(() => undefined);
    if (response?.ok) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

if (await ready()) {
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const pageToken = await sign({ sub: EUID, exp }, settings.PAGE_TOKEN_KEY, "HS256");
  const bearer = (token: string) => `-H 'Authorization: Bearer ${token}'`;
  const contact = `${url}/v1/user/contact`;
  console.log(`
The gateway runs on ${url}, with an EngageLab emulator on ${emulator.url}.
Ctrl-C stops both and deletes what they hold.

Open the console, with tokens and an EUID filled in:

${url}/#token=${TOKEN}&operator=${OPERATOR}&euid=${EUID}

Or set a contact, then see its state and what is parked:

curl -sS ${contact} ${bearer(TOKEN)} --json '{"euid":${EUID},"contacts":{"email":"12@gmail.com"}}'
curl -sS ${contact}/${EUID} ${bearer(TOKEN)}
curl -sS ${url}/parked ${bearer(OPERATOR)}

To get a parked value, give another user the same email, without waiting for the answer:

curl -sS ${contact} ${bearer(TOKEN)} -H 'Prefer: respond-async' --json '{"euid":2,"contacts":{"email":"12@gmail.com"}}'

A page token for user ${EUID}, valid for an hour (list the page's origin in ALLOWED_ORIGINS):

${pageToken}

What happens next is logged here: time, EUID, outcome, details.
`);
}
