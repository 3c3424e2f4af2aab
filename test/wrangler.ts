/** `wrangler dev`: a Worker in the real workerd, which reaches loopback servers by itself. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import getPort from "get-port";
import { unstable_readConfig } from "wrangler";
import { root } from "./node.ts";

const READY = 60_000;

export interface RunningWorker {
  readonly url: string;
  stop(): Promise<void>;
}

/** The date of the gateway's production configuration. */
export const { compatibility_date } = unstable_readConfig({ config: join(root, "wrangler.toml") });

/**
 * @param config a configuration file, or nothing where the arguments say it all
 * @param path answers once the Worker runs
 * @throws Error with wrangler's output where it does not start
 */
export async function startWorker(
  config: string | undefined,
  path: string,
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): Promise<RunningWorker> {
  const port = await getPort({ host: "127.0.0.1" });
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(
    process.execPath,
    [
      join(root, "node_modules/wrangler/bin/wrangler.js"),
      "dev",
      ...(config === undefined ? [] : ["--config", config]),
      ...["--ip", "127.0.0.1", "--port", String(port)],
      ...[
        "--inspector-port",
        String(await getPort()),
        "--log-level",
        "warn",
        "--show-interactive-dev-session",
        "false",
      ],
      ...args,
    ],
    { env: { ...process.env, ...env, WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false" } },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    const hard = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await once(child, "exit");
    clearTimeout(hard);
  };
  for (const deadline = Date.now() + READY; child.exitCode === null && Date.now() < deadline; ) {
    const response = await fetch(url + path).catch(() => undefined);
    if (response?.ok) return { url, stop };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop();
  throw new Error(`wrangler dev does not start:\n${output}`);
}
