/** A smoke test: the parts of `npm run bench` run. It checks no numbers. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { node, root } from "../support/node.ts";

test.each([
  ["call", ["fetch by hand", "engagelab-ma", "openapi-fetch"]],
  ["http", ["fetch by hand, concurrency 1", "engagelab-ma, concurrency 50"]],
  ["size", ["engagelab-ma", "axios"]],
])("bench/%s.ts", async (part, rows) => {
  const { code, stdout, stderr } = await node(root, [join(root, "bench", `${part}.ts`), "--quick"]);
  expect(code, stderr).toBe(0);
  const results = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  for (const row of rows) {
    for (const number of Object.values(results[row])) expect(number).toBeGreaterThan(0);
  }
});
