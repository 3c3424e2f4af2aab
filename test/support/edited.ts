/** The gateway with some lines changed, to see what they are good for, or what they cost. */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./node.ts";

/** A change of a file. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Runs something with the configuration of a copy. */
export async function withEdits<T>(edits: readonly Edit[], run: (config: string) => Promise<T>): Promise<T> {
  const copy = await mkdtemp(join(tmpdir(), "engagelab-ma-edited-"));
  try {
    for (const part of ["worker", "src", "wrangler.toml", "package.json"]) {
      await cp(join(root, part), join(copy, part), { recursive: true });
    }
    await symlink(join(root, "node_modules"), join(copy, "node_modules"), "junction");
    for (const { file, from, to } of edits) {
      const source = await readFile(join(copy, file), "utf8");
      if (!source.includes(from)) throw new Error(`${file} has changed: ${from} does not stand in it`);
      await writeFile(
        join(copy, file),
        source.replace(from, () => to),
      );
    }
    return await run(join(copy, "wrangler.toml"));
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}
