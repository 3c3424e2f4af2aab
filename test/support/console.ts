/** The console at / in Chromium, served by the gateway in workerd as in production, with CONSOLE on. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { createEmulator, VENDOR_CREDENTIALS } from "../../src/emulator.ts";
import { launchChromium } from "./chromium.ts";
import { root } from "./node.ts";
import { type LoopbackServer, serve } from "./serve.ts";
import { type RunningWorker, startWorker } from "./wrangler.ts";

export const TOKEN = "token-of-a-person";
export const OPERATOR = "token-of-an-operator";
/** For what the gateway does by itself. */
export const PATIENCE = { timeout: 60_000 };
export const SCREENSHOTS = join(root, "test/screenshots");

export const emulator = createEmulator({ unique: ["email"] });
let upstream: LoopbackServer;
export let gateway: RunningWorker;
let browser: Browser;
export let page: Page;
let euids = 1000;
/** Users of whom the test has parked a value. */
export const parked: string[] = [];
/** Incidents that no page may have: errors, and requests to other origins. */
export const incidents: string[] = [];

/** Starts the gateway and Chromium for the tests of a file. Each test gets a new page. */
export function useConsole(): void {
  beforeAll(async () => {
    upstream = await serve(emulator.fetch);
    const vars = {
      ENGAGELAB_API_KEY: VENDOR_CREDENTIALS.apiKey,
      ENGAGELAB_API_SECRET: VENDOR_CREDENTIALS.apiSecret,
      ENGAGELAB_BASE_URL: upstream.url,
      GATEWAY_TOKENS: `person:${TOKEN}`,
      OPERATOR_TOKENS: `operator:${OPERATOR}`,
      CONSOLE: "on",
    };
    [gateway, browser] = await Promise.all([
      startWorker(join(root, "wrangler.toml"), "/healthz", { vars }),
      launchChromium(),
      mkdir(SCREENSHOTS, { recursive: true }),
    ]);
  });

  afterAll(async () => {
    await Promise.all([browser?.close(), gateway?.stop()]);
    upstream?.close();
  });

  beforeEach(async () => {
    emulator.reset();
    incidents.length = 0;
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.on("pageerror", (error) => incidents.push(String(error)));
    page.on("request", (request) => {
      if (!/^data:/.test(request.url()) && new URL(request.url()).origin !== gateway.url) incidents.push(request.url());
    });
    await page.addInitScript(() => {
      addEventListener("securitypolicyviolation", ({ violatedDirective }) => {
        throw new Error(`against the policy: ${violatedDirective}`);
      });
    });
    await page.goto(gateway.url);
  });

  afterEach(async () => {
    await Promise.all(parked.splice(0).map((euid) => call("DELETE", `/v1/user/contact/${euid}`, OPERATOR)));
    expect(incidents).toEqual([]);
    await page.close();
  });
}

/** A new user. */
export const newEuid = (): string => String(++euids);

export async function call(method: string, path: string, token: string, body?: unknown): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", prefer: "respond-async" };
  return fetch(gateway.url + path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
}

export async function stateOf(euid: string): Promise<unknown> {
  const { data } = await (await call("GET", `/v1/user/contact/${euid}`, TOKEN)).json();
  return data.contacts.email?.state;
}

/** A user with a parked email, since it belongs to another user. */
export async function park(euid: string = newEuid()): Promise<string> {
  const email = `${euid}@example.org`;
  await emulator.fetch(`${upstream.url}/v1/user/contact`, {
    method: "POST",
    headers: {
      authorization: `Basic ${btoa(`${VENDOR_CREDENTIALS.apiKey}:${VENDOR_CREDENTIALS.apiSecret}`)}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ euid: Number(newEuid()), contacts: { email } }),
  });
  parked.push(euid);
  await call("POST", "/v1/user/contact", TOKEN, { euid, contacts: { email } });
  await expect.poll(() => stateOf(euid), PATIENCE).toBe("parked");
  return euid;
}

export async function open(view: "Send" | "User" | "Parked" | "Health"): Promise<void> {
  await page.getByRole("navigation").getByRole("link", { name: view }).click();
}

export const visible = (selector: string) => page.locator(`${selector} >> visible=true`);

/** Fills the form of Send, and sends it with the keyboard. */
export async function send(euid: string, value: string, token = TOKEN): Promise<void> {
  await visible("input.token").fill(token);
  await visible("input.euid").fill(euid);
  await page.getByLabel("Value").first().fill(value);
  await page.keyboard.press("Enter");
}

export async function expectShown(selector: string, ...texts: string[]): Promise<void> {
  for (const text of texts) await visible(selector).getByText(text).first().waitFor(PATIENCE);
}

export const hasFocus = (selector: string) =>
  page.locator(selector).evaluate((element) => element === document.activeElement);

export async function openParked(): Promise<void> {
  await open("Parked");
  await visible("input.operator-token").fill(OPERATOR);
  await page.keyboard.press("Enter");
}

export const rowOf = (euid: string) =>
  page.getByRole("listitem").filter({ has: page.getByRole("link", { name: euid, exact: true }) });
