/** `engagelab-ma generate` and `diff`, as a user runs them. */
import { readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { RUNTIMES } from "../support/cli.ts";
import { COMPILERS, node, windows } from "../support/node.ts";
import { specWith } from "../support/spec.ts";
import { createUserFolder, type UserFolder } from "../support/user-folder.ts";

const PEERS = ["openapi-typescript", "typescript", "@redocly/cli"];
const GENERATE = ["generate", "my spec.yaml", "-o", "out.ts"];

let user: UserFolder;
beforeAll(async () => {
  user = await createUserFolder(inject("packed").project, PEERS);
});
afterAll(() => user.remove());

const path = (name: string): string => join(user.folder, name);
const read = (name: string): Promise<string> => readFile(path(name), "utf8");
const write = (name: string, text: string): Promise<void> => writeFile(path(name), text);

/** The schema of the body is in a file of its own. */
const SPEC = specWith({ $ref: "thing.yaml#/Thing" });
const thing = (members: string): string => `Thing:\n  type: object\n  properties:\n${members}`;

beforeEach(async () => {
  await write("my spec.yaml", SPEC);
  await write("thing.yaml", thing("    name: { type: string }\n"));
  await write("out.ts", "before");
});

describe.each(RUNTIMES)("generate on %s", (_, runtime) => {
  test("writes a module, and --check reports whether it is stale", async () => {
    expect(await user.run(GENERATE, runtime)).toMatchObject({ code: 0, stdout: "out.ts written\n", stderr: "" });
    const module = await read("out.ts");
    for (const name of ["interface paths", "interface components", "const contract"]) {
      expect(module).toContain(`export ${name}`);
    }
    expect(await user.run([...GENERATE, "--check"], runtime)).toMatchObject({ code: 0, stdout: "", stderr: "" });

    await write("thing.yaml", thing("    name: { type: string }\n    size: { type: integer }\n"));
    const { code, stderr } = await user.run([...GENERATE, "--check"], runtime);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^\+ .*size/m);
    expect(stderr).toMatch(/out\.ts is stale: run engagelab-ma generate/);
    expect(await read("out.ts")).toBe(module);
  });

  test("a fault is one line with its place, and no file is touched", async () => {
    await write("thing.yaml", thing("    name: { type: strin }\n"));
    const files = await readdir(user.folder);
    const { code, stdout, stderr } = await user.run(GENERATE, runtime);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^thing\.yaml:4:19 [^\n]+\n$/);
    expect(await read("out.ts")).toBe("before");
    expect(await readdir(user.folder)).toEqual(files);
  });

  // On Windows a signal from another process ends this one at once.
  test.skipIf(windows)("--watch follows each file of the spec, also through a fault, until Ctrl-C", async () => {
    const watch = user.start([...GENERATE, "--watch"], runtime);
    await watch.printed(/out\.ts written/);
    await watch.printed(/Watching .*thing\.yaml/);
    await write("thing.yaml", thing("    name: [\n"));
    await watch.printed(/thing\.yaml:5:1 /);
    // As many editors do: a new file takes the place of the old one.
    await write("new.yaml", thing("    colour: { type: string }\n"));
    await rename(path("new.yaml"), path("thing.yaml"));
    await expect.poll(() => read("out.ts"), { timeout: 60_000 }).toContain("colour");
    await write("my spec.yaml", SPEC.replaceAll("/v1/things", "/v1/objects"));
    await expect.poll(() => read("out.ts"), { timeout: 60_000 }).toContain("/v1/objects");
    watch.interrupt();
    expect(await watch.ended).toMatchObject({ code: 130 });
  });

  test("diff reports breaking changes", async () => {
    await write("old.yaml", SPEC.replace("thing.yaml", "old-thing.yaml"));
    await write("old-thing.yaml", thing("    name: { type: string, maxLength: 10 }\n"));
    await write("thing.yaml", thing("    name: { type: string, maxLength: 5 }\n    size: { type: integer }\n"));
    const { code, stdout } = await user.run(["diff", "old.yaml", "my spec.yaml"], runtime);
    expect(code).toBe(1);
    expect(stdout.split("\n")).toEqual([
      expect.stringMatching(/^breaking {2}POST \/v1\/things, request, name: .*maxLength.* \(thing\.yaml:4:38\)$/),
      "ok        POST /v1/things, request, size: added (thing.yaml:5:11)",
      "1 breaking, 1 not breaking.",
      "",
    ]);
    expect(await user.run(["diff", "my spec.yaml", "my spec.yaml"], runtime)).toMatchObject({
      code: 0,
      stdout: "0 breaking, 0 not breaking.\n",
      stderr: "",
    });
  });
});

