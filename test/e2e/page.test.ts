/** The page at / in Chromium, served by the gateway in workerd as in production, with CONSOLE on. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import axe, { type AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { createEmulator, VENDOR_CREDENTIALS } from "../../src/emulator.ts";
import { launchChromium } from "../support/chromium.ts";
import { root } from "../support/node.ts";
import { type LoopbackServer, serve } from "../support/serve.ts";
import { type RunningWorker, startWorker } from "../support/wrangler.ts";

const TOKEN = "token-of-a-person";
const SCREENSHOTS = join(root, "test/screenshots");

const emulator = createEmulator({ unique: ["email"] });
let upstream: LoopbackServer;
let gateway: RunningWorker;
let browser: Browser;
let page: Page;
/** What should not happen on any page: errors in the console, and requests elsewhere. */
const incidents: string[] = [];

beforeAll(async () => {
  upstream = await serve(emulator.fetch);
  const env = {
    ENGAGELAB_API_KEY: VENDOR_CREDENTIALS.apiKey,
    ENGAGELAB_API_SECRET: VENDOR_CREDENTIALS.apiSecret,
    GATEWAY_TOKENS: `person:${TOKEN}`,
  };
  const vars = { ENGAGELAB_BASE_URL: upstream.url, CONSOLE: "on" };
  [gateway, browser] = await Promise.all([
    startWorker(join(root, "wrangler.toml"), "/healthz", { env, vars }),
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
  page = await browser.newPage();
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
  expect(incidents).toEqual([]);
  await page.close();
});

/** Sends the form with the keyboard alone. */
async function fill(euid: string, value: string, token = TOKEN): Promise<void> {
  await page.getByLabel("Token").fill(token);
  await page.getByLabel("EUID").fill(euid);
  await page.getByLabel("Value").fill(value);
  await page.keyboard.press("Enter");
}

const shown = (id: "answer" | "state") => page.locator(`#${id}`);

async function expectShown(id: "answer" | "state", ...texts: string[]): Promise<void> {
  for (const text of texts) await shown(id).getByText(text).first().waitFor({ timeout: 10_000 });
}

test("sets a contact, and shows the state of delivery", async () => {
  await fill("9223372036854775807", "12@gmail.com");
  await expectShown("answer", "Set (", "code 0: success, HTTP 200");
  expect(emulator.contacts.get("9223372036854775807")?.get("email")).toBe("12@gmail.com");
  await page.getByRole("button", { name: "Show the state of delivery" }).click();
  await expectShown("state", "User 9223372036854775807", "email", "delivered");
});

test("stores at once where the box is ticked", async () => {
  await page.getByLabel("Store at once").check();
  await fill("2", "12@gmail.com");
  await expectShown("answer", "Stored: it will be delivered");
  await expect.poll(() => emulator.contacts.get("2")?.get("email"), { timeout: 10_000 }).toBe("12@gmail.com");
});

test("contacts can be added and removed, and the focus stays where the hands are", async () => {
  const add = page.getByRole("button", { name: "Add a contact" });
  await add.click();
  await page.keyboard.type("mobile_phone");
  await page.keyboard.press("Tab");
  await page.keyboard.type("18023456879");
  await page.getByRole("button", { name: "Remove" }).first().click();
  expect(await add.evaluate((button) => button === document.activeElement)).toBe(true);
  await fill("3", "18023456879");
  await expectShown("answer", "Set (");
  expect(emulator.contacts.get("3")).toEqual(new Map([["mobile_phone", "18023456879"]]));
});

test("a conflict, with its meaning and what to do", async () => {
  await fill("4", "taken@gmail.com");
  await expectShown("answer", "Set (");
  await fill("5", "taken@gmail.com");
  await expectShown("answer", "Refused: it is not set", "contact_already_set", "HTTP 409", "Check whether the contact");
});

test("a wrong token", async () => {
  await fill("6", "12@gmail.com", "wrong");
  await expectShown("answer", "Refused: it is not set", "unauthorized", "Send a token of the gateway");
  await page.getByRole("button", { name: "Show the state of delivery" }).click();
  await expectShown("state", "Not known", "unauthorized");
});

test.each([
  ["12.5", "euid"],
  ["9223372036854775808", "euid"],
])("the EUID %s is not sent, and its field is marked", async (euid, field) => {
  await fill(euid, "12@gmail.com");
  await expectShown("answer", "Not sent", "validation: euid");
  const input = page.locator(`#${field}`);
  expect(await input.getAttribute("aria-invalid")).toBe("true");
  expect(await input.evaluate((element) => element === document.activeElement)).toBe(true);
  expect(emulator.requests).toEqual([]);
});

test("a name that stands twice is not sent", async () => {
  await page.getByRole("button", { name: "Add a contact" }).click();
  await page.keyboard.type("email");
  await page.keyboard.press("Tab");
  await page.keyboard.type("13@gmail.com");
  await page.getByLabel("Value").first().fill("12@gmail.com");
  await page.getByLabel("Token").fill(TOKEN);
  await page.getByLabel("EUID").fill("7");
  await page.keyboard.press("Enter");
  await expectShown("answer", "Not sent", "email stands twice");
  expect(emulator.requests).toEqual([]);
});

test("a gateway that can't be reached", async () => {
  await page.context().setOffline(true);
  await fill("8", "12@gmail.com");
  await expectShown("answer", "Unknown: it may have been set", "Check that you are online");
});

test("the token stays in memory", async () => {
  await fill("9", "12@gmail.com");
  await expectShown("answer", "Set (");
  const kept = await page.evaluate(() => [location.href, document.cookie, localStorage.length, sessionStorage.length]);
  expect(kept).toEqual([`${gateway.url}/`, "", 0, 0]);
  await page.reload();
  expect(await page.getByLabel("Token").inputValue()).toBe("");
});

test.each(["light", "dark"] as const)("axe-core finds nothing in the %s page", async (colorScheme) => {
  await page.emulateMedia({ colorScheme });
  await page.getByRole("button", { name: "Add a contact" }).click();
  await page.getByRole("button", { name: "Remove" }).last().click();
  await fill("10", "12@gmail.com");
  await expectShown("answer", "Set (");
  await page.getByRole("button", { name: "Show the state of delivery" }).click();
  await expectShown("state", "delivered");
  await page.evaluate(axe.source);
  await page.screenshot({ path: join(SCREENSHOTS, `page-${colorScheme}.png`), fullPage: true });
  const { violations } = await page.evaluate<AxeResults>("axe.run()");
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
});

test("its policy allows its own script and style, and the browser nothing else", async () => {
  const { headers } = await fetch(gateway.url);
  expect(headers.get("content-security-policy")).toMatch(
    /^default-src 'none'; script-src 'sha256-[\w+/=]+'; style-src 'sha256-[\w+/=]+'; img-src data:; connect-src 'self';/,
  );
  await page.evaluate(() => {
    const script = document.createElement("script");
    try {
      script.text = "document.title = 'taken over'";
    } catch {}
    document.head.append(script);
  });
  expect(await page.title()).toBe("Set a contact: engagelab-ma gateway");
  incidents.length = 0; // the policy's complaint of just this
});
