/** Every TypeScript block of the README and the docs, type-checked as it stands. docs/your-own-spec.md has its own test. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { node, root, tsc } from "../support/node.ts";

const DOCS = ["README.md", "docs/errors.md", "docs/import.md", "docs/gateway.md"];

/** What a block may take from the ones before it. */
const CONTEXT: Record<string, string> = {
  createClient: 'import { createClient } from "engagelab-ma";',
  engagelab: 'declare const engagelab: import("engagelab-ma").Client;',
  body: 'declare const body: import("engagelab-ma").SetContactBody;',
  token: "declare const token: string;",
};

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(root, "test/.docs-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function blocks(path: string): Promise<string[]> {
  const text = await readFile(join(root, path), "utf8");
  return Array.from(text.matchAll(/^```ts\n(.+?)^```$/gms), ([, code = ""]) => code);
}

/** A module of the block, and of what it takes from others. */
function toModule(code: string): string {
  const names = Object.keys(CONTEXT).filter((name) => {
    const declared = new RegExp(`(const|function) ${name}\\b|import \\{[^}]*\\b${name}\\b`).test(code);
    return !declared && new RegExp(`\\b${name}\\b(?!:)`).test(code);
  });
  return `${names.map((name) => CONTEXT[name]).join("\n")}\n${code}\nexport {};\n`;
}

async function check(codes: readonly string[]): Promise<string> {
  const files = codes.map((_, i) => `block-${i}.ts`);
  await Promise.all(files.map((file, i) => writeFile(join(folder, file), toModule(codes[i] ?? ""))));
  const config = { extends: "../tsconfig.json", compilerOptions: { noUnusedLocals: false }, include: [], files };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
  return (await node(folder, [tsc, "-p", "."])).stdout;
}

test("they fit the package", async () => {
  const all = (await Promise.all(DOCS.map(blocks))).flat();
  expect(all.length).toBeGreaterThan(8);
  expect(await check(all)).toBe("");
});

test("a wrong block is found", async () => {
  expect(await check(["await engagelab.setContact({ id: 1, contacts: {} });"])).toMatch(/block-0\.ts.*TS2353/);
});