test("an unchecked keyword gives a warning, and with --strict an error", async () => {
  await write("thing.yaml", thing("    name: { type: string, format: email }\n"));
  const warning = "thing.yaml:4:27 warning: format email is not checked before a request is sent\n";
  const strict = await user.run([...GENERATE, "--strict"]);
  expect(strict).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(warning) });
  expect(await read("out.ts")).toBe("before");
  expect(await user.run(GENERATE)).toMatchObject({ code: 0, stdout: "out.ts written\n", stderr: warning });
});

test("an unchanged module is not written", async () => {
  await user.run(GENERATE);
  const { mtimeMs } = await stat(path("out.ts"));
  expect(await user.run(GENERATE)).toMatchObject({ code: 0, stdout: "", stderr: "" });
  expect((await stat(path("out.ts"))).mtimeMs).toBe(mtimeMs);
});

test("line ends of another system are no difference", async () => {
  await user.run(GENERATE);
  await write("out.ts", (await read("out.ts")).replaceAll("\n", "\r\n"));
  expect(await user.run([...GENERATE, "--check"])).toMatchObject({ code: 0 });
});

test("a missing folder is created", async () => {
  expect(await user.run(["generate", "my spec.yaml", "-o", "src/generated/out.ts"])).toMatchObject({ code: 0 });
  expect(await read("src/generated/out.ts")).toContain("export const contract");
});

test.each<[string, string[], RegExp]>([
  ["no spec", ["generate", "-o", "out.ts"], /missing required argument 'spec'/],
  ["no output", ["generate", "my spec.yaml"], /required option '-o, --output <file>' not specified/],
  ["a spec that is not there", ["generate", "no.yaml", "-o", "out.ts"], /^no\.yaml:1:1 there is no such file$/m],
  ["a folder", ["generate", "node_modules", "-o", "out.ts"], /^node_modules:1:1 .*folder/m],
  ["the current folder", ["generate", ".", "-o", "out.ts"], /^\.:1:1 .*folder/m],
  ["an empty spec", ["generate", "empty.yaml", "-o", "out.ts"], /^empty\.yaml:1:1 must be OpenAPI 3\.0 or 3\.1/],
  ["a URL", ["generate", "https://example.org/a.yaml", "-o", "out.ts"], /^https:\/\/example\.org\/a\.yaml is a URL: /],
  [
    "a URL to compare",
    ["diff", "my spec.yaml", "HTTP://127.0.0.1/a.yaml"],
    /^HTTP:\/\/127\.0\.0\.1\/a\.yaml is a URL: /,
  ],
  ["the spec as output", ["generate", "my spec.yaml", "-o", "./thing.yaml"], /thing\.yaml is part of the spec/],
  [
    "a folder as output",
    ["generate", "my spec.yaml", "-o", "node_modules"],
    /^node_modules can't be written: it is a folder\.$/m,
  ],
  ["a folder that is a file", ["generate", "my spec.yaml", "-o", "empty.yaml/a.ts"], /^empty\.yaml\/a\.ts can't be /],
  ["two ways at once", [...GENERATE, "--check", "--watch"], /exclude each other/],
  ["an unknown flag", [...GENERATE, "--chek"], /unknown option '--chek'/],
  ["one spec to compare", ["diff", "my spec.yaml"], /missing required argument 'new'/],
  ["a spec to compare that is not there", ["diff", "no.yaml", "my spec.yaml"], /^no\.yaml:1:1 there is no such file$/m],
])("it can't run: %s", async (_, args, said) => {
  await write("empty.yaml", "");
  const before = await read("thing.yaml");
  const { code, stderr } = await user.run(args);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(said) });
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(await read("thing.yaml")).toBe(before);
  expect(await read("out.ts")).toBe("before");
});

