import { SchemaCompiler } from "../generate/schema.ts";
import type { Spec } from "../generate/spec.ts";
import { includes } from "./includes.ts";

/**
 * Whether a change in the schema of a body can't break a caller: a request accepts at least what it accepted before, a
 * response contains at most what it contained before.
 *
 * @param pointer of a part of the schema: `#/paths/~1v1~1user~1contact/post/requestBody/content/application~1json/schema/…`
 */
export function isWidened(before: Spec, after: Spec, pointer: string): boolean {
  const [, body] = /^#\/(.+?\/content\/[^/]+\/schema)(\/|$)/.exec(pointer) ?? [];
  if (body === undefined) return false;
  const compile = ({ root, is30 }: Spec) => {
    const schema = root.find(...body.split("/").map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~")));
    return schema && new SchemaCompiler(is30, () => {}).compile(schema);
  };
  const [old, now] = [compile(before), compile(after)];
  return body.includes("/requestBody/") ? includes(now, old) : includes(old, now);
}
