/** A Chromium to test with: one that is installed, or the one of the npm package @sparticuz/chromium (Linux x64). */
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type LaunchOptions } from "playwright-core";
import { node, root } from "./node.ts";

const ARGS = ["--no-sandbox", "--disable-gpu"];

/** Test files run side by side: each unpacks into a folder of its own, and the first one done gives it the name for all. */
async function unpacked(): Promise<LaunchOptions> {
  const manifest = await readFile(join(root, "node_modules/@sparticuz/chromium/package.json"), "utf8");
  const folder = join(tmpdir(), `engagelab-ma-chromium-${JSON.parse(manifest).version}`);
  if (!existsSync(folder)) {
    const own = await mkdtemp(`${folder}-`);
    try {
      // With the name of this environment, the package unpacks the libraries that a bare machine lacks as well.
      const env = { TMPDIR: own, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs22.x" };
      const { code, stderr } = await node(root, [join(root, "test/support/unpack-chromium.ts")], env);
      if (code !== 0) throw new Error(stderr);
      const fonts = join(own, "fonts/fonts.conf");
      await writeFile(fonts, (await readFile(fonts, "utf8")).replaceAll("/tmp/", `${folder}/`));
      await rename(own, folder).catch(() => {}); // Another one was first.
    } finally {
      await rm(own, { recursive: true, force: true });
    }
  }
  const env = { LD_LIBRARY_PATH: join(folder, "al2023/lib"), FONTCONFIG_PATH: join(folder, "fonts") };
  return { executablePath: join(folder, "chromium"), env: { ...process.env, ...env } };
}

/** The candidates, in this order. */
function* candidates(): Iterable<() => Promise<LaunchOptions>> {
  const { CHROME_PATH } = process.env;
  if (CHROME_PATH) yield async () => ({ executablePath: CHROME_PATH });
  for (const executablePath of ["/usr/bin/chromium", "/usr/bin/chromium-browser"]) {
    if (existsSync(executablePath)) yield async () => ({ executablePath });
  }
  for (const channel of ["chrome", "msedge", "chromium"]) yield async () => ({ channel });
  if (process.platform === "linux" && process.arch === "x64") yield unpacked;
}

/** @throws Error that says what to install, if no browser starts */
export async function launchChromium(): Promise<Browser> {
  const problems: string[] = [];
  for (const candidate of candidates()) {
    try {
      return await chromium.launch({ args: ARGS, ...(await candidate()) });
    } catch (error) {
      problems.push(String(error).split("\n")[0] ?? "");
    }
  }
  throw new Error(
    `No Chromium starts here. Install Google Chrome or Chromium, or set CHROME_PATH to one.\n${problems.join("\n")}`,
  );
}