test("missing packages are named", async () => {
  const bare = await createUserFolder(inject("packed").project, []);
  try {
    await writeFile(join(bare.folder, "spec.json"), specWith({}));
    const generate = await bare.run(["generate", "spec.json", "-o", "out.ts"]);
    expect(generate).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("npm install --save-dev openapi-typescript@7 typescript@5"),
    });
    const diff = await bare.run(["diff", "spec.json", "spec.json"]);
    expect(diff).toMatchObject({ code: 2, stderr: expect.stringContaining("npm install --save-dev @redocly/cli@2") });
  } finally {
    await bare.remove();
  }
});

test("diff as JSON", async () => {
  await write("old.yaml", SPEC.replaceAll("/v1/things", "/v1/old"));
  const { code, stdout } = await user.run(["diff", "old.yaml", "my spec.yaml", "--json"]);
  expect(code).toBe(1);
  const change = { message: expect.any(String), line: 1, column: expect.any(Number) };
  expect(JSON.parse(stdout)).toEqual({
    breaking: 1,
    changes: [
      { breaking: true, where: "/v1/old", file: "old.yaml", ...change },
      { breaking: false, where: "/v1/things", file: "my spec.yaml", ...change },
    ],
  });
});

test.each(["generate", "diff"])("%s --help shows an example", async (command) => {
  const { code, stdout } = await user.run([command, "--help"]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(`npx engagelab-ma ${command}`) });
});

test.each(Object.entries(COMPILERS))(
  "what only requests or only answers have is typed so by %s",
  async (_, compiler) => {
    await write(
      "thing.yaml",
      `Thing:
  type: object
  required: [id, secret, name]
  properties:
    id: { type: integer, format: int64, readOnly: true }
    secret: { type: string, writeOnly: true }
    name: { type: string }
    parts: { type: array, items: { $ref: "#/Thing" } }
`,
    );
    const spec = JSON.parse(SPEC);
    spec.paths["/v1/things"].post.responses["200"].content = {
      "application/vnd.things+json; charset=utf-8": { schema: { $ref: "thing.yaml#/Thing" } },
    };
    await write("my spec.yaml", JSON.stringify(spec));
    expect(await user.run(GENERATE)).toMatchObject({ code: 0, stderr: "" });
    await write(
      "use.ts",
      `import { createClient } from "engagelab-ma";
import { contract } from "./out.ts";
const engagelab = createClient({ contract });
const body = { name: "a", secret: "b" };
export const use = async (): Promise<number | bigint | undefined> => {
  await engagelab.POST("/v1/things", { body: { ...body, parts: [body] } });
  // @ts-expect-error only requests have a secret, so it is required in them
  await engagelab.POST("/v1/things", { body: { name: "a" } });
  // @ts-expect-error only answers have an id
  await engagelab.POST("/v1/things", { body: { name: "a", secret: "b", id: 1 } });
  const { data } = await engagelab.POST("/v1/things", { body });
  // @ts-expect-error only requests have a secret
  if (data?.secret) return undefined;
  const id: number | bigint | undefined = data?.id;
  return data?.parts?.[0]?.id ?? id;
};
`,
    );
    const compilerOptions = {
      ...{ target: "es2022", lib: ["es2022", "dom"], module: "nodenext", strict: true, noEmit: true, types: [] },
      allowImportingTsExtensions: true,
    };
    await write("tsconfig.json", JSON.stringify({ compilerOptions, files: ["use.ts"] }));
    expect(await node(user.folder, [compiler, "-p", "."])).toMatchObject({ code: 0, stdout: "", stderr: "" });
  },
);
