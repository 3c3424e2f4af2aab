/** Gateways with one promise broken, to show that the kill test notices. */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../node.ts";

/** A change of a file. */
interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const ACCEPT = "const accepted = this.#store.accept(letter, Date.now());";

export const BITES: Readonly<Record<string, readonly Edit[]>> = {
  "settled without the sequence condition": [
    { file: "worker/store.ts", from: 'row?.state !== "pending" || row.seq !== seq', to: 'row?.state !== "pending"' },
  ],
  // The lease, which is stored for a successor, would keep the lane, too.
  "no lane": [
    { file: "worker/mailbox.ts", from: "if (this.#takenUntil > 0) return;", to: "" },
    { file: "worker/mailbox.ts", from: "quiet: { until: this.#takenUntil, seq: unit.seq }, ", to: "" },
  ],
  "answered before the write": [
    {
      file: "worker/mailbox.ts",
      from: ACCEPT,
      to: `if (!atOnce) {
        setTimeout(() => {
          this.#store.accept(letter, Date.now());
          this.#schedule();
        }, 250);
        return STORED;
      }
      ${ACCEPT}`,
    },
  ],
};

/** Runs something with the configuration of a gateway that has this fault. */
export async function withBite<T>(name: string, run: (config: string) => Promise<T>): Promise<T> {
  const edits = BITES[name];
  if (edits === undefined) throw new Error(`no bite ${name}`);
  const copy = await mkdtemp(join(tmpdir(), "engagelab-ma-bite-"));
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
