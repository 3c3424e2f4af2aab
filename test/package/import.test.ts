/** examples/import-contacts.ts on three runtimes: 20,000 rows, faults on every tenth call, killed twice. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { createEmulator, type Fault, VENDOR_CREDENTIALS } from "../../src/emulator.ts";
import { checked } from "../support/contract-check.ts";
import { binary, root, windows } from "../support/node.ts";
import { npm } from "../support/packed.ts";
import { type LoopbackServer, serve } from "../support/serve.ts";

const { project } = inject("packed");
const ROWS = 20_000;
const BIG = 9_007_199_254_740_993n;

const RUNTIMES: Array<[name: string, command: string, args: string[]]> = [
  ["node", process.execPath, []],
  ["bun", binary("bun"), []],
  ["deno", binary("deno"), ["run", "-A", "--node-modules-dir=manual"]],
];

const emulator = checked(createEmulator());
const FAULTS: Fault[] = [
  { status: 503, headers: { "retry-after": "0" } },
  { status: 429, headers: { "retry-after": "0" } },
  { status: 502, applied: true, headers: { "retry-after": "0" } },
  { status: 500, body: "<html>", headers: { "retry-after": "0" } },
  { broken: "connection", applied: true },
];
let faulty = false;
let calls = 0;
let onCall = () => {};
let server: LoopbackServer;
let folder = "";

beforeAll(async () => {
  await npm(
    project,
    "install",
    "--no-audit",
    "--no-fund",
    "--prefer-offline",
    "csv-parse@7.0.3",
    "cli-progress@3.12.0",
  );
  for (const file of ["import-contacts.ts", "import-rows.ts", "import-journal.ts"]) {
    await cp(join(root, "examples", file), join(project, file));
  }
  const faults = new Map<string, number>();
  let before: Promise<unknown> = Promise.resolve();
  server = await serve((request) => {
    const call = ++calls;
    onCall();
    // One after the other, so that a fault meets the request that it is meant for.
    const answered = before.then(async () => {
      const body = await request.clone().text();
      const met = faults.get(body) ?? 0;
      // Every tenth call; but where retries fall in step with that, a row could meet more faults than it has retries.
      if (faulty && call % 10 === 0 && met < 3) {
        faults.set(body, met + 1);
        // A connection breaks seldom, since only then the client waits for its backoff.
        emulator.fail(FAULTS[call % 1000 === 0 ? 4 : (call / 10) % 4] ?? {});
      }
      return emulator.fetch(request);
    });
    before = answered.catch(() => {});
    return answered;
  });
});
afterAll(() => server.close());
beforeEach(async () => {
  folder = join(project, "import");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  emulator.reset();
  faulty = false;
  onCall = () => {};
});

const SECRETS = { ENGAGELAB_API_KEY: VENDOR_CREDENTIALS.apiKey, ENGAGELAB_API_SECRET: VENDOR_CREDENTIALS.apiSecret };

function start([, command, args]: (typeof RUNTIMES)[number], flags: string[], environment: object = SECRETS) {
  const env = { ...process.env, ENGAGELAB_BASE_URL: server.url, NO_COLOR: "1", ...environment };
  const shell = command.endsWith(".cmd");
  const child = spawn(command, [...args, join(project, "import-contacts.ts"), ...flags], { cwd: folder, env, shell });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const ended = once(child, "close").then(() => ({ code: child.exitCode, output }));
  return { child, ended };
}
const run = (...args: Parameters<typeof start>) => start(...args).ended;
const NODE = RUNTIMES[0] ?? ["node", process.execPath, []];

const read = async (name: string) =>
  (await readFile(join(folder, name), "utf8")).split("\n").filter((line) => line !== "");
const failures = async () => (await read("failures.ndjson")).map((line) => JSON.parse(line));

/** A file with all that a CSV may hold, and what must come of it. */
function makeFile() {
  const lines: string[] = ["\uFEFFname,email,id,phone"];
  const expected = new Map<string, Record<string, string>>();
  const bad = new Map<number, RegExp>();
  for (let i = 0; i < ROWS; i++) {
    const line = lines.length + 1;
    const euid = i % 7 === 0 ? String(BIG + BigInt(i % 70)) : String(i % 15_000); // many stand there more than once
    const good = { email: `user${i}@example.com`, mobile_phone: `+${i}` };
    if (i % 500 === 1) {
      lines.push(`x,${good.email},12.5,+1`);
      bad.set(line, /euid/);
    } else if (i % 500 === 2) {
      lines.push(`x,,${euid},`);
      bad.set(line, /no contact/);
    } else if (i % 500 === 3) {
      lines.push(`x,${good.email},${euid}`);
      bad.set(line, /cells/);
    } else if (i % 500 === 4) {
      lines.push(`x,a "quoted" b,${euid},+1`);
      bad.set(line, /quote/);
    } else if (i % 500 === 5) {
      lines.push(`x,${good.email},,+1`);
      bad.set(line, /nothing in the column id/);
    } else {
      if (i % 100 === 6) lines.push("");
      else if (i % 100 === 7) good.email = 'O\'Brien, "the" 名前\n🎉@example.com';
      const email = i % 100 === 7 ? `"${good.email.replaceAll('"', '""')}"` : good.email;
      lines.push(...`"name, ${i}",${email},${euid},${good.mobile_phone}`.split("\n"));
      expected.set(euid, good);
    }
  }
  return { text: `${lines.join("\r\n")}\r\n`.replaceAll("名前\r\n", "名前\n"), expected, bad };
}

