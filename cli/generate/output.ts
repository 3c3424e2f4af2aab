import { mkdir, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { createTwoFilesPatch } from "diff";

/**
 * Writes a file, if it is to change.
 *
 * @param check whether to write nothing, and to print the difference
 * @returns whether it has changed, or would
 */
export async function update(file: string, text: string, check: boolean): Promise<boolean> {
  const before = await readOutput(file);
  if (before === text) return false;
  if (check) console.error(createTwoFilesPatch(file, file, before, text, "as it is", "as it should be"));
  else {
    await writeOutput(file, text);
    console.log(`${file} written`);
  }
  return true;
}

/** The text of a file, or nothing if there is none. Line ends are those of this program, whatever git has made of them. */
async function readOutput(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  return text.replaceAll("\r\n", "\n");
}

/** The whole text or nothing: what is at work in the meantime finds the old file. */
async function writeOutput(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const target = await realpath(file).catch(() => file);
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, text);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
