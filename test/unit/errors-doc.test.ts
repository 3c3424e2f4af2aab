import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const rows = [
  ...read("docs/errors.md")
    .replace(/^## Secrets.*/ms, "")
    .matchAll(/^\|.*\| `(\w+)` ([^|]+) \|$/gm),
].map(([, file, title]) => [file, title]);

test("docs/errors.md has its table", () => expect(rows.length).toBeGreaterThan(20));

test.each(rows)("docs/errors.md names a test that exists: %s › %s", (file, title) => {
  expect(read(`test/unit/${file}.test.ts`)).toContain(`"${title}"`);
});
