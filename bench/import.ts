/**
 * `engagelab-ma import` beside a plain loop of `setContact`, both over loopback HTTP: rows a second, and the memory of the
 * command in the course of a million rows. Exits with 1 if it grows by more than a fifth.
 *
 *     npm run bench:import            (-- --quick for 2 % of the rows, -- --json for one line of JSON)
 */
import { execFileSync, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { parseArgs } from "node:util";
import { createClient, type SetContactBody } from "engagelab-ma";
import { CREDENTIALS } from "./stub.ts";

const { values: flags } = parseArgs({ options: { quick: { type: "boolean" }, json: { type: "boolean" } } });
const ROWS = flags.quick ? 20_000 : 1_000_000;
const LOOP_ROWS = ROWS / 5;
const CONCURRENCY = 6;
const SAMPLE_MS = flags.quick ? 200 : 1000;

const server = fork(new URL("./http-server.ts", import.meta.url));
const [port] = await once(server, "message");
const baseUrl = `http://127.0.0.1:${port}`;
const folder = mkdtempSync(join(tmpdir(), "engagelab-ma-"));

function* updates(rows: number): Generator<SetContactBody> {
  for (let i = 1; i <= rows; i++) yield { euid: i, contacts: { email: `user${i}@example.com`, mobile_phone: `+${i}` } };
}

/** The loop that everybody writes: so many workers, each of which takes the next row. Returns rows a second. */
async function plainLoop(): Promise<number> {
  const engagelab = createClient({ ...CREDENTIALS, baseUrl });
  const rows = updates(LOOP_ROWS);
  const start = performance.now();
  const worker = async () => {
    for (const row of rows) await engagelab.setContact(row);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return (LOOP_ROWS * 1000) / (performance.now() - start);
}

/** Returns rows a second, start and end of the process included, and its memory over time, in KiB. */
async function command(): Promise<{ rate: number; memory: number[] }> {
  const path = join(folder, "users.csv");
  const lines = function* () {
    yield "id,email,mobile_phone\n";
    for (const { euid, contacts } of updates(ROWS)) yield `${euid},${contacts.email},${contacts.mobile_phone}\n`;
  };
  await finished(Readable.from(lines()).pipe(createWriteStream(path)));
  const start = performance.now();
  const child = spawn(process.execPath, ["dist/cli.js", "import", path, "--euid-column", "id"], {
    cwd: join(import.meta.dirname, ".."),
    env: {
      ...process.env,
      ENGAGELAB_API_KEY: CREDENTIALS.apiKey,
      ENGAGELAB_API_SECRET: CREDENTIALS.apiSecret,
      ENGAGELAB_BASE_URL: baseUrl,
    },
    stdio: "ignore",
  });
  const memory: number[] = [];
  const sampling = setInterval(() => {
    memory.push(Number(execFileSync("ps", ["-o", "rss=", "-p", String(child.pid)], { encoding: "utf8" })));
  }, SAMPLE_MS);
  const [code] = await once(child, "exit");
  clearInterval(sampling);
  if (code !== 0) throw new Error(`the import ended with ${code}`);
  return { rate: (ROWS * 1000) / (performance.now() - start), memory };
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const before = await plainLoop();
const { rate, memory } = await command();
const after = await plainLoop();
server.disconnect();
rmSync(folder, { recursive: true });

const results = {
  "engagelab-ma import": { "rows/s": Math.round(rate) },
  "plain loop of setContact": { "rows/s": Math.round((before + after) / 2) },
};
// By the second tenth, the heap has reached its size.
const tenth = Math.floor(memory.length / 10);
const [early, late] = [median(memory.slice(tenth, 2 * tenth)), median(memory.slice(-tenth))];
if (flags.json) console.log(JSON.stringify(results));
else {
  console.table(results);
  console.log(`${ROWS} rows; memory in the second tenth: ${early} KiB, in the last one: ${late} KiB`);
}
// A short run ends before the heap has its size.
if (!flags.quick && late > early * 1.2) {
  console.error("the memory has grown by more than a fifth");
  process.exitCode = 1;
}
