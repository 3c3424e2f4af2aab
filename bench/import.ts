/**
 * A million updates with a stubbed fetch: rows a second beside plain loops at the same concurrency, and the heap after
 * the last row beside that after the first 50,000. Exits with 1 where the heap has grown by more than a fifth.
 *
 *     npm run bench:import            (-- --quick for a fifth of the rows, -- --json for one line of JSON)
 */
import { parseArgs } from "node:util";
import { createClient, type SetContactBody, setContacts } from "engagelab-ma";
import { byHand } from "./contestants.ts";
import { answer, CREDENTIALS, URL_OF_CONTACT } from "./stub.ts";

const { values: flags } = parseArgs({ options: { quick: { type: "boolean" }, json: { type: "boolean" } } });
const ROWS = flags.quick ? 200_000 : 1_000_000;
const FIRST = 50_000;
const CONCURRENCY = 6;

function* updates(): Generator<SetContactBody> {
  for (let i = 1; i <= ROWS; i++) yield { euid: i, contacts: { email: `user${i}@example.com`, mobile_phone: `+${i}` } };
}

/** The loop that everybody writes: so many workers, each of which takes the next row. */
async function plainLoop(set: (body: SetContactBody) => Promise<unknown>): Promise<void> {
  const rows = updates();
  const worker = async () => {
    for (const row of rows) await set(row);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

const engagelab = createClient({ ...CREDENTIALS, fetch: answer });
const heap: number[] = [];

/** In bytes, after a collection. */
function measureHeap(): void {
  if (globalThis.gc === undefined) throw new Error("run with --expose-gc");
  globalThis.gc();
  heap.push(process.memoryUsage().heapUsed);
}

async function ours(): Promise<void> {
  let rows = 0;
  for await (const { ok } of setContacts(engagelab, updates(), { concurrency: CONCURRENCY })) {
    if (!ok) throw new Error("a row failed");
    if (++rows === FIRST) measureHeap();
  }
  measureHeap();
}

async function rowsPerSecond(run: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await run();
  return Math.round((ROWS * 1000) / (performance.now() - start));
}

const results = {
  setContacts: { "rows/s": await rowsPerSecond(ours) },
  "plain loop of setContact": { "rows/s": await rowsPerSecond(() => plainLoop((row) => engagelab.setContact(row))) },
  "plain loop of fetches by hand": {
    "rows/s": await rowsPerSecond(() => plainLoop((row) => byHand(answer, URL_OF_CONTACT, row))),
  },
};
const [first = 0, last = 0] = heap;
if (flags.json) console.log(JSON.stringify(results));
else console.table(results);
if (!flags.json) console.log(`${ROWS} rows; the heap after ${FIRST}: ${first} bytes, after the last: ${last} bytes`);
if (last > first * 1.2) {
  console.error("the heap has grown by more than a fifth");
  process.exitCode = 1;
}
