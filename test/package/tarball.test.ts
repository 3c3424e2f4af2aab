import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { expect, inject, test } from "vitest";
import { node, root } from "../support/node.ts";
import { serve } from "../support/serve.ts";

const { project, files, tarball } = inject("packed");
const installed = join(project, "node_modules/engagelab-ma");
const manifest = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));

test("the tarball holds what it should, and nothing else", () => {
  const [known, others] = [
    /^(dist|src)\/(generated\/)?[\w-]+\.(js|d\.ts|js\.map|d\.ts\.map|ts)$/,
    /^(dist\/(cli|gateway)\.(js|licences\.txt)|openapi\/\w+\.yaml|examples\/[\w-]+\.(ts|html)|docs\/[\w-]+\.md)$/,
  ];
  expect(files.filter((path) => !known.test(path) && !others.test(path))).toEqual([
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "package.json",
  ]);
  // Nothing of a file that is gone.
  const built = files.flatMap((path) => /^dist\/(?!(?:cli|gateway)\.js)(.+)\.js$/.exec(path)?.[1] ?? []);
  for (const name of built) expect(files).toContain(`src/${name}.ts`);
  for (const path of [
    "dist/index.js",
    "dist/index.d.ts",
    "dist/emulator.js",
    "dist/cli.js",
    "dist/gateway.js",
    "dist/gateway.d.ts",
    "openapi/contact.yaml",
  ]) {
    expect(files).toContain(path);
  }
});

test("source maps resolve", async () => {
  const maps = files.filter((path) => path.endsWith(".map"));
  expect(maps.length).toBeGreaterThan(20);
  for (const map of maps) {
    const { sources } = JSON.parse(await readFile(join(installed, map), "utf8"));
    for (const source of sources)
      expect(existsSync(join(installed, dirname(map), source)), `${map}: ${source}`).toBe(true);
  }
});

test("a Node process exits by itself after the last call, though the limits are minutes away", async () => {
  const server = await serve(async () =>
    Response.json({ code: 0, message: "success" }, { headers: { connection: "close" } }),
  );
  const script = `
    import { createClient } from "engagelab-ma";
    const limits = { timeout: 600_000, totalTimeout: 600_000, maxRetries: 1 };
    const body = { euid: 1, contacts: { email: "12@gmail.com" } };
    await createClient({ baseUrl: ${JSON.stringify(server.url)}, ...limits }).setContact(body);
    const refused = createClient({ baseUrl: "http://127.0.0.1:1", ...limits });
    await refused.setContact(body).catch((error) => console.log(error.kind));
  `;
  const { code, stdout } = await node(project, ["--input-type=module", "-e", script]);
  server.close();
  expect({ code, stdout }).toEqual({ code: 0, stdout: "network\n" });
});

test("one dependency, and no script at installation", () => {
  expect(Object.keys(manifest.dependencies)).toEqual(["openapi-fetch"]);
  for (const script of ["preinstall", "install", "postinstall", "prepare"])
    expect(manifest.scripts).not.toHaveProperty(script);
});

test("each entry of exports is there", () => {
  for (const entry of Object.values<string | Record<string, string>>(manifest.exports)) {
    for (const path of typeof entry === "string" ? [entry] : Object.values(entry)) {
      expect(existsSync(join(installed, path)), path).toBe(true);
    }
  }
});

test("publint finds nothing", async () => {
  const { messages, pkg } = await publint({ pkgDir: installed, pack: false, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test("@arethetypeswrong/cli finds nothing", async () => {
  const attw = join(root, "node_modules/@arethetypeswrong/cli/dist/index.js");
  const entries = ["--exclude-entrypoints", ...["contact", "gateway", "ma"].map((name) => `openapi/${name}.yaml`)];
  const { code, stdout, stderr } = await node(project, [
    attw,
    tarball,
    "--profile",
    "esm-only",
    "--no-color",
    ...entries,
  ]);
  expect(code, stdout + stderr).toBe(0);
});

test("the version is the same everywhere", async () => {
  const jsr = JSON.parse(await readFile(join(root, "jsr.json"), "utf8"));
  expect(jsr.version).toBe(manifest.version);
  expect(await readFile(join(root, "CHANGELOG.md"), "utf8")).toContain(`## ${manifest.version}\n`);
  const [series = ""] = /^\d+\.\d+/.exec(manifest.version) ?? [];
  expect(await readFile(join(root, "examples/browser.html"), "utf8")).toContain(
    `https://esm.sh/engagelab-ma@${series}"`,
  );
});
