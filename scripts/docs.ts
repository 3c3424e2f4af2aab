/** The parts of documents that `npm run generate` writes. */
import type { CompiledErrorCode } from "../cli/generate/error-codes.ts";

/** Replaces what is between `<!-- name: … -->` and `<!-- name: end -->`. */
export function replaceMarked(text: string, name: string, lines: readonly string[]): string {
  const part = new RegExp(`(<!-- ${name}: .+? -->\n).*?(?=<!-- ${name}: end -->)`, "s");
  if (!part.test(text)) throw new Error(`the document has no marks ${name}`);
  return text.replace(part, (_part, mark: string) => `${mark}\n${lines.map((line) => `${line}\n`).join("")}\n`);
}

export function codesTable(codes: Iterable<[reason: string, code: CompiledErrorCode]>): string[] {
  return [
    "| code | `reason` | meaning | what to do | retried |",
    "|---|---|---|---|---|",
    ...Array.from(
      codes,
      ([reason, { code, message, solution = "", retryable }]) =>
        `| ${code} | \`${reason}\` | ${message} | ${solution} | ${retryable ? "yes" : "no"} |`,
    ),
  ];
}
