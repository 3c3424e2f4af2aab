/** `engagelab-ma import`: the requests it sends for a file, and the rows that fail. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { RUNTIMES } from "../support/cli.ts";
import {
  BY_EUID,
  contacts,
  emulator,
  failures,
  folder,
  read,
  run,
  sent,
  useImport,
  utf16,
  write,
} from "../support/import.ts";

useImport();

describe.each(RUNTIMES)("%s", (_, runtime) => {
  test("imports, reports failures, and finishes after the file was corrected", async () => {
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

  test("a cell with line breaks does not shift the line numbers after it", async () => {
    await write('id,email,note\r\n1,a,"x\r\ny\rz\n"\r\n2,,\r\n');
    expect((await run()).output).toMatch(/has no contact.*line 6/);
  });

  test("with an unclosed quote the rows before it are sent, and the rest is reported", async () => {
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
