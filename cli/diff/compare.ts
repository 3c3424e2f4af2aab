import { loadSpec } from "../generate/spec.ts";
import type { Change } from "./change.ts";
import { compareExtensions } from "./extensions.ts";
import { rate } from "./rate.ts";
import { redoclyDiff } from "./redocly.ts";
import { isWidened } from "./widened.ts";

/**
 * Lists what changed from one spec to another, for a caller of the API.
 *
 * @param before the absolute path of the old spec
 * @param after the absolute path of the new spec
 * @throws SpecError
 */
export async function compare(before: string, after: string): Promise<Change[]> {
  const [old, now] = [await loadSpec(before, new Map()), await loadSpec(after, new Map())];
  const extensions = compareExtensions(old, now);
  const found = await redoclyDiff(before, after);
  const rated = found.flatMap((change) => rate(change, (pointer) => isWidened(old, now, pointer)) ?? []);
  return [...rated, ...extensions];
}
