import { relative } from "node:path";
import { EXIT } from "../errors.ts";
import { specPath, withFaults } from "../generate/run.ts";
import { toLine } from "./change.ts";
import { compare } from "./compare.ts";

/** @throws CommandError */
export async function run(before: string, after: string, { json }: { readonly json?: true }): Promise<void> {
  const changes = (await withFaults(compare(specPath(before), specPath(after)))).map((change) => ({
    ...change,
    file: relative("", change.file),
  }));
  const breaking = changes.filter((change) => change.breaking);
  const others = changes.filter((change) => !change.breaking);
  if (json) console.log(JSON.stringify({ breaking: breaking.length, changes: [...breaking, ...others] }, null, 2));
  else {
    for (const change of [...breaking, ...others]) console.log(toLine(change));
    console.log(`${breaking.length} breaking, ${others.length} not breaking.`);
  }
  if (breaking.length > 0) process.exitCode = EXIT.failed;
}
