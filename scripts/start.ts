/**
 * The local mode: the gateway as in production (wrangler.toml, in workerd) before an emulator of EngageLab. Offline.
 *
 *     npm start
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { serve } from "@hono/node-server";
import getPort, { portNumbers } from "get-port";
import { sign } from "hono/jwt";
import { createEmulator, VENDOR_CREDENTIALS } from "../src/emulator.ts";

const PREFERRED_PORT = 8787;
const TOKEN = "local-token";
const OPERATOR = "local-operator";
const EUID = "10362473";
const BODY = `{"euid":${EUID},"contacts":{"mobile_phone":"18023456879","email":"12@gmail.com"}}`;

const root = new URL("..", import.meta.url);
const emulator = createEmulator({ unique: ["email"] });
const upstream = serve({ fetch: (request) => emulator.fetch(request), hostname: "127.0.0.1", port: 0 });
await once(upstream, "listening");
const upstreamAddress = upstream.address();
if (upstreamAddress === null || typeof upstreamAddress === "string") throw new Error("the emulator has no port");
const upstreamUrl = `http://127.0.0.1:${upstreamAddress.port}`;

const port = await getPort({ host: "127.0.0.1", port: portNumbers(PREFERRED_PORT, PREFERRED_PORT + 100) });
if (port !== PREFERRED_PORT) console.log(`Port ${PREFERRED_PORT} is busy, so this is port ${port}.`);
const url = `http://127.0.0.1:${port}`;

const secrets = {
  ENGAGELAB_API_KEY: VENDOR_CREDENTIALS.apiKey,
  ENGAGELAB_API_SECRET: VENDOR_CREDENTIALS.apiSecret,
  GATEWAY_TOKENS: `local:${TOKEN}`,
};
const variables = {
  ENGAGELAB_BASE_URL: upstreamUrl,
  OPERATOR_TOKENS: `local:${OPERATOR}`,
  PAGE_TOKEN_KEY: "local-key-for-the-tokens-of-pages",
  ALLOWED_ORIGINS: process.env.ALLOWED_ORIGINS ?? "",
  CONSOLE: "on",
};
const pageToken = await sign(
  { sub: EUID, exp: Math.floor(Date.now() / 1000) + 3600 },
  variables.PAGE_TOKEN_KEY,
  "HS256",
);
const state = mkdtempSync(join(tmpdir(), "engagelab-ma-"));
const wrangler = spawn(
  process.execPath,
  [
    fileURLToPath(new URL("node_modules/wrangler/bin/wrangler.js", root)),
    "dev",
    ...["--ip", "127.0.0.1", "--port", String(port), "--inspector-port", String(await getPort())],
    ...["--log-level", "warn", "--show-interactive-dev-session", "false"],
    ...["--persist-to", state],
    ...Object.entries(variables).flatMap(([name, value]) => ["--var", `${name}:${value}`]),
  ],
  {
    cwd: fileURLToPath(root),
    env: { ...process.env, ...secrets, WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false" },
    stdio: ["ignore", "inherit", "inherit"],
  },
);
wrangler.once("exit", (code, signal) => {
  upstream.close();
  rmSync(state, { recursive: true, force: true, maxRetries: 5 });
  process.exitCode = code ?? (signal === "SIGINT" || signal === "SIGTERM" ? 0 : 1);
});
// Ctrl-C reaches wrangler too where there is a terminal; it ends its own children.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => wrangler.kill(signal));

/** Resolves to whether the gateway answers before wrangler ends. */
async function ready(): Promise<boolean> {
  while (wrangler.exitCode === null && wrangler.signalCode === null) {
    const response = await fetch(`${url}/healthz`).catch(() => undefined);
    if (response?.ok) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

if (await ready()) {
  console.log(`
The gateway listens on ${url}, before an emulator of EngageLab on ${upstreamUrl}.
Ctrl-C ends both, and forgets what they hold. Set a contact, here or on the page ${url}/ with the token ${TOKEN}:

curl -sS ${url}/v1/user/contact -H "Authorization: Bearer ${TOKEN}" -H "Content-Type: application/json" -d ${JSON.stringify(BODY)}

What became of it, and, for operators, what is parked:

curl -sS ${url}/v1/user/contact/${EUID} -H "Authorization: Bearer ${TOKEN}"
curl -sS ${url}/parked -H "Authorization: Bearer ${OPERATOR}"

A page of another origin, which ALLOWED_ORIGINS in the environment of npm start lists, takes this token of the user, which is
good for an hour (PAGE_TOKEN_KEY is ${variables.PAGE_TOKEN_KEY}):

${pageToken}
`);
}
