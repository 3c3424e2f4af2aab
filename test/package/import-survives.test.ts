/** An import through kills, faults, a dead server and a full disk. From the tarball, against an emulator over HTTP. */
import { once } from "node:events";
import { appendFile, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { createEmulator, type Fault, VENDOR_CREDENTIALS } from "../../src/emulator.ts";
import { ended, NODE, RUNTIMES, type Runtime, runCli, startCli } from "../support/cli.ts";
import { windows } from "../support/node.ts";
import { createRandomness } from "../support/randomness.ts";
import { type LoopbackServer, serve } from "../support/serve.ts";

const { project } = inject("packed");
const CLI = join(project, "node_modules/engagelab-ma/dist/cli.js");
const CONCURRENCY = 6;
const emulator = createEmulator();
/** What goes wrong with the next request. */
let fault: () => Fault | undefined;
let server: LoopbackServer;
let folder: string;

beforeAll(async () => {
  server = await serve((request) => {
    const next = fault();
    if (next) emulator.fail(next);
    return emulator.fetch(request);
  });
});
afterAll(() => server.close());
beforeEach(async () => {
  fault = () => undefined;
  emulator.reset();
  folder = await mkdtemp(join(project, "import-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const FLAGS = ["import", "u.csv", "--euid-column", "id"];
const options = () => ({
  cwd: folder,
  env: {
    ENGAGELAB_API_KEY: VENDOR_CREDENTIALS.apiKey,
    ENGAGELAB_API_SECRET: VENDOR_CREDENTIALS.apiSecret,
    ENGAGELAB_BASE_URL: server.url,
  },
});
const run = (...flags: string[]) => runCli(CLI, [...FLAGS, ...flags], options());
const write = (rows: readonly string[]) => writeFile(join(folder, "u.csv"), `id,email\n${rows.join("\n")}\n`);
const values = () => Object.fromEntries([...emulator.contacts].map(([euid, names]) => [euid, names.get("email")]));
/** The user and the value of each request. */
const sent = () => emulator.requests.map(({ body }) => Object.values(JSON.parse(body)) as [number, { email: string }]);

async function untilSent(count: number): Promise<void> {
  while (emulator.requests.length < count) await new Promise((resolve) => setTimeout(resolve, 2));
}

test.skipIf(windows)("killed twenty times at random moments, with 10 % faults", async () => {
  const randomness = createRandomness(7);
  const faults: Fault[] = [
    { status: 503 },
    { status: 503, applied: true },
    { broken: "connection" },
    { broken: "connection", applied: true },
    { status: 429, headers: { "retry-after": "0" } },
  ];
  fault = () => (randomness.chance(0.1) ? randomness.pick(faults) : { delay: randomness.below(4), applied: true });
  // 300 users, each five times, with the rows of a user near each other and far apart.
  const rows = Array.from({ length: 1500 }, (_, i) => `${i % 2 ? i % 299 : Math.floor(i / 10)},v${i}`);
  await write(rows);

  for (let kill = 0; kill < 20; kill++) {
    const before = emulator.requests.length;
    const child = startCli(CLI, FLAGS, options());
    const exited = once(child, "exit");
    await untilSent(before + 1 + randomness.below(60));
    child.kill("SIGKILL");
    await exited;
  }
  const { code, output } = await run();
  expect([code, output]).toEqual([0, expect.stringMatching(/failed 0/)]);

  const last = new Map(rows.map((row) => row.split(",") as [string, string]));
  expect(values()).toEqual(Object.fromEntries(last));

  // The rows of a user in the order of the file; going back at most to what was in flight at a kill.
  const positions = sent().map(([, { email }]) => Number(email.slice(1)));
  expect(new Set(positions).size).toBe(rows.length);
  const highest = new Map<number, number>();
  let backwards = 0;
  for (const [index, [euid]] of sent().entries()) {
    const position = positions[index] ?? 0;
    if (position < (highest.get(euid) ?? -1)) backwards++;
    highest.set(euid, position);
  }
  expect(backwards).toBe(0);
  const retries = 0.1 * emulator.requests.length * 1.6;
  expect(emulator.requests.length).toBeLessThan(rows.length + 20 * CONCURRENCY + retries);
});

test.skipIf(windows)("Ctrl-C ends it with 130, and the same command continues", async () => {
  fault = () => ({ delay: 5, applied: true });
  await write(Array.from({ length: 300 }, (_, i) => `${i},v${i}`));
  const child = startCli(CLI, FLAGS, options());
  const result = ended(child);
  await untilSent(50);
  child.kill("SIGINT");
  expect(await result).toMatchObject({ code: 130, stderr: "", stdout: expect.stringMatching(/set \d+, .* failed 0/) });
  expect((await run()).output).toMatch(/failed 0/);
  expect(Object.keys(values())).toHaveLength(300);
  expect(emulator.requests.length).toBeLessThanOrEqual(300 + CONCURRENCY);
});

test("two runs on one file: the second one sends nothing; a killed one blocks nobody", async () => {
  await write(Array.from({ length: 20 }, (_, i) => `${i + 1},a`));
  fault = () => ({ delay: 300 });
  const first = startCli(CLI, FLAGS, options());
  await untilSent(1);
  const second = await run();
  expect([second.code, second.output]).toEqual([2, expect.stringContaining(`as process ${first.pid}`)]);
  expect(second.output).not.toMatch(/set \d/);
  first.kill("SIGKILL");
  await once(first, "close");
  fault = () => undefined;
  expect((await run()).code).toBe(0);
  expect(Object.keys(values())).toHaveLength(20);
});

test("a dead server stops it, nothing is marked, and the same command continues later", async () => {
  await write(Array.from({ length: 100 }, (_, i) => `${i},v${i}`));
  fault = () => (emulator.requests.length < 10 ? undefined : { broken: "connection" });
  const { code, output } = await run("--max-failures", "3");
  expect([code, output]).toEqual([1, expect.stringMatching(/Stopped after 3 failures in a row/)]);
  expect(output).toMatch(/set 10, .* done before 0/);
  fault = () => undefined;
  expect(await run()).toMatchObject({ code: 0, output: expect.stringMatching(/set 90, .* failed 0, done before 10/) });
});

test("a refused connection is reported", async () => {
  await write(["1,a"]);
  const nobody = await serve(async () => new Response());
  nobody.close();
  const { env, cwd } = options();
  const result = await runCli(CLI, FLAGS, { cwd, env: { ...env, ENGAGELAB_BASE_URL: nobody.url } });
  expect([result.code, result.output]).toEqual([1, expect.stringMatching(/was not set: /)]);
});

test("a failed row that EngageLab did not answer keeps its place in the order of its user", async () => {
  await write(["1,x", "2,b", "1,c"]);
  fault = () => (emulator.requests.length < 5 ? { broken: "connection" } : undefined);
  expect((await run("--concurrency", "1")).output).toMatch(/set 2, .* failed 1/);
  fault = () => undefined;
  expect((await run()).output).toMatch(/set 0, .* failed 1 \(1 in an earlier run\), done before 2/);
  expect((await run("--retry-failed")).output).toMatch(/set 2, .* failed 0, done before 1/);
  expect(values()).toEqual({ 1: "c", 2: "b" });
});

test.each(["+ 3 6b86b273ff34fce19d6b 37", "{", "\n"])("a journal that a kill cut off in a line: %s", async (torn) => {
  await write(["1,a", "2,b"]);
  if (torn === "{") await writeFile(join(folder, "u.csv.journal"), torn);
  else {
    await run();
    await appendFile(join(folder, "u.csv.journal"), torn);
  }
  expect(await run()).toMatchObject({ code: 0 });
  expect(await run()).toMatchObject({ code: 0, output: expect.stringMatching(/set 0, .* done before 2/) });
});

test("a damaged journal is refused", async () => {
  await write(["1,a", "2,b"]);
  await run();
  await appendFile(join(folder, "u.csv.journal"), "nonsense\n");
  expect(await run()).toMatchObject({ code: 2, output: expect.stringMatching(/damaged in line 4/) });
});

/** With a limit on the size of each file, as if the disk were full. */
const limited = (blocks: number): Runtime => ["sh", "-c", `ulimit -f ${blocks}; exec "$0" "$@"`, ...NODE];

test.skipIf(windows)("a full disk is noticed before anything is sent, and leaves nothing behind", async () => {
  await write(["1,a", "2,b"]);
  const { code, output } = await runCli(CLI, FLAGS, { ...options(), runtime: limited(0) });
  expect([code, output]).toEqual([2, expect.stringMatching(/^u\.csv\..+ can't be written: EFBIG/)]);
  expect(emulator.requests).toEqual([]);
  expect(await run()).toMatchObject({ code: 0, output: expect.stringMatching(/set 2, .* failed 0, done before 0/) });
});

test.skipIf(windows)("a disk that fills up stops it, and the same command continues later", async () => {
  await write(Array.from({ length: 300 }, (_, i) => `${i},v${i}`));
  const { code, output } = await runCli(CLI, FLAGS, { ...options(), runtime: limited(8) });
  expect([code, output]).toEqual([2, expect.stringMatching(/^u\.csv\.journal can't be written: EFBIG/m)]);
  const [, set = ""] = /set (\d+), .* failed 0/.exec(output) ?? [];
  expect(Number(set)).toBeGreaterThan(50);
  expect((await run()).output).toMatch(new RegExp(`set ${300 - Number(set)}, .* failed 0, done before ${set}`));
  expect(Object.keys(values())).toHaveLength(300);
  expect(emulator.requests.length).toBeLessThanOrEqual(300 + CONCURRENCY);
});

test.each(RUNTIMES)("a second import of the same file is refused while the first one runs: %s", async (_, runtime) => {
  fault = () => ({ delay: 5, applied: true });
  await write(Array.from({ length: 300 }, (_, i) => `${i},v${i}`));
  const first = runCli(CLI, FLAGS, { ...options(), runtime });
  await untilSent(1);
  const second = await runCli(CLI, FLAGS, { ...options(), runtime });
  expect([second.code, second.output]).toEqual([2, expect.stringMatching(/running already, as process \d+/)]);
  expect(await first).toMatchObject({ code: 0, output: expect.stringMatching(/set 300, .* failed 0/) });
  expect(emulator.requests).toHaveLength(300);
  expect((await readdir(folder)).sort()).toEqual(["u.csv", "u.csv.journal"]);
});

test("progress in a log: a line every few seconds", async () => {
  await write(Array.from({ length: 14 }, (_, i) => `${i},v${i}`));
  expect((await run("--rate", "2")).stderr).toMatch(/^\d+ %: \d+ rows, 0 failed, \d rows\/s, \d+ s left$/m);
});
