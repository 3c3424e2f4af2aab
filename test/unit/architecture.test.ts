/** The house of CONTRIBUTING.md, as far as imports show it. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { expect, test } from "vitest";
import { root } from "../node.ts";

function sources(folder: string): Map<string, string> {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  return new Map(names.map((name) => [name.replaceAll("\\", "/"), readFileSync(join(root, folder, name), "utf8")]));
}

const src = sources("src");
const imports = new Map(
  [...src].map(([name, text]) => {
    const specifiers = Array.from(
      text.matchAll(/^(?:import|export)\b[^;]*?from "([^"]+)";/gms),
      ([, from = ""]) => from,
    );
    return [name, specifiers];
  }),
);

/** The files that a file imports, without those of which it takes types only. */
function runtimeImports(name: string): string[] {
  const text = src.get(name) ?? "";
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

test("no cycle", () => {
  const done = new Set<string>();
  function visit(name: string, way: readonly string[]): void {
    expect(way, [...way, name].join(" → ")).not.toContain(name);
    if (done.has(name)) return;
    for (const next of runtimeImports(name)) visit(next, [...way, name]);
    done.add(name);
  }
  for (const name of src.keys()) visit(name, []);
});

/** What a room may not know of: whatever stands above it. */
test.each([
  ["transport.ts", []],
  ["time.ts", []],
  ["errors.ts", []],
  ["redact.ts", []],
  ["basic-auth.ts", []],
  ["int64.ts", []],
  ["generated/contract.ts", []],
  ["validate.ts", ["errors.ts", "int64.ts"]],
  ["envelope.ts", ["int64.ts"]],
  ["retry.ts", ["time.ts"]],
  ["options.ts", ["basic-auth.ts", "errors.ts", "generated/contract.ts", "time.ts"]],
])("%s knows of nothing above it", (name, allowed) => {
  expect(runtimeImports(name).sort()).toEqual(allowed);
});

test("no file has more than 250 lines", () => {
  for (const folder of ["src", "worker", "scripts"]) {
    for (const [name, text] of sources(folder)) {
      if (!name.startsWith("generated/")) expect(text.split("\n").length, `${folder}/${name}`).toBeLessThanOrEqual(251);
    }
  }
});
