/** Each row of any table arrives character for character, or fails. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import fc from "fast-check";
import { afterAll, describe, expect, test, vi } from "vitest";
import { isFault } from "../../cli/import/candidate.ts";
import { openFile, openSource } from "../../cli/import/source.ts";
import { openTable } from "../../cli/import/table.ts";

const folder = mkdtempSync(join(tmpdir(), "engagelab-ma-"));
afterAll(() => rmSync(folder, { recursive: true }));

const path = join(folder, "u.csv");
vi.setConfig({ testTimeout: 60_000 });
const wanted = { identity: "id", contacts: [] };

async function read(content: Uint8Array, encoding?: string) {
  writeFileSync(path, content);
  const table = await openTable(await openSource(await openFile(path), encoding), "csv", wanted, "user_id");
  const items = [];
  for await (const batch of table.items()) items.push(...batch.map(({ row, result }) => ({ line: row.line, result })));
  return items;
}

const word = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.string({
    unit: fc.constantFrom('"', ",", ";", "\t", "|", "\r", "\n", "\r\n", " ", "a", "\u00a0", "1"),
    maxLength: 8,
  }),
  fc.bigInt().map(String),
  fc.constantFrom("1.0E+10", "001", "10,362,473", "#REF!", '="1"', "'1"),
);

const dialect = fc.record({
  delimiter: fc.constantFrom(",", ";", "\t", "|"),
  record_delimiter: fc.constantFrom("\r\n", "\n", "\r"),
  quoted: fc.boolean(),
  encoding: fc.constantFrom("utf-8", "utf-8 with a mark", "utf-16le", "utf-16be"),
});

function encode(text: string, encoding: string): Uint8Array {
  if (encoding === "utf-8") return Buffer.from(text);
  if (encoding === "utf-8 with a mark") return Buffer.from(`\ufeff${text}`);
  const bytes = Buffer.from(`\ufeff${text}`, "utf16le");
  return encoding === "utf-16be" ? bytes.swap16() : bytes;
}

test("a table written by another library is read", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(word, word, word, word), { maxLength: 12 }), dialect, async (rows, options) => {
      const { encoding, ...format } = options;
      const table = [["id", "note", "email", "mobile_phone"], ...rows];
      let items: Awaited<ReturnType<typeof read>>;
      try {
        items = await read(encode(stringify(table, format), encoding));
      } catch (error) {
        // NUL bytes or half characters: refused before anything is sent.
        expect(String(error)).toMatch(/NUL|not valid/);
        return;
      }
      const given = rows.map(([id, , email, phone]) => JSON.stringify([id.trim(), email.trim(), phone.trim()]));
      const sent = items.flatMap(({ result }) => (isFault(result) ? [] : [result]));
      for (const { user, contacts } of sent) {
        const { email = "", mobile_phone = "" } = contacts;
        const row = JSON.stringify([user, email, mobile_phone]);
        expect(given).toContain(row);
        given.splice(given.indexOf(row), 1);
      }
    }),
    { numRuns: 300 },
  );
});

test("each row that RFC 4180 allows is sent or fails alone, in order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.uuid(), word), { minLength: 1, maxLength: 12 }), async (rows) => {
      const text = stringify([["id", "email"], ...rows], { quoted: true, record_delimiter: "\r\n" });
      if (text.includes("\0")) return;
      const items = await read(encode(text, "utf-8"));
      expect(items).toHaveLength(rows.length);
      for (const [index, { line, result }] of items.entries()) {
        const [id, email] = rows[index] ?? ["", ""];
        const before = stringify([["id", "email"], ...rows.slice(0, index)], {
          quoted: true,
          record_delimiter: "\r\n",
        });
        expect(line).toBe(before.split(/\r\n|\n|\r/).length);
        if (!isFault(result)) expect([result.user, result.contacts]).toEqual([id, { email: email.trim() }]);
      }
    }),
    { numRuns: 300 },
  );
});

describe("the first bad byte", () => {
  test.each([
    ["UTF-8", Buffer.from("id,email\r\n1,ä\r\n2,\xe4x\r\n", "latin1"), undefined, /line 2, column 3/],
    [
      "behind characters of several bytes",
      Buffer.concat([Buffer.from("id\n😀ä,"), Buffer.from([0xff])]),
      undefined,
      /line 2, column 4/,
    ],
    [
      "a character cut off at the end",
      Buffer.concat([Buffer.from("id\r1"), Buffer.from([0xf0, 0x9f])]),
      undefined,
      /line 2, column 2/,
    ],
    [
      "far behind",
      Buffer.concat([Buffer.from(`id\n${"ä,b\r\n".repeat(50_000)}x`), Buffer.from([0xc3])]),
      undefined,
      /line 50002, column 2/,
    ],
    ["Shift JIS", Buffer.from([0x69, 0x64, 0x0a, 0x82, 0xa0, 0x82]), "shift_jis", /line 2, column 2/],
  ])("%s", async (_, content, encoding, place) => {
    await expect(read(content, encoding)).rejects.toThrow(place);
  });

  test("a character split across two chunks is valid", async () => {
    for (const shift of [0, 1, 2, 3]) {
      const text = `id,email\n${"x".repeat(65_536 - 9 - 4 + shift)},😀\n`;
      expect(await read(Buffer.from(text))).toMatchObject([{ result: { contacts: { email: "😀" } } }]);
    }
  });
});

test.each([
  ["a CRLF file whose last line ends in LF", "id,email\r\n1,a\r\n2,b\n", ["1", "2"]],
  ["an LF header in front of CRLF rows", "id,email\n1,a\r\n2,b\r\n", ["1", "2"]],
  ["doubled CRs", "id,email\r\r\n1,a\r\r\n2,b\r\r\n", ["1", "2"]],
  ["LF rows in a CRLF file, which may be cells", "id,email\r\n1,a\r\n2,b\n3,c\r\n4,d\r\n", ["1", "line 3", "4"]],
  ["LF rows at its end", "id,email\r\n1,a\r\n2,b\n3,c\n", ["1", "line 3"]],
])("line breaks of different kinds: %s", async (_, text, expected) => {
  const items = await read(Buffer.from(text));
  expect(items.map(({ line, result }) => (isFault(result) ? `line ${line}` : result.user))).toEqual(expected);
});

test("a cell of 1 MiB stops the reading and is reported", async () => {
  const items = await read(Buffer.from(`id,email\n1,a\n2,"${"xx\n".repeat(600_000)}"\n3,b\n`));
  expect(items).toMatchObject([
    { result: { user: "1" } },
    { line: 3, result: { problem: expect.stringMatching(/longer than 1 MiB.*lines 3 to 600004/) } },
  ]);
});
