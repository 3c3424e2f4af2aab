/** For runtimes with a command line: `cli.js SERVER` prints the report as the last line. */
import { run } from "./run.ts";

declare const process: { argv: string[] };

console.log(JSON.stringify(await run(process.argv[2])));
