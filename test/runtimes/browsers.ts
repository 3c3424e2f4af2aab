/** The suite in a page, and the way of a page: the gateway on another origin, with a token and without the secret. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { Hono } from "hono";
import { VENDOR_CREDENTIALS } from "../../src/emulator.ts";
import type { PageReport, PageTask } from "../contract/page.ts";
import { launchChromium } from "../support/chromium.ts";
import { type OpenPage, openFirefox, openWebKit } from "../support/installed-browsers.ts";
import { root } from "../support/node.ts";
import { serveSite } from "../support/site.ts";
import { startWorker } from "../support/wrangler.ts";
import type { Runtime } from "./runtime.ts";

const TOKEN = "token-of-the-page";
const LIMIT_MS = 120_000;

/** The installed files as they are: no bundler in between. */
const PAGE = `<!doctype html>
<title>engagelab-ma</title>
<script>
  const report = ({ message, reason }) => fetch("/report/fault", { method: "POST", body: message ?? String(reason) });
  addEventListener("error", report, true);
  addEventListener("unhandledrejection", report);
</script>
<script type="importmap">
  {
    "imports": {
      "engagelab-ma": "/node_modules/engagelab-ma/dist/index.js",
      "engagelab-ma/emulator": "/node_modules/engagelab-ma/dist/emulator.js",
      "openapi-fetch": "/node_modules/openapi-fetch/dist/index.mjs"
    }
  }
</script>
<script type="module" src="/page.js"></script>
`;

/** Serves the page and resolves to its reports. */
async function serveReportingPage(project: string) {
  const page = Promise.withResolvers<PageReport>();
  const secondOrigin = Promise.withResolvers<unknown[]>();
  const fault = (message: string) => {
    for (const { reject } of [page, secondOrigin]) reject(new Error(message));
  };
  const routes = new Hono()
    .get("/", (c) => c.html(PAGE))
    .post("/report/page", async (c) => {
      page.resolve(await c.req.json());
      return c.body(null, 204);
    })
    .post("/report/second-origin", async (c) => {
      secondOrigin.resolve(await c.req.json());
      return c.body(null, 204);
    })
    .post("/report/fault", async (c) => {
      fault(await c.req.text());
      return c.body(null, 204);
    });
  const { url, close } = await serveSite(project, routes);
  const timer = setTimeout(fault, LIMIT_MS, `the page reported nothing within ${LIMIT_MS} ms`);
  const reports = Promise.all([page.promise, secondOrigin.promise]).finally(() => clearTimeout(timer));
  reports.catch(() => {}); // The browser may fail to start before anybody waits for this.
  return { url, close, reports };
}

function browser(open: (url: string) => Promise<OpenPage>): Runtime {
  return async ({ project, server }) => {
    const site = await serveReportingPage(project);
    const gateway = await startWorker(join(root, "wrangler.toml"), "/healthz", {
      env: {
        ENGAGELAB_API_KEY: VENDOR_CREDENTIALS.apiKey,
        ENGAGELAB_API_SECRET: VENDOR_CREDENTIALS.apiSecret,
        GATEWAY_TOKENS: `page:${TOKEN}`,
      },
      vars: { ENGAGELAB_BASE_URL: server, ALLOWED_ORIGINS: site.url },
    });
    let opened: OpenPage | undefined;
    try {
      const secondOrigin = site.url.replace("127.0.0.1", "localhost");
      const task: PageTask = { server, gateway: gateway.url, token: TOKEN, secondOrigin };
      opened = await open(`${site.url}/?${new URLSearchParams({ ...task })}`);
      const [page, fromSecondOrigin] = await site.reports;
      assert.deepEqual(page.gateway, [0, "contact_already_set", "unauthorized"]);
      assert.match(page.secret, /dangerouslyAllowBrowser/);
      assert.deepEqual(fromSecondOrigin, ["network", "network", "network"]);
      return { version: opened.version, reports: page.reports };
    } finally {
      await Promise.all([opened?.close(), gateway.stop()]);
      site.close();
    }
  };
}

async function openChromium(url: string): Promise<OpenPage> {
  const chromium = await launchChromium();
  await (await chromium.newPage()).goto(url);
  return { version: chromium.version(), close: () => chromium.close() };
}

export const browsers: Readonly<Record<string, Runtime>> = {
  Chromium: browser(openChromium),
  Firefox: browser(openFirefox),
  WebKit: browser(openWebKit),
};
