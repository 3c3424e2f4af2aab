/** Bundles the console into one page, with a Content-Security-Policy that allows nothing else to run. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const sha256 = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** A file and all its imports. */
async function bundled(folder: URL, name: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(name, folder))],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    write: false,
  });
  return outputFiles.map(({ text }) => text).join("");
}

export async function consoleSource(folder: URL): Promise<string> {
  const [template, style, script] = await Promise.all([
    readFile(new URL("index.html", folder), "utf8"),
    bundled(folder, "console.css"),
    bundled(folder, "console.ts"),
  ]);
  // Functions, because `$&` in a replacement string has a meaning.
  const page = template
    .replace("<!-- style -->", () => `<style>${style}</style>`)
    .replace("<!-- script -->", () => `<script>${script}</script>`);
  const policy = [
    "default-src 'none'",
    `script-src ${sha256(script)}`,
    `style-src ${sha256(style)}`,
    "img-src data:", // the empty icon
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join("; ");
  return `export const page: string = ${JSON.stringify(page)};
export const policy: string = ${JSON.stringify(policy)};
`;
}
