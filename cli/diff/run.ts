import { relative, resolve } from "node:path";
import { EXIT } from "../errors.ts";
import { readSpec, withFaults } from "../generate/run.ts";
import type { Change } from "./change.ts";
import { compareExtensions } from "./extensions.ts";
import { rate } from "./rate.ts";
import { redoclyDiff } from "./redocly.ts";
import { isWidened } from "./widened.ts";

/** @throws CommandError */
export async function run(before: string, after: string, { json }: { readonly json?: true }): Promise<void> {
  const changes = (await withFaults(compare(before, after))).map((change) => ({
    ...change,
    file: relative("", change.file),
  }));
  const breaking = changes.filter((change) => change.breaking);
  const others = changes.filter((change) => !change.breaking);
  if (json) console.log(JSON.stringify({ breaking: breaking.length, changes: [...breaking, ...others] }, null, 2));
  else {
    for (const change of [...breaking, ...others]) console.log(line(change));
    console.log(`${breaking.length} breaking, ${others.length} not breaking.`);
  }
  if (breaking.length > 0) process.exitCode = EXIT.failed;
}

async function compare(before: string, after: string): Promise<Change[]> {
  const [old, now] = [await readSpec(before), await readSpec(after)];
  const extensions = compareExtensions(old, now);
  const found = await redoclyDiff(resolve(before), resolve(after));
  const rated = found.flatMap((change) => rate(change, (pointer) => isWidened(old, now, pointer)) ?? []);
  return [...rated, ...extensions];
}

function line({ breaking, where, message, file, line, column }: Change): string {
  return `${breaking ? "breaking" : "ok      "}  ${where}: ${message} (${file}:${line}:${column})`;
}
