/** Part 4: what a page loads (minified, in bytes), and how long Node takes to import it (ms, median of fresh processes). */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";

const IMPORTS = {
  "engagelab-ma": 'import { createClient } from "engagelab-ma"; export const { setContact } = createClient();',
  "openapi-fetch": 'export { default } from "openapi-fetch";',
  ky: 'export { default } from "ky";',
  ofetch: 'export { ofetch } from "ofetch";',
  axios: 'export { default } from "axios";',
};
const RUNS = process.argv.includes("--quick") ? 3 : 15;
const root = join(import.meta.dirname, "..");
const folder = await mkdtemp(join(tmpdir(), "engagelab-ma-size-"));

async function importTime(path: string): Promise<number> {
  const script = `const t = performance.now(); await import(${JSON.stringify(path)}); console.log(performance.now() - t);`;
  const times: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
    times.push(Number(stdout));
  }
  return times.sort((a, b) => a - b)[RUNS >> 1] ?? 0;
}

const results: Record<string, object> = {};
for (const [name, contents] of Object.entries(IMPORTS)) {
  const options = {
    stdin: { contents, resolveDir: root },
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
  } as const;
  const { outputFiles } = await build({ ...options, platform: "browser", target: "es2022" });
  const code = outputFiles[0]?.contents ?? new Uint8Array();
  const path = join(folder, `${name}.mjs`);
  await writeFile(path, code);
  results[name] = {
    minified: code.byteLength,
    gzip: gzipSync(code, { level: 9 }).byteLength,
    brotli: brotliCompressSync(code).byteLength,
    "import ms": await importTime(path),
  };
}
await rm(folder, { recursive: true });
console.log(JSON.stringify(results));
