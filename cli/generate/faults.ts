/** Turns what Redocly finds into problems of one line. */
import { basename } from "node:path";
import {
  type BaseResolver,
  type Document,
  type NormalizedProblem,
  ResolveError,
  YamlParseError,
} from "@redocly/openapi-core";
import { type Problem, problemAt } from "./problem.ts";

/** A file that can't be read, or is not YAML. */
export function unreadable(error: unknown, file: string): Problem {
  if (error instanceof YamlParseError) {
    // There is no place if the whole document is wrong.
    const { source, line, col } = error;
    return { file: source.absoluteRef, line: line || 1, column: col || 1, message: yamlReason(error) };
  }
  const { code, message } = (error instanceof ResolveError ? error.originalError : error) as NodeJS.ErrnoException;
  return { file, line: 1, column: 1, message: code === "ENOENT" ? "there is no such file" : message };
}

/** The error's own message repeats the file and the place. */
function yamlReason({ originalError }: YamlParseError): string {
  return "reason" in originalError ? String(originalError.reason) : originalError.message;
}

/** @returns the problems of one severity */
export function toProblems(found: readonly NormalizedProblem[], severity: "error" | "warn"): Problem[] {
  return found
    .filter((problem) => problem.severity === severity && !isMistaken(problem) && !isEcho(problem))
    .map(fromRedocly);
}

/** Redocly mistakes schema names in a discriminator for files, and properties like `constructor` for its own types. */
function isMistaken({ ruleId, location: [location] }: NormalizedProblem): boolean {
  const [, map, name = ""] = /(\/[^/]+)\/([^/]+)$/.exec(location?.pointer ?? "") ?? [];
  return map === "/mapping" ? ruleId === "no-unresolved-refs" : map === "/properties" && name in Object.prototype;
}

/** Redocly reports a file that is not YAML twice: in the file, and at each reference to it. */
function isEcho({ ruleId, message }: NormalizedProblem): boolean {
  return ruleId === "no-unresolved-refs" && /^Can't resolve.* \(\d+:\d+\)$/m.test(message);
}

function fromRedocly({ message, suggest, location: [location] }: NormalizedProblem): Problem {
  if (location === undefined) throw new Error(message);
  const text = message
    .replace(/ENOENT.*'(.+)'/, (_, missing: string) => `there is no file ${basename(missing)}`)
    .replace(/^Failed to parse: (.*) in "[^"]*" \(\d+:\d+\).*/s, "$1")
    .replace(/\.$/, "")
    .replaceAll("\n", " ");
  const [best] = suggest;
  const hint = best === undefined ? "" : `; did you mean \`${best}\`?`;
  return problemAt(location, text.charAt(0).toLowerCase() + text.slice(1) + hint);
}

/** Finds a `$ref` that leads back to itself and never to a value. */
export function endlessRef(documents: readonly Document[], resolver: BaseResolver): Problem {
  for (const { source, parsed } of documents) {
    for (const [pointer, ref] of refsIn(parsed, "#")) {
      const seen = new Set<string>();
      let file = source.absoluteRef;
      let at: string | undefined = ref;
      while (at !== undefined && !seen.has(`${file} ${at}`)) {
        seen.add(`${file} ${at}`);
        const [uri = "", target = ""] = at.split("#");
        if (uri) file = resolver.resolveExternalRef(file, uri);
        const there = documents.find((each) => each.source.absoluteRef === file);
        at = refsIn(there?.parsed, "#").get(`#${target}`);
      }
      if (at === undefined) continue;
      return problemAt({ source, pointer }, `the $ref ${ref} leads back to itself`);
    }
  }
  throw new Error("a $ref leads back to itself");
}

/** From JSON pointer to `$ref`. */
function refsIn(value: unknown, pointer: string): Map<string, string> {
  const refs = new Map<string, string>();
  if (typeof value !== "object" || value === null) return refs;
  if ("$ref" in value && typeof value.$ref === "string") refs.set(pointer, value.$ref);
  for (const [name, member] of Object.entries(value)) {
    const below = `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    for (const entry of refsIn(member, below)) refs.set(...entry);
  }
  return refs;
}
