/** The suite in a page, and the way of a page: the gateway on another origin, with a token and without the secret. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import type { Browser, Page } from "playwright-core";
import { VENDOR_CREDENTIALS } from "../../src/emulator.ts";
import type { Report } from "../contract/run.ts";
import { launchChromium } from "../support/chromium.ts";
import { root } from "../support/node.ts";
import { type RunningWorker, startWorker } from "../support/wrangler.ts";
import type { Run } from "./runtimes.ts";

const TOKEN = "token-of-the-page";

/** The installed files as they are: no bundler between. */
const PAGE = `<!doctype html>
<title>engagelab-ma</title>
<script type="importmap">
  {
    "imports": {
      "engagelab-ma": "/node_modules/engagelab-ma/dist/index.js",
      "engagelab-ma/emulator": "/node_modules/engagelab-ma/dist/emulator.js",
      "openapi-fetch": "/node_modules/openapi-fetch/dist/index.mjs"
    }
  }
</script>
`;

/** A real origin on loopback: from another, Chromium lets a page not reach loopback servers. */
export async function servePage(project: string): Promise<{ origin: string; close(): void }> {
  const app = new Hono();
  app.get("/", (c) => c.html(PAGE));
  app.use(serveStatic({ root: project }));
  const server = createServer(getRequestListener(app.fetch)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** What a page gets from a gateway: the code or the kind of each call. */
function callGateway(page: Page, baseUrl: string): Promise<unknown[]> {
  return page.evaluate(
    async ([baseUrl, token]) => {
      const { createClient, isEngageLabError } = await import("engagelab-ma");
      const set = async (euid: number, authorization: string) => {
        const client = createClient({ baseUrl, headers: { authorization }, maxRetries: 0 });
        try {
          return (await client.setContact({ euid, contacts: { email: "12@gmail.com" } })).code;
        } catch (error) {
          if (!isEngageLabError(error)) throw error;
          return error.kind === "api" ? error.reason : error.kind;
        }
      };
      return [await set(1, `Bearer ${token}`), await set(2, `Bearer ${token}`), await set(3, "Bearer wrong")];
    },
    [baseUrl, TOKEN] as const,
  );
}

function useSecret(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const { createClient } = await import("engagelab-ma");
    try {
      createClient({ apiKey: "key", apiSecret: "secret" });
    } catch (error) {
      return String(error);
    }
    return "a secret was taken";
  });
}

export async function runInChromium(project: string, server: string): Promise<Run> {
  const site = await servePage(project);
  const secrets = {
    ENGAGELAB_API_KEY: VENDOR_CREDENTIALS.apiKey,
    ENGAGELAB_API_SECRET: VENDOR_CREDENTIALS.apiSecret,
    GATEWAY_TOKENS: `page:${TOKEN}`,
  };
  const vars = { ENGAGELAB_BASE_URL: server, ALLOWED_ORIGINS: site.origin };
  let browser: Browser | undefined;
  let gateway: RunningWorker | undefined;
  try {
    browser = await launchChromium();
    gateway = await startWorker(join(root, "wrangler.toml"), "/healthz", { env: secrets, vars });
    const page = await browser.newPage();
    await page.goto(site.origin);
    const report: Report = await page.evaluate(async () => (await import("/run.js" as "../contract/run.ts")).run());
    await fetch(`${server}/control/reset`, { method: "POST" });
    assert.deepEqual(await callGateway(page, gateway.url), [0, "contact_already_set", "unauthorized"]);
    assert.match(await useSecret(page), /dangerouslyAllowBrowser/);
    // The same page at an origin that is not in the list: the browser lets nothing through.
    await page.goto(site.origin.replace("127.0.0.1", "localhost"));
    assert.deepEqual(await callGateway(page, gateway.url), ["network", "network", "network"]);
    return { version: browser.version(), report };
  } finally {
    await Promise.all([browser?.close(), gateway?.stop()]);
    site.close();
  }
}
