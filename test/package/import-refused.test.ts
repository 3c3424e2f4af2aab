/** Faults that stop `engagelab-ma import` before anything is sent. */
import { existsSync } from "node:fs";
import { readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { VENDOR_CREDENTIALS } from "../../src/emulator.ts";
import { BY_EUID, emulator, folder, read, run, useImport, utf16, write } from "../support/import.ts";
import { windows } from "../support/node.ts";

useImport();

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
  ["a JSON array", '[{"id":1}]', ["u.csv", "--euid-column", "id", "--format", "ndjson"], /one object per line/],
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
  ["a journal that is none", ONE, [...BY_EUID, "--journal", "other"], /not the journal/],
  ["failures that are there", ONE, [...BY_EUID, "--failures", "other"], /exists already/],
  ["a folder as the journal", ONE, [...BY_EUID, "--journal", "."], /^\. can't be written: it is a folder\.$/m],
  ["a folder as the failures file", ONE, [...BY_EUID, "--failures", "."], /^\. can't be written: it is a folder\.$/m],
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

test("a flag that was wrong can be corrected: nothing is left behind", async () => {
  await write(ONE);
  const flags = [...BY_EUID, "--failures", "failed.csv"];
  const refused = await run([...flags, "--journal", "no/where"]);
  expect([refused.code, refused.output]).toEqual([2, expect.stringMatching(/^no\/where can't be written/)]);
  expect(await readdir(folder)).toEqual(["u.csv"]);
  expect(await run([...flags, "--journal", "done"])).toMatchObject({ code: 0 });
  expect((await readdir(folder)).sort()).toEqual(["done", "u.csv"]);
});

test.skipIf(windows)("the file is never overwritten by its own failures, also under another name", async () => {
  await write("id,email\n1.0E+10,a\n");
  await run(BY_EUID);
  await symlink("u.csv", join(folder, "link"));
  for (const flag of ["--failures", "--journal"]) {
    const { code, output } = await run([...BY_EUID, flag, "link"]);
    expect([code, output]).toEqual([2, expect.stringMatching(/must be different/)]);
  }
  expect(await read("u.csv")).toBe("id,email\n1.0E+10,a\n");
});
