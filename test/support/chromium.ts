/** A Chromium to test with: one that is installed, or the one of the npm package @sparticuz/chromium (Linux x64). */
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type LaunchOptions } from "playwright-core";

const ARGS = ["--no-sandbox", "--disable-gpu"];

async function unpacked(): Promise<LaunchOptions> {
  // While this is set, the package unpacks the libraries that a bare machine lacks as well.
  process.env.AWS_EXECUTION_ENV = "AWS_Lambda_nodejs22.x";
  const { default: sparticuz } = await import("@sparticuz/chromium");
  const executablePath = await sparticuz.executablePath();
  delete process.env.AWS_EXECUTION_ENV;
  const libraries = join(tmpdir(), "al2023", "lib");
  return { executablePath, env: { ...process.env, LD_LIBRARY_PATH: libraries } };
}

/** What can be tried, in this order. */
function* candidates(): Iterable<() => Promise<LaunchOptions>> {
  const { CHROME_PATH } = process.env;
  if (CHROME_PATH) yield async () => ({ executablePath: CHROME_PATH });
  for (const executablePath of ["/usr/bin/chromium", "/usr/bin/chromium-browser"]) {
    if (existsSync(executablePath)) yield async () => ({ executablePath });
  }
  for (const channel of ["chrome", "msedge", "chromium"]) yield async () => ({ channel });
  if (process.platform === "linux" && process.arch === "x64") yield unpacked;
}

/** @throws Error that says what to install, where no browser starts */
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
