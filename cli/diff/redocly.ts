/** Runs `redocly diff`. */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

/** One change, as Redocly's JSON has it. */
export interface RedoclyChange {
  /** `#/paths/~1v1~1user~1contact/post`, with `$ref`s followed. */
  readonly path: string;
  /** `Operation`, `Schema`, … */
  readonly typeName: string;
  readonly kind: "added" | "removed" | "modified";
  readonly impact: "major" | "minor" | "patch";
  readonly verdicts: readonly { readonly ruleId: string; readonly message: string }[];
  /** The member that was modified. */
  readonly property?: string;
  readonly base?: RedoclySide;
  readonly revision?: RedoclySide;
}

interface RedoclySide {
  /** Relative to the current folder. */
  readonly file: string;
  readonly line: number;
  readonly col: number;
  readonly value?: unknown;
}

/** The user installs it: next to this package, or, with `npx`, in the current folder. */
function findRedocly(): string {
  for (const from of [import.meta.url, join(process.cwd(), "noname.js")]) {
    try {
      return createRequire(from).resolve("@redocly/cli/bin/cli.js");
    } catch {}
  }
  throw new Error("diff needs one more package: npm install --save-dev @redocly/cli@2");
}

/** @throws Error if Redocly is missing or does not work */
export async function redoclyDiff(before: string, after: string): Promise<RedoclyChange[]> {
  const redocly = findRedocly();
  const folder = await mkdtemp(join(tmpdir(), "engagelab-ma-diff-"));
  try {
    const config = join(folder, "redocly.yaml");
    await writeFile(config, "extends: [diff-recommended]\n"); // without it every diff passes
    const args = [redocly, "diff", before, after, "--config", config, "--format", "json", "--fail-on", "none"];
    const child = spawn(process.execPath, "Deno" in globalThis ? ["run", "-A", ...args] : args, {
      env: { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return readReport(output, errors);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function readReport(output: string, errors: string): RedoclyChange[] {
  try {
    const report = JSON.parse(output);
    if (report.reportVersion === "1" && Array.isArray(report.changes)) return report.changes;
  } catch {}
  const [reason = ""] = errors.trim().split("\n").slice(-1);
  throw new Error(`redocly diff failed. Try another version: npm install --save-dev @redocly/cli@2.77.0 ${reason}`);
}