// On Windows a kill ends the shell around Bun and Deno, and not these.
test.skipIf(windows).each(RUNTIMES)(
  "%s: 20,000 rows, faults, two kills",
  async (...runtime) => {
    const { text, expected, bad } = makeFile();
    await writeFile(join(folder, "users.csv"), text);
    const flags = ["users.csv", "--euid-column", "id", "--contact", "email=email", "--contact", "mobile_phone=phone"];
    faulty = true;
    for (let kill = 1; kill <= 2; kill++) {
      const { child, ended } = start(runtime, flags);
      const stopAt = calls + ROWS / 4;
      onCall = () => {
        if (calls === stopAt) child.kill("SIGKILL");
      };
      expect((await ended).code).toBeNull();
    }
    onCall = () => {};
    const done = new Set((await read("users.csv.journal")).slice(1).map(Number));
    expect(done.size).toBeGreaterThan(ROWS / 5);
    emulator.requests.length = 0;

    const { code, output } = await run(runtime, flags);
    expect(code, output).toBe(1); // some rows are bad
    expect(output).toMatch(new RegExp(`done before ${done.size},`));
    // What the journal called done was not sent again: each good row has a phone number of its own.
    const lineOf = new Map<string, number>();
    text.split(/\r\n/).reduce((line, row) => {
      lineOf.set(/\+\d+$/.exec(row)?.[0] ?? "", line);
      return line + row.split("\n").length;
    }, 1);
    const sent = emulator.requests.map(({ body }) => lineOf.get(JSON.parse(body).contacts.mobile_phone) ?? 0);
    expect(sent.filter((line) => done.has(line))).toEqual([]);

    const held = new Map([...emulator.contacts].map(([euid, names]) => [euid, Object.fromEntries(names)]));
    expect(held.size).toBe(expected.size);
    for (const [euid, contacts] of expected) expect(held.get(euid), euid).toEqual(contacts);
    const failed = await failures();
    expect(failed.map(({ line }) => line).sort((a, b) => a - b)).toEqual([...bad.keys()]);
    for (const { line, reason } of failed) expect(reason).toMatch(bad.get(line) ?? /never/);

    emulator.requests.length = 0;
    expect(await run(runtime, flags)).toMatchObject({ code: 0 }); // all is done
    expect(emulator.requests).toEqual([]);
  },
  300_000,
);

