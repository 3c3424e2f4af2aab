/** Part 6: seconds for `npm run generate`, in a copy of the project, at its own operations and at a hundred times as many. */
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseDocument } from "yaml";

const root = join(import.meta.dirname, "..");
const copy = await mkdtemp(join(tmpdir(), "engagelab-ma-codegen-"));
for (const path of ["openapi", "scripts", "src", "worker", "package.json"]) {
  await cp(join(root, path), join(copy, path), { recursive: true });
}
await symlink(join(root, "node_modules"), join(copy, "node_modules"), "junction");

async function generate(): Promise<number> {
  const start = performance.now();
  await promisify(execFile)(process.execPath, ["scripts/generate.ts"], { cwd: copy });
  return (performance.now() - start) / 1000;
}

const description = join(copy, "openapi/ma.yaml");
const document = parseDocument(await readFile(description, "utf8"));
const paths: Record<string, object> = document.toJS().paths;
const results = { [`${Object.keys(paths).length} operations`]: { s: await generate() } };
for (const [path, item] of Object.entries(paths)) {
  for (let i = 1; i < 100; i++) {
    const text = JSON.stringify(item).replace(/"operationId":"(\w+)"/g, `"operationId":"$1${i}"`);
    document.setIn(["paths", `${path}/${i}`], document.createNode(JSON.parse(text)));
  }
}
await writeFile(description, String(document));
results[`${Object.keys(document.toJS().paths).length} operations`] = { s: await generate() };
await rm(copy, { recursive: true });
console.log(JSON.stringify(results));
