/** Builds dist/: the library with tsc, and each bundle as one file with esbuild. */
import { execFileSync } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Metafile } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

const BUNDLES: Record<string, BuildOptions> = {
  cli: {
    entryPoints: ["cli/index.ts"],
    platform: "node",
    target: "node20",
    // Bundled CommonJS libraries call `require`.
    banner: { js: 'import { createRequire as from } from "node:module";\nconst require = from(import.meta.url);' },
  },
  gateway: {
    entryPoints: ["worker/index.ts"],
    target: "es2024",
    conditions: ["workerd"],
    external: ["cloudflare:*"],
  },
};

/** The licences of the packages in a bundle. */
function licences({ inputs }: Metafile): string {
  const packages = new Set(
    Object.keys(inputs).flatMap((path) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []),
  );
  const texts = [...packages].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    const file = readdirSync(join(root, folder)).find((each) => /^licen[cs]e/i.test(each));
    // Some packages state their licence in package.json only.
    const text = file === undefined ? `Licence: ${license}` : readFileSync(join(root, folder, file), "utf8").trim();
    if (file === undefined && license === undefined) throw new Error(`${folder} has no licence`);
    return `${name} ${version}\n\n${text}\n`;
  });
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}

rmSync(join(root, "dist"), { recursive: true, force: true });
execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc")], { cwd: root, stdio: "inherit" });
for (const [name, options] of Object.entries(BUNDLES)) {
  const outfile = `dist/${name}.js`;
  const { metafile } = await build({
    ...options,
    absWorkingDir: root,
    bundle: true,
    format: "esm",
    metafile: true,
    outfile,
    logLevel: "warning",
  });
  writeFileSync(join(root, `dist/${name}.licences.txt`), licences(metafile));
}
// Types generated from the sources would need those of the runtime and of every library.
copyFileSync(join(root, "worker/gateway.d.ts"), join(root, "dist/gateway.d.ts"));
