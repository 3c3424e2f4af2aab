/**
 * Writes what follows from openapi/: the types and the table that the client, the emulator and the gateway read, and the
 * codes in docs/errors.md; and from worker/page/ the gateway's page.
 *
 *     npm run generate               writes the files
 *     npm run generate -- --check    writes nothing; exits 1 and shows the difference where a file is stale
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { contractSource } from "./contract-source.ts";
import { replaceMarked } from "./marked.ts";
import { pageSource } from "./page-source.ts";
import { typesSource } from "./types-source.ts";

const root = new URL("..", import.meta.url);
const api = new URL("openapi/ma.yaml", root);
const gateway = new URL("openapi/gateway.yaml", root);
const page = new URL("worker/page/", root);
const errors = new URL("docs/errors.md", root);

const written = (source: string): string => `// Written by \`npm run generate\`. Do not edit.\n${source}`;

/** In this order: the page and the document read the contract, with --check the one that is there. */
const files: Record<string, () => Promise<string>> = {
  "src/generated/schema.ts": async () => written(await typesSource(api)),
  "src/generated/contract.ts": async () => written(await contractSource(api, gateway, console.warn)),
  "worker/generated/gateway.ts": async () => written(await typesSource(gateway)),
};
// Tests copy the project without them.
if (existsSync(page)) files["worker/generated/page.ts"] = async () => written(await pageSource(page));
if (existsSync(errors)) {
  files["docs/errors.md"] = async () => {
    const { codesTable } = await import("./codes-table.ts");
    return replaceMarked(await readFile(errors, "utf8"), "codes", codesTable);
  };
}

let stale = false;
for (const [name, makeSource] of Object.entries(files)) {
  const path = fileURLToPath(new URL(name, root));
  const text = await makeSource();
  const committed = await readFile(path, "utf8").catch(() => "");
  if (committed === text) continue;
  if (process.argv.includes("--check")) {
    stale = true;
    console.error(`${name} is stale. Run: npm run generate`);
    // `git diff --no-index` compares any two files, a repository or not, and reads "-" from standard input.
    spawnSync("git", ["diff", "--no-index", "--", committed === "" ? "/dev/null" : path, "-"], {
      input: text,
      stdio: ["pipe", "inherit", "inherit"],
    });
  } else {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    console.log(`${name} written`);
  }
}
process.exitCode = stale ? 1 : 0;