test.each(RUNTIMES)("%s: NDJSON, gzip, standard input, identities", async (...runtime) => {
  const rows = Array.from({ length: 250 }, (_, i) => ({ user: `user-${i}`, email: `${i}@example.com`, note: i }));
  const lines = [
    "\uFEFF",
    ...rows.map((row) => JSON.stringify(row)),
    "",
    "[1]",
    "{",
    '{"email":"a@b.c"}',
    `{"user":"${"x".repeat(257)}","email":"a@b.c"}`,
  ];
  const { child, ended } = start(runtime, [
    ...[
      "-",
      "--format",
      "ndjson",
      "--identity-column",
      "user",
      "--identity-name",
      "user_id",
      "--failures",
      "f.ndjson",
      "--journal",
      "j",
    ],
  ]);
  child.stdin.end(gzipSync(lines.join("\n")));
  const { code, output } = await ended;
  expect(code, output).toBe(1);
  expect(emulator.requests.filter(({ url }) => url.endsWith("/register"))).toHaveLength(3);
  const set = [...emulator.contacts.values()].map((names) => names.get("email"));
  expect(set.sort()).toEqual(rows.map(({ email }) => email).sort());
  const failed = (await read("f.ndjson")).map((line) => JSON.parse(line));
  expect(failed.map(({ line, reason }) => `${line} ${reason}`).sort()).toEqual([
    "253 is no JSON object",
    "254 is not JSON",
    "255 has nothing in the column user",
    "256 has an identity for which no EUID came back",
  ]);
});

/** The README's own commands, as a person types them, and the output that stands there. Windows has no `sh`. */
test.skipIf(windows).each(RUNTIMES)("%s: the README's section", async (...[, command, args]) => {
  const readme = await readFile(join(root, "README.md"), "utf8");
  const section = readme.slice(readme.indexOf("## Import your contacts"));
  const [, script = "", output = ""] = /```sh\n(.+?)```\n\n```\n(.+?)```/s.exec(section) ?? [];
  const typed = script
    .replaceAll("node_modules/", "../node_modules/")
    .replaceAll(/^node /gm, `${[command, ...args].join(" ")} `);
  const child = spawn("sh", ["-e", "-c", typed], { cwd: folder, env: { ...process.env, NO_COLOR: "1" } });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (printed += chunk));
  await once(child, "close");
  const timeless = (text: string) => text.replaceAll(/[\d.]+(?=\/s| s$)/gm, "N").trim();
  expect(timeless(printed)).toBe(timeless(output));
});

test("integers beyond 2^53 in NDJSON arrive digit for digit", async () => {
  await writeFile(
    join(folder, "u.ndjson"),
    '{"id":9007199254740993,"email":"a@b.c"}\n{"id":"9007199254740995","email":"b"}\n',
  );
  expect(await run(NODE, ["u.ndjson", "--euid-column", "id"])).toMatchObject({ code: 0 });
  expect([...emulator.contacts.keys()]).toEqual(["9007199254740993", "9007199254740995"]);
});

test("a dry run sends nothing, needs no credentials, and names the bad rows by their lines", async () => {
  await writeFile(join(folder, "u.csv"), "id,email\n1,a@b.c\nx,a@b.c\n3,\n");
  const { code, output } = await run(NODE, ["u.csv", "--euid-column", "id", "--dry-run"], {});
  expect(code).toBe(1);
  expect(output).toMatch(/line 3: euid/);
  expect(output).toMatch(/line 4: has no contact/);
  expect(output).toMatch(/would set 1, failed 2,/);
  expect(emulator.requests).toEqual([]);
  expect(existsSync(join(folder, "u.csv.journal"))).toBe(false);
});

// On Windows a signal from another process ends this one at once.
test.skipIf(windows)("Ctrl-C stops, and the next run goes on", async () => {
  const rows = Array.from({ length: 2000 }, (_, i) => `${i},${i}@example.com`);
  await writeFile(join(folder, "u.csv"), `id,email\n${rows.join("\n")}\n`);
  const flags = ["u.csv", "--euid-column", "id"];
  const { child, ended } = start(NODE, flags);
  const stopAt = calls + 500;
  onCall = () => {
    if (calls === stopAt) child.kill("SIGINT");
  };
  expect(await ended).toMatchObject({ code: 130 });
  onCall = () => {};
  expect(await run(NODE, flags)).toMatchObject({ code: 0 });
  expect(emulator.contacts.size).toBe(2000);
  expect(await failures()).toEqual([]);
});

