/** The house of CONTRIBUTING.md, as far as imports show it. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { expect, test } from "vitest";
import { root } from "../support/node.ts";

function sources(folder: string): Map<string, string> {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  return new Map(names.map((name) => [name.replaceAll("\\", "/"), readFileSync(join(root, folder, name), "utf8")]));
}

const src = sources("src");
const imports = new Map(
  [...src].map(([name, text]) => {
    const code = text.replace(/^ *(\*|\/[/*]).*$/gm, "");
    // `import x from "y"`, `export … from "y"`, `import "y"`, `import("y")`
    return [name, Array.from(code.matchAll(/\b(?:from|import)\s*\(?\s*"([^"]+)"/g), ([, from = ""]) => from)];
  }),
);

/** The files that a file imports, without those of which it takes types only. */
function runtimeImports(name: string, files: ReadonlyMap<string, string> = src): string[] {
  const text = files.get(name) ?? "";
  const statements = text.matchAll(/^(?:import|export) (?!type\b)([^;]*?)from "(\.[^"]+)";/gms);
  return Array.from(statements, ([, names = "", from = ""]) => ({ names, from }))
    .filter(({ names }) =>
      names
        .replace(/[{}\s]/g, "")
        .split(",")
        .some((one) => one !== "" && !one.startsWith("type")),
    )
    .map(({ from }) => posix.join(dirname(name), from));
}

test("src/ imports itself, openapi-fetch, and, for codegen, TypeScript", () => {
  const foreign = [...imports].flatMap(([name, specifiers]) =>
    specifiers.filter((from) => !from.startsWith("./") && !from.startsWith("../")).map((from) => `${name} ${from}`),
  );
  expect(foreign.sort()).toEqual(["client.ts openapi-fetch", "codegen.ts typescript", "core.ts openapi-fetch"]);
  for (const [name, specifiers] of imports) {
    for (const from of specifiers.filter((one) => one.startsWith("."))) {
      expect(src.has(posix.join(dirname(name), from)), `${name} imports ${from}`).toBe(true);
    }
  }
});

test.each(["src", "cli", "worker", "scripts"])("no cycle in %s/", (folder) => {
  const files = sources(folder);
  const done = new Set<string>();
  function visit(name: string, way: readonly string[]): void {
    expect(way, [...way, name].join(" → ")).not.toContain(name);
    if (done.has(name)) return;
    for (const next of runtimeImports(name, files)) visit(next, [...way, name]);
    done.add(name);
  }
  for (const name of files.keys()) visit(name, []);
});

/** What a room knows of at run time, and so whatever stands above it not. A new file gets a row. */
const ROOMS: [name: string, allowed: string[]][] = [
  ["basic-auth.ts", []],
  [
    "call.ts",
    ["envelope.ts", "errors.ts", "generated/contract.ts", "redact.ts", "retry.ts", "time.ts", "transport.ts"],
  ],
  [
    "client.ts",
    [
      "call.ts",
      "core.ts",
      "errors.ts",
      "generated/contract.ts",
      "get-euids.ts",
      "options.ts",
      "retry.ts",
      "validate.ts",
    ],
  ],
  ["codegen.ts", []],
  ["core.ts", []],
  ["emulator-state.ts", ["generated/contract.ts"]],
  [
    "emulator.ts",
    ["basic-auth.ts", "emulator-state.ts", "errors.ts", "generated/contract.ts", "int64.ts", "time.ts", "validate.ts"],
  ],
  ["envelope.ts", ["int64.ts"]],
  ["errors.ts", []],
  ["get-euids.ts", ["generated/contract.ts", "int64.ts", "validate.ts"]],
  ["index.ts", ["client.ts", "errors.ts", "set-contacts.ts"]],
  ["int64.ts", []],
  ["options.ts", ["basic-auth.ts", "errors.ts", "generated/contract.ts", "time.ts"]],
  ["redact.ts", []],
  ["retry.ts", ["time.ts"]],
  ["set-contacts.ts", ["errors.ts", "options.ts", "retry.ts", "time.ts"]],
  ["time.ts", []],
  ["transport.ts", []],
  ["validate.ts", ["errors.ts", "int64.ts"]],
  ["generated/contract.ts", []],
  ["generated/schema.ts", []],
];

test("each file of src/ is a room", () => {
  expect(ROOMS.map(([name]) => name).sort()).toEqual([...src.keys()].sort());
});

test.each(ROOMS)("%s knows of nothing above it", (name, allowed) => {
  expect(runtimeImports(name).sort()).toEqual(allowed);
});

test("no file has more than 250 lines", () => {
  for (const folder of ["src", "cli", "worker", "scripts"]) {
    for (const [name, text] of sources(folder)) {
      if (!name.startsWith("generated/")) expect(text.split("\n").length, `${folder}/${name}`).toBeLessThanOrEqual(251);
    }
  }
});
