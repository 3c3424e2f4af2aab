/** `engagelab-ma import`, from the tarball, against an emulator over HTTP. */
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { createEmulator, VENDOR_CREDENTIALS } from "../../src/emulator.ts";
import { type CliOptions, NODE, RUNTIMES, runCli } from "../support/cli.ts";
import { checked } from "../support/contract-check.ts";
import { type LoopbackServer, serve } from "../support/serve.ts";

const { project } = inject("packed");
const CLI = join(project, "node_modules/engagelab-ma/dist/cli.js");
const SECRETS = {
  ENGAGELAB_API_KEY: VENDOR_CREDENTIALS.apiKey,
  ENGAGELAB_API_SECRET: VENDOR_CREDENTIALS.apiSecret,
};
const emulator = checked(createEmulator({ unique: ["email"], partialSuccess: false }));
let server: LoopbackServer;
let folder: string;

beforeAll(async () => {
  server = await serve(emulator.fetch);
});
afterAll(() => server.close());
beforeEach(async () => {
  emulator.reset();
  folder = await mkdtemp(join(project, "import-"));
  return () => rm(folder, { recursive: true, force: true });
});

const write = (content: string | Uint8Array, name = "u.csv") => writeFile(join(folder, name), content);
const read = (name: string) => readFile(join(folder, name), "utf8");
const BY_EUID = ["u.csv", "--euid-column", "id"];

function run(args: readonly string[] = BY_EUID, options: Partial<CliOptions> = {}) {
  const env = { ...SECRETS, ENGAGELAB_BASE_URL: server.url, ...options.env };
  return runCli(CLI, ["import", ...args], { cwd: folder, runtime: NODE, ...options, env });
}

const contacts = () =>
  Object.fromEntries([...emulator.contacts].map(([euid, names]) => [euid, Object.fromEntries(names)]));
const sent = () => emulator.requests.map(({ body }) => body);

async function failures(name = "u.csv.failures.csv"): Promise<Record<string, string>[]> {
  return parse(await read(name), { bom: true, columns: true, delimiter: [",", ";", "\t"] });
}

const utf16 = (text: string, mark = true) => Buffer.from((mark ? "\ufeff" : "") + text, "utf16le");

describe.each(RUNTIMES)("%s", (_, runtime) => {
  test("imports, tells what failed, and finishes after the file was corrected", async () => {
    await write(utf16("id;E-Mail;Mobile Phone\r\n1;a@b.c;+49 170\r\n1.0E+10;b@b.c;\r\n3;c@b.c;\r\n4;a@b.c;\r\n"));
    const first = await run(BY_EUID, { runtime });
    expect(first.output).toMatch(/set 2, stored 0, failed 2, done before 0/);
    expect(first.output).toMatch(/1 row: id was rounded by a spreadsheet.*line 3: "1.0E\+10"/);
    expect(first.output).toMatch(/1 row: .*Contact exists.*55014.*line 5/);
    expect(first.code).toBe(1);
    expect(contacts()).toEqual({ 1: { email: "a@b.c", mobile_phone: "+49 170" }, 3: { email: "c@b.c" } });
    expect(await failures()).toEqual([
      { id: "1.0E+10", "E-Mail": "b@b.c", "Mobile Phone": "", line: "3", reason: expect.stringMatching(/rounded/) },
      { id: "4", "E-Mail": "a@b.c", "Mobile Phone": "", line: "5", reason: expect.stringMatching(/Contact exists/) },
    ]);

    const again = await run(BY_EUID, { runtime });
    expect(again.output).toMatch(/set 0, stored 0, failed 2 \(1 in an earlier run\), done before 2/);
    expect(again.code).toBe(1);
    expect(await failures()).toHaveLength(2);

    await write(utf16("id;E-Mail;Mobile Phone\r\n1;a@b.c;+49 170\r\n2;b@b.c;\r\n3;c@b.c;\r\n4;d@b.c;\r\n"));
    const changed = await run(BY_EUID, { runtime });
    expect([changed.code, changed.output]).toEqual([2, expect.stringMatching(/--retry-failed/)]);
    emulator.requests.length = 0;
    const last = await run([...BY_EUID, "--retry-failed"], { runtime });
    expect([last.code, last.output]).toEqual([0, expect.stringMatching(/set 2, stored 0, failed 0, done before 2/)]);
    expect(sent()).toEqual(['{"euid":2,"contacts":{"email":"b@b.c"}}', '{"euid":4,"contacts":{"email":"d@b.c"}}']);
    expect(existsSync(join(folder, "u.csv.failures.csv"))).toBe(false);
    expect((await run(BY_EUID, { runtime })).output).toMatch(/set 0, stored 0, failed 0, done before 4/);
  });

  test("NDJSON with EUIDs of 64 bits, from standard input", async () => {
    const input = '{"id":9007199254740993,"email":"a\u2028b"}\n{"id":"-5","email":"c"}\n{"id":{"id":7},"email":"d"}\n';
    const { code, output } = await run(["-", "--euid-column", "id"], { runtime, input });
    expect([code, output]).toEqual([1, expect.stringMatching(/line 3: id .* must be a string or an integer/)]);
    expect(contacts()).toEqual({ "9007199254740993": { email: "a\u2028b" }, "-5": { email: "c" } });
  });

  test("a wrong secret stops it, with advice, and leaves nothing behind", async () => {
    await write("id,email\n1,a\n2,b\n");
    const env = { ENGAGELAB_API_SECRET: "x".repeat(24) };
    const { code, output } = await run(BY_EUID, { runtime, env });
    expect([code, output]).toEqual([2, expect.stringMatching(/Check the API key and the API secret/)]);
    expect(existsSync(join(folder, "u.csv.journal"))).toBe(false);
    expect(existsSync(join(folder, "u.csv.failures.csv"))).toBe(false);
  });
});

