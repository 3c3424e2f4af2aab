/** Firefox and WebKit as the system has them. They need no driver: a page reports by itself. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

/** An engine that this machine lacks, and the command that installs it. */
export class NotInstalled extends Error {
  constructor(command: string) {
    super(`not installed here: ${command}`);
  }
}

export interface OpenPage {
  readonly version: string;
  close(): Promise<void>;
}

function exists(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}

/** The first of these programs that is there: a path, or a name to be found in PATH. */
function find(names: readonly string[], command: string): string {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const paths = names.flatMap((name) => (name.includes("/") ? name : folders.map((folder) => join(folder, name))));
  const path = paths.find(exists);
  if (path === undefined) throw new NotInstalled(command);
  return path;
}

/** Starts a browser with an empty home; `close` ends it and its child processes. */
async function start(command: string, args: readonly string[], url: string, home: string): Promise<OpenPage> {
  const env = { ...process.env, HOME: home };
  const { stdout } = await promisify(execFile)(command, [...args, "--version"], { env });
  const child = spawn(command, [...args, url], { env, detached: true, stdio: "ignore" });
  await once(child, "spawn");
  return {
    version: /\d[\w.]*/.exec(stdout)?.[0] ?? "unknown",
    async close() {
      if (child.exitCode === null && child.signalCode === null) {
        const exited = once(child, "exit");
        process.kill(-Number(child.pid), "SIGTERM");
        await exited;
      }
      await rm(home, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

const emptyHome = () => mkdtemp(join(tmpdir(), "engagelab-ma-browser-"));

/** Keeps Firefox off the network and from opening pages of its own. */
const PREFERENCES: Readonly<Record<string, string | number | boolean>> = {
  "browser.aboutwelcome.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.homepage_override.mstone": "ignore",
  "datareporting.policy.dataSubmissionEnabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "network.proxy.allow_bypass": false,
  "network.proxy.failover_direct": false,
  "network.proxy.http": "127.0.0.1",
  "network.proxy.http_port": 9,
  "network.proxy.ssl": "127.0.0.1",
  "network.proxy.ssl_port": 9,
  "network.proxy.type": 1,
  "network.trr.mode": 5,
};

export async function openFirefox(url: string): Promise<OpenPage> {
  const firefox = find(
    ["firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox"],
    "sudo apt-get install -y firefox-esr",
  );
  const home = await emptyHome();
  const lines = Object.entries(PREFERENCES).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});\n`);
  await writeFile(join(home, "user.js"), lines.join(""));
  return start(firefox, ["--headless", "--no-remote", "--profile", home], url, home);
}

const MACHINE = process.arch === "arm64" ? "aarch64" : "x86_64";

export async function openWebKit(url: string): Promise<OpenPage> {
  const install = "sudo apt-get install -y webkit2gtk-driver xvfb xauth";
  const browser = find([`/usr/lib/${MACHINE}-linux-gnu/webkit2gtk-4.1/MiniBrowser`], install);
  const display = find(["xvfb-run"], install);
  return start(display, ["-a", browser, "--private"], url, await emptyHome());
}
