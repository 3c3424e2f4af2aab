/** The table of runtimes in README.md, which `npm run test:runtimes -- --write` writes. */
import { replaceMarked } from "../../scripts/docs.ts";

export type Outcome =
  | { readonly kind: "passed"; readonly version: string; readonly cases: number }
  | { readonly kind: "not installed"; readonly message: string }
  | { readonly kind: "failed"; readonly message: string };

/**
 * The document with the outcomes. A row that did not run here stays as it is.
 *
 * @param keepVersions the runtimes whose version depends on the machine: any will do for an up-to-date table
 */
export function updateTable(
  text: string,
  outcomes: ReadonlyMap<string, Outcome>,
  keepVersions: readonly string[],
): string {
  const rows = new Map(Array.from(text.matchAll(/^\| (.+?) \| (.+?) \|.*$/gm), (match) => [match[1], match]));
  const lines = Array.from(outcomes, ([name, outcome]) => {
    const [line = `| ${name} | – | – | – |`, , version] = rows.get(name) ?? [];
    if (outcome.kind !== "passed") return line;
    const shown = keepVersions.includes(name) ? (version ?? outcome.version) : outcome.version;
    return `| ${name} | ${shown} | ${outcome.cases} | ${outcome.cases} |`;
  });
  const head = ["| runtime | version | cases passed in process | over HTTP |", "|---|---|---|---|"];
  return replaceMarked(text, "runtimes", [...head, ...lines]);
}