describe("a file that is read", () => {
  test.each([
    ["CR", "id,email\r1,a\r2,b"],
    ["a tab", "id\temail\n1\ta\n2\tb\n"],
    ["semicolons, with commas in the cells", "id;email;a,b,c,d\n1;a;x,y\n2;b;\n"],
    ["sep=", "sep=|\r\nid|email\r\n1|a\r\n2|b\r\n"],
    ["quotes everywhere", '"id","email"\r\n"1","a"\r\n"2","b"\r\n'],
    ["a blank behind a quote", 'id,email\n1,"a" \n2, "b"\n'],
    ["no-break spaces", "id,email\n\u00a01\u00a0,a\n 2 ,\u00a0b\n"],
    ["blank lines and rows of empty cells", "\nid,email\n\n1,a\n,\n2,b\n , \n\n"],
    ["a delimiter behind each row", "id,email,\n1,a,\n2,b,\n"],
    ["a byte-order mark", "\ufeffid,email\n1,a\n2,b\n"],
    ["UTF-16, big-endian", utf16("id,email\n1,a\n2,b\n").swap16()],
    ["UTF-16 with tabs", utf16('id\temail\r\n1\t"a"\r\n2\tb\r\n')],
  ])("%s", async (_, content) => {
    await write(content);
    const { code, output } = await run();
    expect([code, output]).toEqual([0, expect.stringMatching(/set 2, stored 0, failed 0/)]);
    expect(contacts()).toEqual({ 1: { email: "a" }, 2: { email: "b" } });
  });

  test("windows-1252 as user ids, if told so", async () => {
    await write(Buffer.from("id,email\nm\xfcller,a\nm\xf6ller,b\n", "latin1"));
    const flags = ["u.csv", "--identity-column", "id", "--identity-name", "user_id"];
    const refused = await run(flags);
    expect(refused.code).toBe(2);
    expect(refused.output).toMatch(/line 2, column 2.*--encoding windows-1252/);
    expect(emulator.requests).toEqual([]);
    expect((await run([...flags, "--encoding", "windows-1252"])).code).toBe(0);
    expect(sent()[0]).toContain('["müller","möller"]');
    expect(Object.values(contacts())).toEqual([{ email: "a" }, { email: "b" }]);
  });

  test("a cell with line breaks, and the lines behind it", async () => {
    await write('id,email,note\r\n1,a,"x\r\ny\rz\n"\r\n2,,\r\n');
    expect((await run()).output).toMatch(/has no contact.*line 6/);
  });

  test("a quote that is never closed: what is in front of it is sent, the rest is reported", async () => {
    await write(`id,email\n1,a\n2,"b\n${"3,c\n".repeat(50)}`);
    expect((await run()).output).toMatch(/never closed, so lines 3 to 53 can't be read \(for example line 3\)/);
    expect(contacts()).toEqual({ 1: { email: "a" } });
  });

  test("a quote in the wrong place costs its own row", async () => {
    await write('id,email\n1,"a"b\n2,c"d\n3,"e\n4,"f"\n5,g\n');
    const { output } = await run();
    expect(output).toMatch(/failed 3/);
    expect(contacts()).toEqual({ 5: { email: "g" } });
    expect((await failures()).map(({ line }) => line)).toEqual(["2", "3", "4"]);
  });
});

describe("a row that fails, with the reason", () => {
  test.each([
    ["001", /leading zeros/],
    ["1.0E+10", /rounded by a spreadsheet.*as text/],
    ['"1,80235E+10"', /rounded by a spreadsheet.*as text/],
    ['"10,362,473"', /separators/],
    ["12.0", /decimals/],
    ["'12", /mark of a spreadsheet/],
    ["01.02.2024", /date/],
    ["2024-01-02", /date/],
    ["#REF!", /error of a spreadsheet/],
    ["########", /error of a spreadsheet/],
    ['"=""12"""', /formula/],
    ["９", /digits that are not 0 to 9/],
    ["1\u200b", /U\+200B/],
    ["9223372036854775808", /64 bits/],
    ["+5", /plus sign/],
    ["-0", /leading zeros|no EUID/],
    ["abc", /no EUID/],
    ["", /is empty/],
  ])("id %s", async (id, reason) => {
    await write(`id,email\n${id},x\n1,a\n`);
    expect((await run()).code).toBe(1);
    expect(await failures()).toMatchObject([{ line: "2", reason: expect.stringMatching(reason) }]);
    expect(contacts()).toEqual({ 1: { email: "a" } });
  });

  test.each([
    ["1.80235E+10", /rounded/],
    ['"1,80235E+10"', /rounded/],
    ["18023456879.0", /decimals/],
    ["'18023456879", /mark of a spreadsheet/],
    ["\u202a18023456879\u202c", /U\+202A/],
    ["1\u0000", /U\+0000/],
    ["#N/A", /error of a spreadsheet/],
    ['"=""18023456879"""', /formula/],
    ["m\ufffdller", /U\+FFFD/],
  ])("phone %s", async (phone, reason) => {
    await write(`id,mobile_phone\n${"1,+49 170 1\n".repeat(300)}2,${phone}\n`);
    expect((await run()).code).toBe(1);
    expect(await failures()).toMatchObject([{ line: "302", reason: expect.stringMatching(reason) }]);
    expect(contacts()).toEqual({ 1: { mobile_phone: "+49 170 1" } });
  });

  test.each([
    ["too few cells", "2", /has 1 cells/],
    ["too many cells", "2,b,c", /has 3 cells/],
    ["a comment", "# 2,b", /no EUID/],
    ["no contact", "2,", /has no contact/],
  ])("%s", async (_, row, reason) => {
    await write(`id,email\n${row}\n1,a\n`);
    expect((await run()).code).toBe(1);
    expect(await failures()).toMatchObject([{ line: "2", reason: expect.stringMatching(reason) }]);
    expect(contacts()).toEqual({ 1: { email: "a" } });
  });

  test.each([
    ['{"id":1.0,"email":"a"}', /"1\.0" must be a string or an integer/],
    ['{"id":1e3,"email":"a"}', /"1e3" must be/],
    ['{"id":true,"email":"a"}', /must be/],
    ['{"id":null,"email":"a"}', /missing/],
    ['{"id":["1"],"email":"a"}', /must be/],
    ['{"email":"a"}', /missing/],
    ['{"id":9223372036854775808,"email":"a"}', /64 bits/],
    ['{"id":2,"email":5}', /email "5" must be a string/],
    ['{"id":2,"email":{"a":1}}', /must be a string/],
    ['{"id":2,"email":"\\ud800"}', /half of a character/],
    ['{"id":2,"email":"a","email":"b"}', /"email" twice/],
    ['{"id":2,"\\u0069d":3,"email":"b"}', /"id" twice/],
    ['{"id":2,"email":null}', /no contact/],
    ["[1]", /not a JSON object/],
    ['{"id":2', /not JSON/],
  ])("NDJSON %s", async (row, reason) => {
    await write(`{"id":1,"email":"a"}\r\n\n${row}\n{"id":3,"email":"c"}`, "u.ndjson");
    const { code, output } = await run(["u.ndjson", "--euid-column", "id"]);
    expect([code, output]).toEqual([1, expect.stringMatching(/failed 1,/)]);
    expect(contacts()).toEqual({ 1: { email: "a" }, 3: { email: "c" } });
    const [failure = ""] = (await read("u.ndjson.failures.ndjson")).split("\n");
    expect(JSON.parse(failure)).toMatchObject({ line: 3, row, reason: expect.stringMatching(reason) });
  });
});

describe("it could not run, and sends nothing", () => {
  const ONE = "id,email\n1,a\n";
  test.each<[name: string, content: string | Uint8Array, flags: readonly string[], said: RegExp]>([
    ["an empty file", "", BY_EUID, /no rows/],
    ["only blank lines", "\n \n", BY_EUID, /no rows/],
    ["a header only", "id,email\n", BY_EUID, /no rows/],
    ["a missing column", utf16("nr;email\n1;a\n"), BY_EUID, /no column "id".*"nr", "email"/],
    ["no contact column", "id,mail\n1,a\n", BY_EUID, /--contact.*"id", "mail"/],
    ["a column twice", "id,email,email\n1,a,b\n", BY_EUID, /"email" twice/],
    ["two columns for a contact", "id,Email,E-Mail\n1,a,b\n", BY_EUID, /"Email", "E-Mail"/],
    ["a contact twice", ONE, [...BY_EUID, "--contact", "email=email", "--contact", "email=id"], /email is given twice/],
    ["a bad contact", ONE, [...BY_EUID, "--contact", "email"], /NAME=COLUMN/],
    ["invalid UTF-8 in the last line", Buffer.from("id,email\n1,a\n2,\xe4\n", "latin1"), BY_EUID, /line 3, column 3/],
    ["UTF-16 without a mark", utf16(ONE, false), BY_EUID, /--encoding utf-16le/],
    ["half a character of UTF-16", utf16(ONE).subarray(0, -1), BY_EUID, /UTF-16LE/],
    ["UTF-32", Buffer.from([0xff, 0xfe, 0, 0, 0x69, 0, 0, 0]), BY_EUID, /UTF-32/],
    ["another mark than --encoding", utf16(ONE), [...BY_EUID, "--encoding", "utf-8"], /leave out --encoding/],
    ["an unknown encoding", ONE, [...BY_EUID, "--encoding", "klingon"], /klingon is not known/],
    [".xlsx", Buffer.from("PK\x03\x04\x14\0\x06\0", "latin1"), BY_EUID, /CSV UTF-8.*round long/],
    [".xls", Buffer.from("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "latin1"), BY_EUID, /CSV UTF-8/],
    ["PDF", "%PDF-1.7\n", BY_EUID, /PDF/],
    ["gzip", Buffer.from([0x1f, 0x8b, 8, 0]), BY_EUID, /gzip/],
    ["HTML", "<table><tr>", BY_EUID, /HTML/],
    ["a JSON array", '[{"id":1}]', ["u.csv", "--euid-column", "id", "--format", "ndjson"], /one object a line/],
    ["a broken header", '"id,email\n1,a\n', BY_EUID, /quotes in the header/],
    ["no column given", ONE, ["u.csv"], /--euid-column or --identity-column/],
    ["both columns", ONE, [...BY_EUID, "--identity-column", "id"], /--euid-column or/],
    ["no identity name", ONE, ["u.csv", "--identity-column", "id"], /--identity-name/],
    ["an unknown flag", ONE, [...BY_EUID, "--retry-faild"], /Did you mean --retry-failed/],
    ["a bad number", ONE, [...BY_EUID, "--concurrency", "many"], /concurrency/],
    ["a bad rate", ONE, [...BY_EUID, "--rate", "0"], /rate/],
    ["a bad format", ONE, [...BY_EUID, "--format", "xml"], /csv, ndjson/],
    ["a bad delimiter", ONE, [...BY_EUID, "--delimiter", ";;"], /one character, or tab/],
    ["two files", ONE, [...BY_EUID, "v.csv"], /too many arguments/],
    ["no such file", ONE, ["v.csv", "--euid-column", "id"], /no file v\.csv/],
    ["a folder", ONE, [".", "--euid-column", "id"], /is a folder/],
    ["the file as its journal", ONE, [...BY_EUID, "--journal", "./u.csv"], /must be different/],
    ["a journal that is none", ONE, [...BY_EUID, "--journal", "other"], /no journal/],
    ["failures that are there", ONE, [...BY_EUID, "--failures", "other"], /exists already/],
    ["a folder that is not there", ONE, [...BY_EUID, "--journal", "no/where"], /can't be written/],
  ])("%s", async (_, content, flags, said) => {
    await write(content);
    await write("something else\n", "other");
    const { code, output } = await run(flags);
    expect([code, output]).toEqual([2, expect.stringMatching(said)]);
    expect(output).not.toMatch(/^ +at /m);
    expect(emulator.requests).toEqual([]);
    expect(existsSync(join(folder, "u.csv.journal"))).toBe(false);
    expect(await read("other")).toBe("something else\n");
  });

  test.each<[name: string, env: Record<string, string>, said: RegExp]>([
    ["no credentials", { ENGAGELAB_API_KEY: "" }, /ENGAGELAB_API_KEY and ENGAGELAB_API_SECRET/],
    ["a bad key", { ENGAGELAB_API_KEY: "a:b" }, /ENGAGELAB_API_KEY/],
    ["a bad address", { ENGAGELAB_BASE_URL: "nowhere" }, /ENGAGELAB_BASE_URL/],
    ["a token without a gateway", { ENGAGELAB_TOKEN: "t", ENGAGELAB_BASE_URL: "" }, /ENGAGELAB_BASE_URL/],
  ])("%s", async (_, env, said) => {
    await write(ONE);
    const { code, output } = await run(BY_EUID, { env });
    expect([code, output]).toEqual([2, expect.stringMatching(said)]);
    expect(output).not.toContain(VENDOR_CREDENTIALS.apiSecret);
  });
});

describe("flags", () => {
  test("--dry-run needs no credentials, sends and writes nothing, and lists what would fail", async () => {
    await write("id,email\n1,a\n001,b\n");
    const env = { ENGAGELAB_API_KEY: "", ENGAGELAB_API_SECRET: "" };
    const { code, output } = await run([...BY_EUID, "--dry-run"], { env });
    expect([code, output]).toEqual([1, expect.stringMatching(/would set 1, failed 1/)]);
    expect(output).toMatch(/line 3: id "001"/);
    expect(emulator.requests).toEqual([]);
    expect(existsSync(join(folder, "u.csv.failures.csv"))).toBe(false);
  });

  test("a mistyped contact name is warned about", async () => {
    await write("id,email\n1,a\n");
    const { code, output } = await run([...BY_EUID, "--contact", "emial=email"]);
    expect([code, output]).toEqual([0, expect.stringMatching(/emial is not one of email, mobile_phone/)]);
    expect(contacts()).toEqual({ 1: { emial: "a" } });
  });

  test("--identity-column asks for EUIDs; an identity that is not allowed costs its own row", async () => {
    await write(`id,email\nalice,a\n${"x".repeat(257)},b\n1.0E+10,c\nbob,d\nalice,e\n`);
    const { output } = await run(["u.csv", "--identity-column", "id", "--identity-name", "user_id"]);
    expect(output).toMatch(/set 3, stored 0, failed 2/);
    expect(output).toMatch(/at most 256 characters/);
    expect(Object.values(contacts())).toEqual([{ email: "e" }, { email: "d" }]);
  });

  test("a gateway's token, and its 202", async () => {
    const seen: (string | null)[] = [];
    const gateway = await serve(async ({ headers }) => {
      seen.push(headers.get("authorization"));
      return Response.json({ code: 0, message: "stored" }, { status: 202 });
    });
    await write("id,email\n1,a\n");
    const env = { ENGAGELAB_BASE_URL: gateway.url, ENGAGELAB_TOKEN: "token-of-the-crm" };
    expect(await run(BY_EUID, { env })).toMatchObject({ code: 0, output: expect.stringMatching(/set 0, stored 1/) });
    expect(seen).toEqual(["Bearer token-of-the-crm"]);
    gateway.close();
  });

  test("two files in one folder have failures of their own", async () => {
    await write("id,email\n01,a\n");
    await write("id,email\n02,b\n", "v.csv");
    await run();
    await run(["v.csv", "--euid-column", "id"]);
    expect(await failures()).toMatchObject([{ id: "01" }]);
    expect(await failures("v.csv.failures.csv")).toMatchObject([{ id: "02" }]);
  });
});

describe("again", () => {
  test("the failures file, corrected, is imported by itself; an edited one is not written over", async () => {
    await write('id;email;note\n1;a;\n02;b;"x;\ny"\n');
    await run();
    const corrected = (await read("u.csv.failures.csv")).replace("02;", "2;");
    await write(corrected, "u.csv.failures.csv");
    const refused = await run([...BY_EUID, "--retry-failed"]);
    expect([refused.code, refused.output]).toEqual([2, expect.stringMatching(/was edited/)]);
    expect(await read("u.csv.failures.csv")).toBe(corrected);
    expect((await run(["u.csv.failures.csv", "--euid-column", "id"])).code).toBe(0);
    expect(contacts()).toEqual({ 1: { email: "a" }, 2: { email: "b" } });
  });

  test("the journal of an import elsewhere is refused", async () => {
    await write("id,email\n1,a\n");
    await run();
    const elsewhere = await serve(emulator.fetch);
    const { code, output } = await run(BY_EUID, { env: { ENGAGELAB_BASE_URL: elsewhere.url } });
    expect([code, output]).toEqual([2, expect.stringMatching(/another address/)]);
    elsewhere.close();
  });

  test("other columns are refused, unless with --retry-failed, which sends what is new by them", async () => {
    await write("id,email,phone\n1,a,5\n2,b,\n");
    await run();
    const flags = [...BY_EUID, "--contact", "email=email", "--contact", "mobile_phone=phone"];
    expect(await run(flags)).toMatchObject({ code: 2, output: expect.stringMatching(/columns have changed/) });
    emulator.requests.length = 0;
    expect((await run([...flags, "--retry-failed"])).output).toMatch(/set 1, stored 0, failed 0, done before 1/);
    expect(sent()).toEqual(['{"euid":1,"contacts":{"email":"a","mobile_phone":"5"}}']);
  });

  test.each([
    ["a failed row in front", "1,x\n1,b\n2,c\n", "1,y\n1,b\n2,c\n", ["1,y", "1,b"]],
    ["a row behind", "1,b\n1,x\n2,c\n", "1,b\n1,y\n2,c\n", ["1,y"]],
    ["a row taken away", "1,b\n1,c\n2,x\n", "1,b\n2,d\n", ["1,b", "2,d"]],
    ["back to an older value", "1,b\n1,c\n2,x\n", "1,c\n1,b\n2,d\n", ["1,c", "1,b", "2,d"]],
    ["a new row in front", "1,b\n2,x\n", "3,e\n1,b\n2,d\n", ["3,e", "2,d"]],
  ])("of a user with several rows the last one wins: %s", async (_, before, after, expected) => {
    await run(["taken.csv", "--euid-column", "id"], {});
    await write("id,email\n99,x\n", "taken.csv"); // so that x is refused
    await run(["taken.csv", "--euid-column", "id"]);
    await write(`id,email\n${before}`);
    expect((await run()).code).toBe(1);
    emulator.requests.length = 0;
    await write(`id,email\n${after}`);
    const { code, output } = await run([...BY_EUID, "--retry-failed", "--concurrency", "1"]);
    expect(code, output).toBe(0);
    expect(sent()).toEqual(expected.map((row) => row.replace(/(\d+),(\w)/, '{"euid":$1,"contacts":{"email":"$2"}}')));
  });
});

test("--help shows an example, and a mistyped command is corrected", async () => {
  const options = { cwd: folder };
  for (const command of ["import", "set", "euids", "emulator"]) {
    const { code, stdout } = await runCli(CLI, [command, "--help"], options);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(new RegExp(`Example:\\n +\\$ npx engagelab-ma ${command}`)),
    ]);
  }
  const wrong = await runCli(CLI, ["imprt"], options);
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringMatching(/Did you mean import/)]);
});
