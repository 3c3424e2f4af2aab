/** Projects as users have them, type-checked against the installed package with skipLibCheck off. */
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { COMPILERS, node, root } from "../support/node.ts";

const { project } = inject("packed");
const folder = join(project, "consumers");

beforeAll(async () => {
  await mkdir(folder);
  await cp(join(root, "test/consumers"), folder, { recursive: true });
  const types = "node_modules/@cloudflare/workers-types";
  await cp(join(root, types), join(project, types), { recursive: true });
});
afterAll(() => rm(folder, { recursive: true }));

const BASE = {
  target: "es2022",
  module: "esnext",
  moduleResolution: "bundler",
  lib: ["es2022", "dom", "dom.iterable"],
  types: [],
  strict: true,
  skipLibCheck: false,
  noEmit: true,
};
const NODE16 = { module: "node16", moduleResolution: "node16" };
const PROJECTS: Record<string, object> = {
  "the DOM library only, bundler": {},
  "the DOM library only, node16": NODE16,
  nodenext: { module: "nodenext", moduleResolution: "nodenext" },
  "@cloudflare/workers-types only": { lib: ["es2022"], types: ["@cloudflare/workers-types"] },
  "@cloudflare/workers-types only, node16": { ...NODE16, lib: ["es2022"], types: ["@cloudflare/workers-types"] },
  "without strict": { strict: false },
  "with exactOptionalPropertyTypes and the like": {
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noPropertyAccessFromIndexSignature: true,
    verbatimModuleSyntax: true,
    isolatedModules: true,
  },
  "every global library": { lib: ["esnext", "dom", "dom.iterable", "dom.asynciterable"] },
};

async function check(name: string, compiler: string, compilerOptions: object, file: string) {
  const config = join(folder, `${name.replaceAll(/\W/g, "-")}.json`);
  await writeFile(config, JSON.stringify({ compilerOptions: { ...BASE, ...compilerOptions }, files: [file] }));
  return node(folder, [compiler, "-p", config]);
}

for (const [name, compiler] of Object.entries(COMPILERS)) {
  test.concurrent.each(Object.entries(PROJECTS))(`${name}: %s`, async (project, compilerOptions) => {
    const { code, stdout } = await check(`${name} ${project}`, compiler, compilerOptions, "use.ts");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
  });

  test.concurrent(`${name}: everyday types`, async () => {
    const { code, stdout } = await check(`${name} everyday`, compiler, {}, "everyday.ts");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
  });

  test.concurrent(`${name}: inferred types can be named in a declaration`, async () => {
    const options = { declaration: true, emitDeclarationOnly: true, noEmit: false, outDir: "declarations" };
    const { code, stdout } = await check(`${name} declaration`, compiler, options, "declaration.ts");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
  });

  test.concurrent(`${name}: each misuse is an error on its line`, async () => {
    const { code, stdout } = await check(`${name} strict`, compiler, {}, "misuse.ts");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
  });

  test.concurrent(`${name} really checks`, async () => {
    await writeFile(join(folder, "wrong.ts"), 'import { nothing } from "engagelab-ma";\nnothing();\n');
    const { code, stdout } = await check(`${name} wrong`, compiler, {}, "wrong.ts");
    expect(code).not.toBe(0);
    expect(stdout).toMatch(/wrong\.ts.*TS2305/);
  });
}
