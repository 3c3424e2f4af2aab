import { join } from "node:path";
import { expect, test } from "vitest";
import { node, root } from "../support/node.ts";

test("deno publish --dry-run finds no fault and no slow type", async () => {
  const deno = join(root, "node_modules/deno/bin.cjs");
  const { code, stdout, stderr } = await node(root, [deno, "publish", "--dry-run", "--allow-dirty"], { NO_COLOR: "1" });
  expect(code, stdout + stderr).toBe(0);
  expect(stderr).toMatch(/Checking for slow types/);
  expect(stderr).not.toMatch(/warning/i);
});