test.each<[string, string[], object, RegExp]>([
  ["no file", ["none.csv", "--euid-column", "id"], SECRETS, /there is no none\.csv/],
  ["no column", ["u.csv", "--euid-column", "ID"], SECRETS, /no column ID/],
  ["no contact column", ["u.csv", "--euid-column", "id", "--contact", "email=mail"], SECRETS, /no column mail/],
  ["no EUID column", ["u.csv"], SECRETS, /--euid-column or --identity-column/],
  ["both columns", ["u.csv", "--euid-column", "id", "--identity-column", "id"], SECRETS, /--euid-column or/],
  ["no identity name", ["u.csv", "--identity-column", "id"], SECRETS, /--identity-name/],
  ["an unknown flag", ["u.csv", "--api-key", "x"], SECRETS, /--api-key/],
  ["a bad number", ["u.csv", "--euid-column", "id", "--concurrency", "many"], SECRETS, /concurrency/],
  ["a bad rate", ["u.csv", "--euid-column", "id", "--rate", "0"], SECRETS, /rate/],
  ["a bad contact", ["u.csv", "--euid-column", "id", "--contact", "email"], SECRETS, /NAME=COLUMN/],
  ["a bad format", ["u.csv", "--euid-column", "id", "--format", "xml"], SECRETS, /csv or ndjson/],
  ["two files", ["u.csv", "v.csv", "--euid-column", "id"], SECRETS, /one FILE/],
  ["no credentials", ["u.csv", "--euid-column", "id"], {}, /apiKey/],
  [
    "wrong credentials",
    ["u.csv", "--euid-column", "id"],
    { ...SECRETS, ENGAGELAB_API_SECRET: "x".repeat(24) },
    /authentication/,
  ],
])("it could not run, and leaves all as it was: %s", async (_, flags, environment, said) => {
  await writeFile(join(folder, "u.csv"), "id,email\n1,a@b.c\n2,a@b.c\n");
  await writeFile(join(folder, "failures.ndjson"), '{"line":7}\n');
  const { code, output } = await run(NODE, flags, environment);
  expect(code, output).toBe(2);
  expect(output).toMatch(said);
  expect(output).not.toContain(VENDOR_CREDENTIALS.apiSecret);
  expect(emulator.contacts.size).toBe(0);
  expect(existsSync(join(folder, "u.csv.journal"))).toBe(false);
  expect(await failures()).toEqual([{ line: 7 }]);
});

test("where no connection comes about, the failure says why", async () => {
  await writeFile(join(folder, "u.csv"), "id,email\n1,a@b.c\n");
  const nobody = await serve(async () => new Response());
  await nobody.close();
  const { code } = await run(NODE, ["u.csv", "--euid-column", "id"], { ...SECRETS, ENGAGELAB_BASE_URL: nobody.url });
  expect(code).toBe(1);
  expect(await failures()).toMatchObject([{ line: 2, reason: expect.stringContaining("ECONNREFUSED") }]);
});

test("--help prints the flags", async () => {
  expect(await run(NODE, ["--help"], {})).toMatchObject({ code: 0, output: expect.stringContaining("--dry-run") });
});

test.each([
  ["of another size", "id,email\n1,a@b.c\n2,b@b.c\n"],
  ["of the same size", "id,email\n1,b@b.c\n"],
])("the journal of another import is refused: the file is now one %s", async (_, changed) => {
  await writeFile(join(folder, "u.csv"), "id,email\n1,a@b.c\n");
  expect(await run(NODE, ["u.csv", "--euid-column", "id"])).toMatchObject({ code: 0 });
  await writeFile(join(folder, "u.csv"), changed);
  const { code, output } = await run(NODE, ["u.csv", "--euid-column", "id"]);
  expect([code, output]).toEqual([2, expect.stringMatching(/journal of another import/)]);
});

test("a quote that is never closed is told, and what stands before it is set", async () => {
  await writeFile(join(folder, "u.csv"), 'id,email\n1,a@b.c\n2,"b@b.c\n3,c@b.c\n');
  expect(await run(NODE, ["u.csv", "--euid-column", "id"])).toMatchObject({ code: 1 });
  expect([...emulator.contacts.keys()]).toEqual(["1"]);
  expect(await failures()).toMatchObject([{ reason: expect.stringMatching(/never closed/) }]);
});
