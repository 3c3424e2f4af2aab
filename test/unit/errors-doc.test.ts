import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const rows = [
  ...read("docs/errors.md")
    .replace(/^## Secrets.*/ms, "")
    .matchAll(/^\|.*\| `(\w+)` ([^|]+) \|$/gm),
].map(([, file, title]) => [file, title]);

test("each situation in docs/errors.md names a test", () => {
  const [, table = ""] = /^\| Situation .*\n\|.*\n((?:\|.*\n)+)/m.exec(read("docs/errors.md")) ?? [];
  expect(rows.length).toBeGreaterThan(20);
  expect(rows).toHaveLength(table.trim().split("\n").length);
});

test.each(rows)("docs/errors.md names a test that exists: %s › %s", (file, title) => {
  expect(read(`test/unit/${file}.test.ts`)).toContain(`"${title}"`);
});
