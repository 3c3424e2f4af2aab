/** setContacts beside a plain loop of setContact, over a stubbed fetch. Prints JSON: the median of each in µs per update. */
import { createClient, setContacts } from "engagelab-ma";
import { answer, BODY, CREDENTIALS } from "./stub.ts";

const quick = process.argv.includes("--quick");
const ROUNDS = quick ? 3 : 30;
const UPDATES = quick ? 2_000 : 20_000;

const client = createClient({ ...CREDENTIALS, fetch: answer });
const updates = Array.from({ length: UPDATES }, (_, i) => ({ ...BODY, euid: i }));

const contestants: Record<string, () => Promise<void>> = {
  async "plain loop of setContact"() {
    for (const update of updates) await client.setContact(update);
  },
  async setContacts() {
    for await (const { ok } of setContacts(client, updates)) if (!ok) throw new Error("an update failed");
  },
};

const times = new Map<string, number[]>(Object.keys(contestants).map((name) => [name, []]));
for (let round = -2; round < ROUNDS; round++) {
  for (const [name, run] of Object.entries(contestants)) {
    const start = performance.now();
    await run();
    if (round >= 0) times.get(name)?.push(((performance.now() - start) / UPDATES) * 1000);
  }
}
const rows = [...times].map(([name, all]) => [name, { µs: all.sort((a, b) => a - b)[all.length >> 1] }]);
console.log(JSON.stringify(Object.fromEntries(rows)));
