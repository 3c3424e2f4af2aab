/** A folder of a user's, with a blank in its name, in which the package is installed. */
import { once } from "node:events";
import { cp, mkdir, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type CliResult, ended, type Runtime, startCli } from "./cli.ts";
import { root } from "./node.ts";

export interface UserFolder {
  readonly folder: string;
  /** Starts `engagelab-ma`. */
  start(args: readonly string[], runtime?: Runtime): Started;
  /** Runs it to its end. */
  run(args: readonly string[], runtime?: Runtime): Promise<CliResult>;
  remove(): Promise<void>;
}

export interface Started {
  /** Resolves as soon as something that fits has been printed. */
  printed(pattern: RegExp): Promise<void>;
  interrupt(): void;
  readonly ended: Promise<CliResult>;
}

/**
 * @param packed a project with the package
 * @param peers further packages
 */
export async function createUserFolder(packed: string, peers: readonly string[]): Promise<UserFolder> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "engagelab-ma user-")));
  const modules = join(folder, "node_modules");
  await cp(join(packed, "node_modules"), modules, { recursive: true });
  for (const name of peers) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(root, "node_modules", name), join(modules, name), "junction");
  }

  function start(args: readonly string[], runtime?: Runtime): Started {
    const cli = join(modules, "engagelab-ma/dist/cli.js");
    const child = startCli(cli, args, { cwd: folder, ...(runtime && { runtime }) });
    child.stdin.end();
    let output = "";
    const exited = ended(child);
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    return {
      ended: exited,
      interrupt: () => child.kill("SIGINT"),
      printed: async (pattern) => {
        while (!pattern.test(output)) {
          if (child.exitCode !== null) throw new Error(`it ended without ${pattern}:\n${output}`);
          await Promise.race([once(child.stdout, "data"), once(child.stderr, "data"), exited]);
        }
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
