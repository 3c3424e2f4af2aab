import { resolve } from "node:path";
import { loadSpec } from "../generate/spec.ts";
import type { Change } from "./change.ts";
import { compareExtensions } from "./extensions.ts";
import { rate } from "./rate.ts";
import { redoclyDiff } from "./redocly.ts";
import { isWidened } from "./widened.ts";

/**
 * What changed from one spec to another, for somebody who calls the API.
 *
 * @throws SpecError
 */
export async function compare(before: string, after: string): Promise<Change[]> {
  const [old, now] = [await loadSpec(resolve(before), new Map()), await loadSpec(resolve(after), new Map())];
  const extensions = compareExtensions(old, now);
  const found = await redoclyDiff(resolve(before), resolve(after));
  const rated = found.flatMap((change) => rate(change, (pointer) => isWidened(old, now, pointer)) ?? []);
  return [...rated, ...extensions];
}
