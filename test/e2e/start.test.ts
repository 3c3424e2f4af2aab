import { exec } from "node:child_process";
import { createServer } from "node:net";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { launchChromium } from "../support/chromium.ts";
import { root, windows } from "../support/node.ts";
import { type RunningProcess, start } from "../support/process.ts";

const ORIGIN = "http://localhost:5173";

let running: RunningProcess;

/** What a person does: type the command, and wait until it has printed everything. */
async function npmStart(): Promise<string[]> {
  running = start(root, ["scripts/start.ts"], { ALLOWED_ORIGINS: ORIGIN });
  await running.prints(/logged here/);
  return running.output().split("\n");
}

afterEach(() => running.stop());

const run = async (line: string): Promise<unknown> => JSON.parse((await promisify(exec)(line)).stdout);

// Windows ends a process at a signal from another one, without its children.
describe.skipIf(windows)("npm start", () => {
  it("prints lines that set a contact, show its state, and make a parked value; the log tells what happened", async () => {
    const lines = await npmStart();
    const [set = "", state = "", parked = "", conflict = ""] = lines.filter((line) => line.startsWith("curl "));
    expect(await run(set)).toEqual({ code: 0, message: "success" });
    expect(await run(state)).toMatchObject({ data: { euid: "10362473", contacts: { email: { state: "delivered" } } } });
    expect(await run(parked)).toMatchObject({ data: { euids: [] } });
    expect(await run(conflict)).toEqual({ code: 0, message: "stored" });
    await running.prints(/^\d\d:\d\d:\d\d {2}10362473 +delivered +1 attempt · \d+ ms · by local$/m);
    await running.prints(/^\d\d:\d\d:\d\d {2}2 +parked +api 55014 · conflict · 1 attempt$/m);
    expect(await run(parked)).toMatchObject({ data: { euids: ["2"] } });
    expect(running.output()).not.toMatch(/wrangler|\{"requestId/);

    const pageToken = lines.find((line) => line.startsWith("ey"));
    const [contact = ""] = /http\S+/.exec(state) ?? [];
    const headers = { authorization: `Bearer ${pageToken}`, origin: ORIGIN };
    const response = await fetch(contact, { headers });
    expect([response.status, response.headers.get("access-control-allow-origin")]).toEqual([200, ORIGIN]);

    const urls = running.output().match(/http:\/\/127\.0\.0\.1:\d+/g) ?? [];
    expect(new Set(urls).size).toBe(2);
    await running.stop();
    for (const url of urls) await expect(fetch(url)).rejects.toThrow();
  });

  it("opens a console in which the first click works", async () => {
    const address = (await npmStart()).find((line) => line.startsWith("http"));
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      await page.goto(address ?? "");
      await page.getByLabel("Value").fill("12@gmail.com");
      await page.getByRole("button", { name: "Send" }).click();
      await page.getByRole("heading", { name: "Delivered" }).waitFor();
      await page.getByRole("link", { name: "Health" }).click();
      await page.getByText("Circuit breaker").waitFor();
    } finally {
      await browser.close();
    }
  });

  it("takes the next free port if 8787 is busy, and says so", async () => {
    const busy = createServer().listen(8787, "127.0.0.1");
    // If another process has the port, that serves as well.
    await new Promise((resolve) => busy.once("listening", resolve).once("error", resolve));
    const lines = await npmStart();
    busy.close();
    expect(running.output()).toMatch(/^Port 8787 is busy, so this is port \d+\.$/m);
    expect(lines.find((line) => line.startsWith("curl "))).not.toContain(":8787/");
  });
});
