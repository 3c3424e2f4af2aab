/**
 * Compares the current specs with those of the last release. A breaking change needs a changeset that says so: its bump
 * is `major` (before 1.0 also `minor`), and its text has the word "breaking".
 *
 *     npm run spec:diff
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { toLine } from "../cli/diff/change.ts";
import { compare } from "../cli/diff/compare.ts";

const root = resolve(process.argv[2] ?? join(import.meta.dirname, ".."));
const SPECS = ["ma.yaml", "gateway.yaml"];

function git(...args: string[]): string {
  return execFileSync("git", ["-C", root, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}

/** The tag of the last release before this commit. */
function lastRelease(): string | undefined {
  try {
    return git("describe", "--tags", "--abbrev=0", "--match", "v*").trim();
  } catch {
    return undefined;
  }
}

function announcesBreaking(): boolean {
  const { name, version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const bumps = version.startsWith("0.") ? "major|minor" : "major";
  const files = readdirSync(join(root, ".changeset")).filter((file) => file.endsWith(".md") && file !== "README.md");
  return files.some((file) => {
    const [, header = "", text = ""] =
      /^---\r?\n(.*?)\r?\n---(.*)$/s.exec(readFileSync(join(root, ".changeset", file), "utf8")) ?? [];
    return new RegExp(`^["']?${name}["']?: *(${bumps})\\s*$`, "m").test(header) && /\bbreaking\b/i.test(text);
  });
}

/** @returns how many changes break calls */
async function compareWith(release: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "engagelab-ma-release-"));
  try {
    const files = git("ls-tree", "--name-only", release, "openapi/").trim().split("\n");
    for (const file of files)
      writeFileSync(join(folder, file.replace("openapi/", "")), git("show", `${release}:${file}`));
    let breaking = 0;
    for (const spec of SPECS.filter((name) => files.includes(`openapi/${name}`))) {
      for (const change of await compare(join(folder, spec), join(root, "openapi", spec))) {
        console.log(`${spec} ${toLine(change)}`);
        if (change.breaking) breaking++;
      }
    }
    return breaking;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const release = lastRelease();
if (release === undefined) console.log("There is no release to compare with.");
else {
  const breaking = await compareWith(release);
  console.log(`Since ${release}: ${breaking} breaking changes.`);
  if (breaking > 0 && !announcesBreaking()) {
    console.error('A breaking change needs a changeset that says "Breaking": npx changeset');
    process.exitCode = 1;
  }
}
