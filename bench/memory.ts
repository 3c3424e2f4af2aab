/** Part 3: the heap after many calls. Run with --expose-gc; prints JSON, in bytes. */
import { essential } from "./contestants.ts";
import { answer } from "./stub.ts";

const quick = process.argv.includes("--quick");
const total = quick ? 60_000 : 1_000_000;
const call = essential(answer)["engagelab-ma"];

async function heapAfter(calls: number): Promise<number> {
  for (let i = 0; i < calls; i++) await call();
  if (globalThis.gc === undefined) throw new Error("run with --expose-gc");
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

const few = await heapAfter(10_000);
const many = await heapAfter(total - 10_000);
const name = `after ${total.toLocaleString("en-US")} calls`;
console.log(JSON.stringify({ "after 10,000 calls": { bytes: few }, [name]: { bytes: many } }));
