/** The TypeScript blocks of the README and the guides: all are type-checked, those that are tests run. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { COMPILERS, node, root } from "../support/node.ts";

/** Names that a block takes from the text around it. */
const CONTEXT: Record<string, string> = {
  createClient: 'import { createClient } from "engagelab-ma";',
  engagelab: 'declare const engagelab: import("engagelab-ma").Client;',
  body: 'declare const body: import("engagelab-ma").SetContactBody;',
  token: "declare const token: string;",
  Deno:
    "declare const Deno: { env: { get(name: string): string | undefined }; " +
    "serve(handler: (request: Request) => Promise<Response>): void };",
};

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(root, "test/.docs-"));
});
afterAll(() => rm(folder, { recursive: true }));

interface Block {
  readonly code: string;
  /** `ts workers`: checked against the types of Workers instead of those of Node. */
  readonly workers: boolean;
}

async function blocks(path: string): Promise<Block[]> {
  const text = await readFile(join(root, path), "utf8");
  return Array.from(text.matchAll(/^```ts( workers)?\n(.+?)^```$/gms), ([, workers, code = ""]) => ({
    code,
    workers: workers !== undefined,
  }));
}

/** A module of the block, and of what it takes from the text around it. */
function toModule(code: string): string {
  const names = Object.keys(CONTEXT).filter((name) => {
    const declared = new RegExp(`(const|function) ${name}\\b|import \\{[^}]*\\b${name}\\b`).test(code);
    return !declared && new RegExp(`\\b${name}\\b(?!:)`).test(code);
  });
  return `${names.map((name) => CONTEXT[name]).join("\n")}\n${code}\nexport {};\n`;
}

async function check(codes: readonly string[], workers = false): Promise<string> {
  const files = codes.map((_, i) => `block-${i}.ts`);
  await Promise.all(files.map((file, i) => writeFile(join(folder, file), toModule(codes[i] ?? ""))));
  const platform = workers ? { types: ["@cloudflare/workers-types"], lib: ["ES2024"] } : {};
  const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false, ...platform };
  await writeFile(
    join(folder, "tsconfig.json"),
    JSON.stringify({ extends: "../tsconfig.json", compilerOptions, include: [], files }),
  );
  return (await node(folder, [COMPILERS["TypeScript 7"], "-p", "."])).stdout;
}

async function allBlocks(): Promise<Block[]> {
  // your-own-spec.md imports what its own test generates.
  const guides = (await readdir(join(root, "docs"))).filter((name) => /(?<!your-own-spec)\.md$/.test(name));
  return (await Promise.all(["README.md", ...guides.map((name) => `docs/${name}`)].map(blocks))).flat();
}

test.each([false, true])("the blocks fit the package (of Workers: %s)", async (workers) => {
  const codes = (await allBlocks()).filter((block) => block.workers === workers).map(({ code }) => code);
  expect(codes.length).toBeGreaterThan(2);
  expect(await check(codes, workers)).toBe("");
});

test("a wrong block is found", async () => {
  expect(await check(["await engagelab.setContact({ id: 1, contacts: {} });"])).toMatch(/block-0\.ts.*TS2353/);
});

test("the tests in docs/testing.md pass", async () => {
  const tests = (await blocks("docs/testing.md")).filter(({ code }) => /^test\(/m.test(code));
  expect(tests.length).toBeGreaterThan(2);
  await Promise.all(tests.map(({ code }, i) => writeFile(join(folder, `block-${i}.test.ts`), code)));
  const alias = { "engagelab-ma/emulator": join(root, "src/emulator.ts"), "engagelab-ma": join(root, "src/index.ts") };
  const config = { root: folder, resolve: { alias }, test: { include: ["*.test.ts"] } };
  await writeFile(join(folder, "vitest.config.ts"), `export default ${JSON.stringify(config)};\n`);
  const { code, stdout, stderr } = await node(folder, [join(root, "node_modules/vitest/vitest.mjs"), "run"]);
  expect({ code, stdout, stderr }).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`${tests.length} passed`),
  });
});
