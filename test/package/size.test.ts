import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, inject, test } from "vitest";

const { project } = inject("packed");

/** What a page would load, in bytes. `platform: "browser"` makes any Node built-in an error. */
async function gzipped(source: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: project },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    write: false,
    logLevel: "silent",
  });
  const [output] = outputFiles;
  return gzipSync(output?.contents ?? "", { level: 9 }).byteLength;
}

/**
 * The budgets in bytes, minified and gzipped. They only go down, unless a new promise costs bytes. The goal for the client is
 * the size of ky, 8900 (bench/README.md): it has not been reached.
 */
test.each([
  ["the client with openapi-fetch", 'export { createClient } from "engagelab-ma";', 13_500],
  ["the emulator", 'export { createEmulator } from "engagelab-ma/emulator";', 6_700],
  ["the guard of errors alone", 'export { isEngageLabError } from "engagelab-ma";', 225],
])("%s stays in its budget, and needs no Node built-in", async (_, source, budget) => {
  const size = await gzipped(source);
  expect(size).toBeLessThanOrEqual(budget);
  expect(size, "the budget is too large").toBeGreaterThan(budget * 0.9);
});

test("a bundle that needs a Node built-in fails", async () => {
  await expect(gzipped('import "node:fs";')).rejects.toThrow(/node:fs/);
});
