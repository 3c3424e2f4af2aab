/** Keeps two imports from using one journal at the same time. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { CommandError } from "../errors.ts";
import { attempt } from "../files.ts";

/**
 * @returns a function that releases the lock
 * @throws CommandError if another import holds it
 */
export function lock(journal: string): () => void {
  const path = `${journal}.lock`;
  const take = (flag: "wx" | "w") => writeFileSync(path, String(process.pid), { flag });
  attempt(journal, () => {
    try {
      take("wx");
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      const holder = Number(readFileSync(path, "utf8"));
      if (isRunning(holder)) {
        throw new CommandError(
          `An import with this journal is running already, as process ${holder}. If it is not, remove ${path}.`,
        );
      }
      take("w"); // a kill left it
    }
  });
  return () => rmSync(path, { force: true });
}

function isRunning(id: number): boolean {
  if (id === process.pid) return false; // in a container, each run may get the same id
  try {
    return id > 0 && process.kill(id, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
