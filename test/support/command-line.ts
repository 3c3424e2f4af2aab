/** The command line as its users have it: from the tarball, on each runtime. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { binary, root } from "./node.ts";

/** The machine's own Node may be the oldest that is supported: npm scripts run on the project's. */
const { npm_node_execpath: machineNode = process.execPath } = process.env;

export const COMMAND_LINES: ReadonlyArray<[runtime: string, command: string, args: readonly string[]]> = [
  ["the machine's Node", machineNode, []],
  ["the project's Node", process.execPath, []],
  ["Bun", binary("bun"), []],
  ["Deno", binary("deno"), ["run", "-A", "--node-modules-dir=manual"]],
];

export interface Installed {
  readonly folder: string;
  /** Starts `engagelab-ma`. */
  start(args: readonly string[], runtime?: string): Started;
  /** Runs it to its end. */
  run(args: readonly string[], runtime?: string): Promise<Ended>;
  remove(): Promise<void>;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  /** Resolves as soon as something that fits has been printed. */
  printed(pattern: RegExp): Promise<void>;
  interrupt(): void;
  readonly ended: Promise<Ended>;
}

/**
 * A folder with a blank in its name, into which the package is installed.
 *
 * @param packed a project with the package
 * @param peers further packages
 */
export async function install(packed: string, peers: readonly string[]): Promise<Installed> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "engagelab-ma user-")));
  const modules = join(folder, "node_modules");
  await cp(join(packed, "node_modules"), modules, { recursive: true });
  for (const name of peers) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(root, "node_modules", name), join(modules, name), "junction");
  }
  const cli = join(modules, "engagelab-ma/dist/cli.js");

  function start(args: readonly string[], runtime = "the project's Node"): Started {
    const [, command = "", before = []] = COMMAND_LINES.find(([name]) => name === runtime) ?? [];
    const child = spawn(command, [...before, cli, ...args], {
      cwd: folder,
      env: { ...process.env, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const waiting = new Set<() => void>();
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        output += chunk;
        for (const look of waiting) look();
      });
    }
    const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]).then(
      ([stdout, stderr]) => ({ code: child.exitCode, stdout, stderr }),
    );
    return {
      ended,
      interrupt: () => child.kill("SIGINT"),
      printed: async (pattern) => {
        const found = new Promise<void>((resolve) => {
          const look = () => pattern.test(output) && resolve();
          waiting.add(look);
          look();
        });
        const over = ended.then(({ stdout, stderr }) => {
          if (!pattern.test(stdout + stderr)) throw new Error(`it ended without ${pattern}:\n${stdout}${stderr}`);
        });
        await Promise.race([found, over]);
      },
    };
  }

  return {
    folder,
    start,
    run: (args, runtime) => start(args, runtime).ended,
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}
