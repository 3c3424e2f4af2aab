/** Reads the rows of an NDJSON file: one JSON object per line. */
import { parseJson } from "../../src/int64.ts";
import { readLines } from "./lines.ts";
import type { Row } from "./row.ts";

/** A number as it is written in the file. A JavaScript number would lose digits of a long one. */
export class NumberLiteral {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Yields the rows of each chunk of the file together. */
export async function* readNdjson(chunks: AsyncIterable<string>): AsyncGenerator<Row[]> {
  for await (const lines of readLines(chunks)) {
    yield lines.flatMap(({ text, number: line, end, tooLong }): Row | [] => {
      if (tooLong) {
        const fault = "is longer than 1 MiB, so it and all lines that follow can't be read";
        return { line, end, text, fields: {}, fault };
      }
      return text.trim() === "" ? [] : { line, end, text, ...readObject(text) };
    });
  }
}

function readObject(text: string): Pick<Row, "fields" | "fault"> {
  let value: unknown;
  try {
    value = parseJson(text, (literal) => new NumberLiteral(literal));
  } catch (error) {
    return { fields: {}, fault: `is not JSON: ${error instanceof Error ? error.message : error}` };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof NumberLiteral) {
    return { fields: {}, fault: "is not a JSON object" };
  }
  const repeated = repeatedMember(text);
  if (repeated !== undefined) return { fields: {}, fault: `has the member ${JSON.stringify(repeated)} twice` };
  return { fields: Object.fromEntries(Object.entries(value)) };
}

const TOKENS = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g;

/** The name of a member that occurs twice. `JSON.parse` would silently take the last one. */
function repeatedMember(text: string): string | undefined {
  const names = new Set<string>();
  let depth = 0;
  for (const [token, colon] of text.matchAll(TOKENS)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (depth === 1 && colon !== undefined) {
      const name: string = JSON.parse(token.slice(0, -colon.length));
      if (names.has(name)) return name;
      names.add(name);
    }
  }
  return undefined;
}
