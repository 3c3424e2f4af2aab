/** The file to import. It can be read more than once, and is checked as a whole before anything is sent. */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { CommandError } from "../errors.ts";
import { chooseEncoding, findInvalid } from "./encoding.ts";
import { binaryProblem } from "./signature.ts";

export interface Source {
  /** Its name in messages. */
  readonly name: string;
  /** SHA-256 of its bytes. */
  readonly digest: string;
  /** Length of its text, in UTF-16 code units. */
  readonly length: number;
  /** The first character that is not white space. */
  readonly firstCharacter: string;
  /** Its text, from the beginning. */
  text(): AsyncGenerator<string>;
}

/** A regular file, or a copy of an input that can be read only once, such as standard input. */
export interface ReadableFile {
  readonly path: string;
  readonly name: string;
  /** Whether another run finds it under the same name. */
  readonly lasting: boolean;
  remove(): void;
}

/** @throws CommandError */
export async function openFile(file: string): Promise<ReadableFile> {
  if (file !== "-") {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats === undefined) throw new CommandError(`There is no file ${file}.`);
    if (stats.isDirectory()) throw new CommandError(`${file} is a folder: give a file.`);
    if (stats.isFile()) return { path: file, name: file, lasting: true, remove() {} };
  }
  const folder = mkdtempSync(join(tmpdir(), "engagelab-ma-"));
  const path = join(folder, "input");
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  const input = file === "-" ? process.stdin : createReadStream(file);
  await pipeline(input, createWriteStream(path, { mode: 0o600 }));
  return { path, name: file === "-" ? "standard input" : file, lasting: false, remove };
}

/**
 * @param label the value of `--encoding`
 * @throws CommandError if the file is binary, or not valid in its encoding
 */
export async function openSource({ path, name }: ReadableFile, label?: string): Promise<Source> {
  const head = await readHead(path);
  const binary = binaryProblem(head);
  if (binary !== undefined) throw new CommandError(`${name} ${binary}.`);
  const encoding = chooseEncoding(head, name, label);

  const hash = createHash("sha256");
  let length = 0;
  let firstCharacter = "";
  let hasNul = false;
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for await (const chunk of createReadStream(path)) {
      hash.update(chunk);
      yield chunk;
    }
  }
  const invalid = await findInvalid(bytes, encoding, (text) => {
    hasNul ||= length === 0 && text.slice(0, 1000).includes("\0");
    if (firstCharacter === "") firstCharacter = text.trimStart().slice(0, 1);
    length += text.length;
  });
  if (invalid) throw new CommandError(invalidProblem(name, encoding, invalid.line, invalid.column));
  if (hasNul) {
    throw new CommandError(`${name} contains NUL bytes. If it is UTF-16, give --encoding utf-16le or utf-16be.`);
  }

  async function* text(): AsyncGenerator<string> {
    const decoder = new TextDecoder(encoding, { fatal: true });
    for await (const chunk of createReadStream(path)) yield decoder.decode(chunk, { stream: true });
    yield decoder.decode();
  }
  return { name, digest: hash.digest("hex"), length, firstCharacter, text };
}

async function readHead(path: string): Promise<Uint8Array> {
  const file = await open(path).catch((error: Error) => {
    throw new CommandError(`${path} can't be read: ${error.message}.`);
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function invalidProblem(name: string, encoding: string, line: number, column: number): string {
  const advice =
    encoding === "utf-8"
      ? "If a spreadsheet wrote it, give --encoding windows-1252 (or that of your language), or save it as CSV UTF-8."
      : "Give the encoding that the file was saved with by --encoding.";
  return `${name}, line ${line}, column ${column}: not valid ${encoding.toUpperCase()}. ${advice}`;
}
