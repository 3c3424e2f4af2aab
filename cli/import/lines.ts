/** Splits text into lines that end in CRLF, LF or CR. Other separators, such as U+2028, don't end a line. */

export interface Line {
  readonly text: string;
  /** From 1. */
  readonly number: number;
  /** What ends it; empty for the last one. */
  readonly terminator: string;
  /** Length of the text up to its end, in UTF-16 code units. */
  readonly end: number;
  /** Set if the line exceeds `MAX_LENGTH`: its text is cut off, and no line follows. */
  readonly tooLong?: true;
}

/** Maximum length of a line and of a row, in UTF-16 code units. Limits memory if a quote is never closed. */
export const MAX_LENGTH: number = 1024 * 1024;

/** Yields the lines of each chunk together. */
export async function* readLines(chunks: AsyncIterable<string>): AsyncGenerator<Line[]> {
  let rest = "";
  let number = 1;
  let end = 0;
  for await (const chunk of chunks) {
    const text = rest + chunk;
    const lines: Line[] = [];
    let start = 0;
    const terminators = /\r\n|\n|\r/g;
    for (let match = terminators.exec(text); match; match = terminators.exec(text)) {
      const [terminator] = match;
      const next = match.index + terminator.length;
      if (terminator === "\r" && next === text.length) break; // its LF may come with the next chunk
      end += next - start;
      lines.push({ text: text.slice(start, match.index), number: number++, terminator, end });
      start = next;
    }
    rest = text.slice(start);
    if (rest.length > MAX_LENGTH) {
      lines.push({ text: rest.slice(0, MAX_LENGTH), number, terminator: "", end: end + rest.length, tooLong: true });
      return yield lines;
    }
    yield lines;
  }
  const terminator = rest.endsWith("\r") ? "\r" : "";
  if (rest !== "") {
    yield [{ text: rest.slice(0, rest.length - terminator.length), number, terminator, end: end + rest.length }];
  }
}
