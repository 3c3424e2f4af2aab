/** EngageLab on a bad day: slow, with faults of all kinds, and with a record of what it was asked and what it applied. */
import { setTimeout as sleep } from "node:timers/promises";
import { createEmulator } from "../../src/emulator.ts";
import { parseJson } from "../../src/int64.ts";
import type { Randomness } from "../support/randomness.ts";
import { type LoopbackServer, serve } from "../support/serve.ts";

/** A value that was set, and when, in ms. */
export interface Applied {
  readonly value: string;
  readonly at: number;
}

export interface Upstream extends LoopbackServer {
  /** By EUID and contact name, in their order. */
  readonly applied: Map<string, Applied[]>;
  readonly counts: { calls: number; faults: number; overlaps: number };
}

const ENVELOPE = { "content-type": "application/json" };

/** Faults in a row for the same values, at most: each doubles the wait, and a run should end. */
const IN_A_ROW = 5;

/** What may go wrong before anything is applied. */
const REFUSALS: readonly (() => Response)[] = [
  () => new Response(null, { status: 500 }),
  () => new Response("<html>Bad gateway</html>", { status: 502, headers: { "content-type": "text/html" } }),
  () => new Response("<html>Welcome</html>", { status: 200, headers: { "content-type": "text/html" } }),
  () => new Response(null, { status: 429, headers: { "retry-after": "1" } }),
  () => new Response(null, { status: 429 }),
  () => new Response('{"code":99,"message":"busy"}', { status: 503, headers: ENVELOPE }),
  () => new Response(null, { status: 302, headers: { location: "http://127.0.0.1:1/" } }),
  () => {
    throw new Error("the connection breaks");
  },
];

/** How an answer may be lost although the values were applied. */
const LOSSES: readonly ((text: string) => Response)[] = [
  () => {
    throw new Error("the connection breaks");
  },
  () => new Response(null, { status: 504 }),
  (text) => new Response(text.slice(0, text.length / 2), { headers: ENVELOPE }),
];

/** @param faults from 0 to 1: how often something goes wrong */
export async function startUpstream(randomness: Randomness, faults: number): Promise<Upstream> {
  const emulator = createEmulator();
  const applied = new Map<string, Applied[]>();
  const counts = { calls: 0, faults: 0, overlaps: 0 };
  const running = new Set<string>();
  const inARow = new Map<string, number>();

  async function answer(request: Request): Promise<Response> {
    const body = await request.clone().text();
    const { euid, contacts } = parseJson(body) as { euid: unknown; contacts: object };
    counts.calls++;
    const key = String(euid);
    if (running.has(key)) counts.overlaps++;
    running.add(key);
    // The work continues even if the connection breaks.
    await sleep(randomness.below(400));
    running.delete(key);
    const before = inARow.get(body) ?? 0;
    const faulty = randomness.chance(faults) && before < IN_A_ROW;
    inARow.set(body, faulty ? before + 1 : 0);
    if (faulty) counts.faults++;
    const lost = faulty && randomness.chance(0.4);
    if (faulty && !lost) return randomness.pick(REFUSALS)();
    const response = await emulator.fetch(request);
    const text = await response.text();
    if (JSON.parse(text).code === 0) {
      for (const [name, value] of Object.entries(contacts)) {
        const history = applied.get(`${key} ${name}`) ?? [];
        applied.set(`${key} ${name}`, [...history, { value: String(value), at: performance.now() }]);
      }
    }
    return lost ? randomness.pick(LOSSES)(text) : new Response(text, { status: response.status, headers: ENVELOPE });
  }

  return { ...(await serve(answer)), applied, counts };
}
