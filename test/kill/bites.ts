/** Gateways with one promise broken, to show that the kill test notices. */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../node.ts";

interface Bite {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export const BITES: Readonly<Record<string, Bite>> = {
  "settled without the sequence condition": {
    file: "worker/rows.ts",
    from: "WHERE name = ? AND seq = ?`, ...bindings, name, seq)",
    to: "WHERE name = ? AND ? > 0`, ...bindings, name, seq)",
  },
  "no lane": { file: "worker/mailbox.ts", from: "if (this.#takenUntil > 0) return;", to: "" },
  "answered before the write": {
    file: "worker/mailbox.ts",
    from: "const { seq, olderPending, replacesParked } = this.#rows.add(letter, Date.now());",
    to: `if (!atOnce) {
      setTimeout(() => {
        this.#rows.add(letter, Date.now());
        this.#schedule();
      }, 250);
      return STORED;
    }
    const { seq, olderPending, replacesParked } = this.#rows.add(letter, Date.now());`,
  },
};

/** Runs something with the configuration of a gateway that has this fault. */
export async function withBite<T>(name: string, run: (config: string) => Promise<T>): Promise<T> {
  const bite = BITES[name];
  if (bite === undefined) throw new Error(`no bite ${name}`);
  const copy = await mkdtemp(join(tmpdir(), "engagelab-ma-bite-"));
  try {
    for (const part of ["worker", "src", "wrangler.toml", "package.json"]) {
      await cp(join(root, part), join(copy, part), { recursive: true });
    }
    await symlink(join(root, "node_modules"), join(copy, "node_modules"), "junction");
    const source = await readFile(join(copy, bite.file), "utf8");
    if (!source.includes(bite.from)) throw new Error(`${bite.file} has changed: ${bite.from} does not stand in it`);
    await writeFile(join(copy, bite.file), source.replace(bite.from, bite.to));
    return await run(join(copy, "wrangler.toml"));
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}
