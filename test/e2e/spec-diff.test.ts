/** The step of CI that compares the spec with that of the last release. */
import { execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseDocument } from "yaml";
import { node, root } from "../support/node.ts";

let folder: string;
const git = (...args: string[]) =>
  execFileSync("git", ["-C", folder, "-c", "user.name=a", "-c", "user.email=a@b.c", ...args], { stdio: "ignore" });
const write = (name: string, text: string) => writeFile(join(folder, name), text);
const run = () => node(root, ["scripts/spec-diff.ts", folder]);

async function edit(at: readonly string[], value: unknown): Promise<void> {
  const document = parseDocument(await readFile(join(folder, "openapi/ma.yaml"), "utf8"));
  document.setIn(at, document.createNode(value));
  await write("openapi/ma.yaml", String(document));
}

const LIMIT = ["components", "schemas", "GetEuidsRequest", "properties", "identity_values", "maxItems"];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "engagelab-ma-spec-diff-"));
  await cp(join(root, "openapi"), join(folder, "openapi"), { recursive: true });
  await mkdir(join(folder, ".changeset"));
  await write("package.json", '{ "name": "engagelab-ma", "version": "1.2.3" }');
  git("init", "--quiet");
  git("add", ".");
  git("commit", "--quiet", "--message", "A release");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("without a release there is nothing to compare", async () => {
  expect(await run()).toMatchObject({ code: 0, stdout: "There is no release to compare with.\n" });
});

test("a change that breaks nothing needs no changeset", async () => {
  git("tag", "v1.2.3");
  await edit(LIMIT, 200);
  const { code, stdout } = await run();
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ma\.yaml ok .*maxItems/);
  expect(stdout).toMatch(/Since v1\.2\.3: 0 breaking changes\.\n$/);
});

test.each<[string, string | undefined, number]>([
  ["no changeset", undefined, 1],
  ["one of a smaller bump", '---\n"engagelab-ma": minor\n---\n\nBreaking: at most 50 identities.\n', 1],
  ["one that does not say so", '---\n"engagelab-ma": major\n---\n\nAt most 50 identities.\n', 1],
  ["one of another package", '---\n"another": major\n---\n\nBreaking: at most 50 identities.\n', 1],
  ["one that says so", '---\n"engagelab-ma": major\n---\n\nBreaking: at most 50 identities.\n', 0],
])("a breaking change with %s", async (_, changeset, expected) => {
  git("tag", "v1.2.3");
  await edit(LIMIT, 50);
  await write(".changeset/README.md", '---\n"engagelab-ma": major\n---\nBreaking');
  if (changeset !== undefined) await write(".changeset/few-cats-run.md", changeset);
  const { code, stdout, stderr } = await run();
  expect({ code, stdout }).toEqual({
    code: expected,
    stdout: expect.stringMatching(/^ma\.yaml breaking .*'100' to '50'/),
  });
  expect(stderr).toBe(
    expected === 0 ? "" : 'A breaking change needs a changeset that says "Breaking": npx changeset\n',
  );
});

test("before 1.0 a minor bump is enough", async () => {
  git("tag", "v0.1.0");
  await write("package.json", '{ "name": "engagelab-ma", "version": "0.1.0" }');
  await edit(LIMIT, 50);
  await write(".changeset/few-cats-run.md", '---\n"engagelab-ma": minor\n---\n\nBreaking: at most 50 identities.\n');
  expect(await run()).toMatchObject({ code: 0 });
});
