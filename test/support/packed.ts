/** The package as users get it: the tarball of `npm pack`, installed into an empty project. */
import { execFile } from "node:child_process";
import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "./node.ts";

/** npm itself, run by the machine's own Node if an npm script started us. */
export async function npm(cwd: string, ...args: string[]): Promise<string> {
  const { npm_execpath: npm, npm_node_execpath: node = process.execPath } = process.env;
  if (npm === undefined) throw new Error("run this through an npm script: npm_execpath is not set");
  const { stdout } = await promisify(execFile)(node, [npm, ...args], { cwd, maxBuffer: 16 * 1024 * 1024 });
  return stdout;
}

export interface Packed {
  /** A project with the package in node_modules. */
  readonly project: string;
  /** The paths in the tarball. */
  readonly files: readonly string[];
  readonly tarball: string;
  remove(): Promise<void>;
}

export async function pack(): Promise<Packed> {
  const project = await realpath(await mkdtemp(join(tmpdir(), "engagelab-ma-")));
  const remove = () => rm(project, { recursive: true, force: true, maxRetries: 5 });
  try {
    return { project, remove, ...(await fill(project)) };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function fill(project: string): Promise<Pick<Packed, "files" | "tarball">> {
  // "prepack" writes to stdout too; the JSON begins on a line of its own.
  const output = await npm(root, "pack", "--json", "--pack-destination", project);
  const packages: Record<string, { filename: string; files: { path: string }[] }> = JSON.parse(
    output.slice(output.search(/^[[{]$/m)), // a list; from npm 12 on an object by name
  );
  const [packed] = Object.values(packages);
  if (packed === undefined) throw new Error(`npm pack made nothing:\n${output}`);
  const tarball = join(project, packed.filename);
  await writeFile(join(project, "package.json"), '{ "name": "consumer", "private": true, "type": "module" }\n');
  await npm(project, "install", "--no-audit", "--no-fund", "--prefer-offline", tarball);
  return { files: packed.files.map(({ path }) => path).sort(), tarball };
}
