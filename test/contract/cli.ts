/** For runtimes with a command line: `cli.js SERVER` prints version and reports as the last line. */
import { run } from "./run.ts";

declare const process: { argv: string[]; versions: Record<string, string> };

const { bun, deno, node } = process.versions;
const reports = await run(process.argv[2] ?? "");
console.log(JSON.stringify({ version: bun ?? deno ?? node, reports }));
