/** Seconds for `engagelab-ma generate`, with the package's own operations and with a hundred times as many. */
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseDocument } from "yaml";

const root = join(import.meta.dirname, "..");
const folder = await mkdtemp(join(tmpdir(), "engagelab-ma-generate-"));
await cp(join(root, "openapi"), folder, { recursive: true });
const spec = join(folder, "ma.yaml");

async function generate(): Promise<number> {
  const start = performance.now();
  const args = [join(root, "dist/cli.js"), "generate", spec, "-o", join(folder, "engagelab.ts")];
  await promisify(execFile)(process.execPath, args, { cwd: root });
  return (performance.now() - start) / 1000;
}

const document = parseDocument(await readFile(spec, "utf8"));
const paths: Record<string, object> = document.toJS().paths;
const few = Object.keys(paths).length;
const results = { [`${few} operations`]: { s: await generate() } };
for (const [path, item] of Object.entries(paths)) {
  for (let i = 1; i < 100; i++) {
    const text = JSON.stringify(item).replace(/"operationId":"(\w+)"/g, `"operationId":"$1${i}"`);
    document.setIn(["paths", `${path}/${i}`], document.createNode(JSON.parse(text)));
  }
}
await writeFile(spec, String(document));
results[`${few * 100} operations`] = { s: await generate() };
await rm(folder, { recursive: true });
console.log(JSON.stringify(results));
