import { mkdir, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { createTwoFilesPatch } from "diff";
import { CommandError } from "../errors.ts";
import { cannotWrite, requireRegularFile } from "../files.ts";

/**
 * Writes a file if its text differs.
 *
 * @param check whether to print the difference instead of writing
 * @returns whether the text differs
 */
export async function update(file: string, text: string, check: boolean): Promise<boolean> {
  requireRegularFile(file);
  const before = await readOutput(file);
  if (before === text) return false;
  if (check) console.error(createTwoFilesPatch(file, file, before, text, "as it is", "as it should be"));
  else {
    await writeOutput(file, text);
    console.log(`${file} written`);
  }
  return true;
}

/** The text of a file, empty if there is none. Line ends are LF, even if git has converted them. */
async function readOutput(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw new CommandError(`${file} can't be read: ${error.message}.`);
  });
  return text.replaceAll("\r\n", "\n");
}

/** Replaces the file atomically: until then, other programs see the old one. */
async function writeOutput(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true }).catch((error: unknown) => {
    throw cannotWrite(file, error);
  });
  const target = await realpath(file).catch(() => file);
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, text);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw cannotWrite(file, error);
  }
}
