/** `wrangler dev`: a Worker in the real workerd, which reaches loopback servers by itself. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import getPort from "get-port";
import { unstable_readConfig } from "wrangler";
import { node, root, windows } from "./node.ts";

const READY = 60_000;

const script = join(root, "node_modules/wrangler/bin/wrangler.js");

export interface RunningWorker {
  readonly url: string;
  stop(): Promise<void>;
  /** Ends it as a power cut would: wrangler and the workerd below it. */
  kill(): Promise<void>;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly vars?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** The Worker, instead of the configuration's. */
  readonly entry?: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Where Durable Objects are stored. Default: a new folder, which is removed at the end. */
  readonly persistTo?: string;
}

/** The date of the gateway's production configuration. */
export const { compatibility_date } = unstable_readConfig({ config: join(root, "wrangler.toml") });

/**
 * @param config a configuration file, or `undefined` if the arguments suffice
 * @param path answers once the Worker runs
 * @throws Error with wrangler's output if it does not start
 */
export async function startWorker(
  config: string | undefined,
  path: string,
  options: StartOptions = {},
): Promise<RunningWorker> {
  const { env = {}, vars = {}, args = [], entry, port: wanted, persistTo } = options;
  const port = wanted ?? (await getPort({ host: "127.0.0.1" }));
  const url = `http://127.0.0.1:${port}`;
  const state = persistTo ?? (await mkdtemp(join(tmpdir(), "engagelab-ma-")));
  const child = spawn(
    process.execPath,
    [
      script,
      "dev",
      ...(entry === undefined ? [] : [entry]),
      ...(config === undefined ? [] : ["--config", config]),
      ...["--ip", "127.0.0.1", "--port", String(port), "--inspector-port", String(await getPort())],
      ...["--log-level", "warn", "--show-interactive-dev-session", "false", "--persist-to", state],
      ...args, // before --var, which takes what follows it
      ...Object.entries(vars).flatMap(([name, value]) => ["--var", `${name}:${value}`]),
    ],
    {
      env: {
        ...process.env,
        ...env,
        WRANGLER_SEND_METRICS: "false",
        CLOUDFLARE_CF_FETCH_ENABLED: "false",
        X_LOCAL_OBSERVABILITY: "false", // a local store of traces, which production lacks, and which costs more than the Worker
      },
      // A process group of its own, so that workerd can be killed together with wrangler.
      detached: !windows,
    },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, "exit");
      // Windows knows no signals and no process groups: what wrangler has started would live on.
      if (windows) spawnSync("taskkill", ["/pid", String(child.pid), "/t", "/f"]);
      else if (signal === "SIGKILL") process.kill(-Number(child.pid), signal);
      else child.kill(signal);
      const hard = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await exited;
      clearTimeout(hard);
    }
    if (persistTo === undefined) await rm(state, { recursive: true, force: true, maxRetries: 5 });
  };
  for (const deadline = Date.now() + READY; child.exitCode === null && Date.now() < deadline; ) {
    const response = await fetch(url + path).catch(() => undefined);
    if (response?.ok) return { url, stop: () => end("SIGTERM"), kill: () => end("SIGKILL") };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await end("SIGTERM");
  // A port that was free a second ago may serve somebody's outgoing connection by now.
  if (wanted === undefined && output.includes("Address already in use")) return startWorker(config, path, options);
  throw new Error(`wrangler dev does not start:\n${output}`);
}

/** A dry run of `wrangler deploy`, which writes the bundle into a folder. */
export function dryRun(
  config: string,
  outdir: string,
  env: Readonly<Record<string, string>>,
  entry: readonly string[] = [],
): ReturnType<typeof node> {
  const args = [script, "deploy", ...entry, "--dry-run", "--config", config, "--outdir", outdir];
  return node(root, args, { ...env, WRANGLER_SEND_METRICS: "false" });
}
