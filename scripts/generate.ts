/**
 * Writes what follows from openapi/: the types and the table that the client, the emulator and the gateway read; and from
 * worker/page/ the gateway's page.
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
import { pageSource } from "./page-source.ts";
import { typesSource } from "./types-source.ts";

const root = new URL("..", import.meta.url);
const api = new URL("openapi/ma.yaml", root);
const gateway = new URL("openapi/gateway.yaml", root);
const page = new URL("worker/page/", root);

/** In this order: the page bundles the contract. */
const files: Record<string, () => Promise<string>> = {
  "src/generated/schema.ts": () => typesSource(api),
  "src/generated/contract.ts": () => contractSource(api, gateway, console.warn),
  "worker/generated/gateway.ts": () => typesSource(gateway),
};
// Tests copy the project without it.
if (existsSync(page)) files["worker/generated/page.ts"] = () => pageSource(page);

let stale = false;
for (const [name, makeSource] of Object.entries(files)) {
  const path = fileURLToPath(new URL(name, root));
  const text = `// Written by \`npm run generate\`. Do not edit.\n${await makeSource()}`;
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
