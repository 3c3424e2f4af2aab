/** What stands beside the code and is easily forgotten: the workflows, and the versions. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { root } from "../support/node.ts";

const read = (name: string): string => readFileSync(join(root, name), "utf8");

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}

interface Workflow {
  permissions: Record<string, string>;
  jobs: Record<
    string,
    {
      permissions?: Record<string, string>;
      "timeout-minutes"?: number;
      strategy?: { matrix: { os: string[] } };
      steps: Step[];
    }
  >;
}

describe.each(readdirSync(join(root, ".github/workflows")))("workflow %s", (name) => {
  const text = read(`.github/workflows/${name}`);
  const { permissions, jobs } = parse(text) as Workflow;
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  test("actions are pinned by digest, with the version beside it", () => {
    const uses = text.split("\n").filter((line) => line.includes("uses:"));
    expect(uses.length).toBeGreaterThan(0);
    for (const line of uses) expect(line).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test("it may only read, but for the token of a release, and ends by itself", () => {
    for (const granted of [permissions, ...Object.values(jobs).map((job) => job.permissions ?? {})]) {
      for (const [scope, level] of Object.entries(granted))
        expect(name === "release.yml" ? ["contents: read", "id-token: write"] : ["contents: read"]).toContain(
          `${scope}: ${level}`,
        );
    }
    for (const job of Object.values(jobs)) expect(job["timeout-minutes"]).toBeGreaterThan(0);
  });

  test("it runs what CI runs", () => {
    expect(steps.map(({ run }) => run)).toContain(".ci/run");
    expect(existsSync(join(root, ".ci/run"))).toBe(true);
  });
});

const jobsOf = (name: string) => (parse(read(`.github/workflows/${name}`)) as Workflow).jobs;

test("no checkout leaves a token behind", () => {
  const steps = [jobsOf("ci.yml"), jobsOf("release.yml")].flatMap((jobs) =>
    Object.values(jobs).flatMap((job) => job.steps),
  );
  const checkouts = steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
  expect(checkouts).toHaveLength(3);
  for (const { with: given } of checkouts) expect(given?.["persist-credentials"]).toBe(false);
});

test("CI runs on Linux, macOS and Windows", () => {
  expect(jobsOf("ci.yml").test?.strategy?.matrix.os.map((os) => os.split("-")[0])).toEqual([
    "ubuntu",
    "macos",
    "windows",
  ]);
});

test("a release publishes to JSR and npm, with provenance, where no script of a dependency runs", () => {
  const { test: tested, publish } = jobsOf("release.yml");
  expect(tested?.permissions).toEqual({ contents: "read" });
  expect(publish?.steps.flatMap(({ run = [] }) => run)).toEqual([
    "npm ci --ignore-scripts",
    "npx deno publish",
    "npm publish --provenance --access public",
  ]);
});

test("what names a version names this one", () => {
  const manifest = JSON.parse(read("package.json"));
  const [series = ""] = /^\d+\.\d+/.exec(manifest.version) ?? [];
  expect(read("examples/browser.html")).toContain(`https://esm.sh/engagelab-ma@${series}"`);
});

test("npm and JSR get the same version, and the CHANGELOG knows it", () => {
  const { version } = JSON.parse(read("package.json"));
  expect(JSON.parse(read("jsr.json")).version).toBe(version);
  expect(read("CHANGELOG.md")).toContain(`## ${version}\n`);
});

test("npm scripts run on any shell", () => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  for (const [name, script] of Object.entries(scripts)) {
    expect(script, name).not.toMatch(/[;|$'`<>*~]|(^|&& )((rm|cp|mv|cat|export)\b|[A-Z_]+=)|(?<!&)&(?!&)/);
  }
});
