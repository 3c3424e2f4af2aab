/** The encoding of a file: its byte-order mark, `--encoding`, or UTF-8. Detectors guess wrong for short files. */
import { CommandError } from "../errors.ts";

const MARKS: readonly (readonly [bytes: readonly number[], encoding: string])[] = [
  [[0xff, 0xfe, 0, 0], "utf-32le"],
  [[0, 0, 0xfe, 0xff], "utf-32be"],
  [[0xef, 0xbb, 0xbf], "utf-8"],
  [[0xff, 0xfe], "utf-16le"],
  [[0xfe, 0xff], "utf-16be"],
];

/**
 * @param label the value of `--encoding`: a label of the Encoding Standard
 * @throws CommandError if the label is unknown or contradicts the file
 */
export function chooseEncoding(head: Uint8Array, name: string, label?: string): string {
  const mark = MARKS.find(([bytes]) => bytes.every((byte, i) => head[i] === byte))?.[1];
  const wanted = label === undefined ? undefined : canonical(label);
  if (mark?.startsWith("utf-32")) throw new CommandError(`${name} is UTF-32: save it as UTF-8.`);
  if (mark !== undefined && wanted !== undefined && wanted !== mark) {
    throw new CommandError(`${name} begins with the byte-order mark of ${mark}: leave out --encoding ${label}.`);
  }
  return mark ?? wanted ?? "utf-8";
}

function canonical(label: string): string {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    throw new CommandError(
      `--encoding ${label} is not known: give a label such as utf-8, utf-16le, windows-1252 or shift_jis.`,
    );
  }
}

/** A place in a text. Both numbers start at 1; the column counts characters. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The end of a text that begins at `start`. A final CR counts as the end of a line. */
function after(start: Position, text: string): Position {
  const lines = text.split(/\r\n?|\n/);
  const last = [...(lines.at(-1) ?? "")].length;
  return lines.length === 1
    ? { line: start.line, column: start.column + last }
    : { line: start.line + lines.length - 1, column: 1 + last };
}

/**
 * Finds the first bytes that are not valid, if there are any.
 *
 * @param chunks the file, in the same chunks each time
 * @param onText receives the text of each valid chunk
 */
export async function findInvalid(
  chunks: () => AsyncIterable<Uint8Array>,
  encoding: string,
  onText: (text: string) => void,
): Promise<Position | undefined> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let valid = 0;
  try {
    for await (const chunk of chunks()) {
      onText(decoder.decode(chunk, { stream: true }));
      valid++;
    }
    onText(decoder.decode());
    return undefined;
  } catch (error) {
    // A decoder throws a TypeError; reading throws errors of another kind.
    if (error instanceof TypeError) return locate(chunks(), encoding, valid);
    throw error;
  }
}

/** Decodes the invalid chunk again, byte by byte, because a decoder does not say where it stopped. */
async function locate(chunks: AsyncIterable<Uint8Array>, encoding: string, valid: number): Promise<Position> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let position: Position = { line: 1, column: 1 };
  let carriageReturn = "";
  const advance = (bytes: Uint8Array) => {
    const text = carriageReturn + decoder.decode(bytes, { stream: true });
    carriageReturn = text.endsWith("\r") ? "\r" : "";
    position = after(position, text.slice(0, text.length - carriageReturn.length));
  };
  let index = 0;
  try {
    for await (const chunk of chunks) {
      if (index++ < valid) advance(chunk);
      else for (let i = 0; i < chunk.length; i++) advance(chunk.subarray(i, i + 1));
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  return after(position, carriageReturn);
}
