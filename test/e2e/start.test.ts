import { type ChildProcess, exec, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { promisify } from "node:util";
import { afterEach, expect, it } from "vitest";
import { windows } from "../support/node.ts";

let running: ChildProcess | undefined;
let output = "";

const ORIGIN = "http://localhost:5173";

/** What a person does: type the command, and wait for the lines to copy. */
async function start(): Promise<string[]> {
  const child = spawn(process.execPath, ["scripts/start.ts"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ALLOWED_ORIGINS: ORIGIN },
  });
  running = child;
  output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  while (child.exitCode === null) {
    const lines = output.split("\n").filter((text) => text.startsWith("curl "));
    if (lines.length >= 3) return lines;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`npm start ended:\n${output}`);
}

async function stop(): Promise<void> {
  if (running?.exitCode !== null) return;
  running.kill("SIGINT");
  await once(running, "exit");
}

afterEach(stop);

// Windows ends a process at a signal from another one, without its children.
it.skipIf(windows)(
  "the printed lines set a contact and show what became of it, and Ctrl-C ends the gateway and the emulator",
  async () => {
    const answers: unknown[] = [];
    for (const line of await start()) answers.push(JSON.parse((await promisify(exec)(line)).stdout));
    expect(answers).toMatchObject([
      { code: 0, message: "success" },
      { code: 0, data: { euid: "10362473", contacts: { email: { state: "delivered" } } } },
      { code: 0, data: { euids: [] } },
    ]);

    const [, page = ""] = /page (\S+)/.exec(output) ?? [];
    expect(await (await fetch(page)).text()).toContain("<h1>Set a contact</h1>");

    const [pageToken = ""] = /^ey.+$/m.exec(output) ?? [];
    const headers = { authorization: `Bearer ${pageToken}`, origin: ORIGIN };
    const response = await fetch(new URL("v1/user/contact/10362473", page), { headers });
    expect([response.status, response.headers.get("access-control-allow-origin")]).toEqual([200, ORIGIN]);

    const urls = output.match(/http:\/\/127\.0\.0\.1:\d+/g) ?? [];
    expect(new Set(urls).size).toBe(2);
    await stop();
    for (const url of urls) await expect(fetch(url)).rejects.toThrow();
  },
);

it.skipIf(windows)("takes the next free port where 8787 is busy, and says so", async () => {
  const busy = createServer().listen(8787, "127.0.0.1");
  // Busy already, by somebody else, serves as well.
  await new Promise((resolve) => busy.once("listening", resolve).once("error", resolve));
  const [line] = await start();
  expect(output).toMatch(/^Port 8787 is busy, so this is port \d+\.$/m);
  expect(line).not.toContain(":8787/");
  busy.close();
});
