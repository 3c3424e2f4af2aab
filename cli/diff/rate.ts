/** Decides which of Redocly's changes affect a caller, and which of them break calls. */
import { resolve } from "node:path";
import type { Change } from "./change.ts";
import type { RedoclyChange } from "./redocly.ts";
import { whereIs } from "./where.ts";

/** Documentation, and extensions: extensions.ts compares those that matter. */
const PROSE = /^(title|description|summary|examples?|default|deprecated|tags|externalDocs|operationId|\$comment|x-.*)$/;
const PROSE_TYPES = /^(Info|Contact|License|Tag|TagList|ExternalDocs|Example|ExamplesMap|SpecExtension)$/;

/**
 * @param isWidened whether a request accepts all that it accepted before, or a response contains nothing new
 * @returns `undefined` if it doesn't affect a caller
 */
export function rate(change: RedoclyChange, isWidened: (pointer: string) => boolean): Change | undefined {
  const { path, typeName, kind, property, verdicts } = change;
  if (PROSE_TYPES.test(typeName) || PROSE.test(property ?? "")) return undefined;
  const side = change.revision ?? change.base;
  if (side === undefined) return undefined;
  const reasons = verdicts.map(({ message }) => message.replace(/\.$/, "")).join("; ");
  return {
    breaking: isBreaking(change) && !(isAboutCombinators(change) && isWidened(path)),
    where: whereIs(path),
    message: reasons || [property, property === undefined ? kind : "changed"].filter(Boolean).join(" "),
    file: resolve(side.file),
    line: side.line,
    column: side.col,
  };
}

function isBreaking({ path, typeName, kind, impact, property, base, revision, verdicts }: RedoclyChange): boolean {
  const inRequest = path.includes("/requestBody/");
  // Renaming a path parameter renames the path.
  if (typeName === "PathItem" && property === "key") return true;
  if (inRequest && kind === "removed" && /\/properties\/[^/]+$/.test(path)) return true;
  if (inRequest && property === "readOnly" && revision?.value === true) return true;
  if (impact !== "major") return false;
  const renamed = verdicts.every(({ ruleId }) => ruleId === "media-type-removed") && property === "key";
  return !(renamed && essenceOf(base?.value) === essenceOf(revision?.value));
}

/** Redocly doesn't evaluate allOf, anyOf and oneOf. */
function isAboutCombinators({ verdicts }: RedoclyChange): boolean {
  return verdicts.length > 0 && verdicts.every(({ ruleId }) => ruleId === "schema-combinator-changed");
}

/** `application/json; charset=utf-8` is `application/json`. */
function essenceOf(mediaType: unknown): string {
  return String(mediaType).split(";")[0]?.trim().toLowerCase() ?? "";
}
