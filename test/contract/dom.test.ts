/** For the environments of component tests: vitest runs this file, as it would a user's. */
import { writeFile } from "node:fs/promises";
import { test } from "vitest";
import { run } from "./run.ts";

const { SERVER = "", REPORTS_FILE = "" } = process.env;

test("contract suite", async () => {
  if (typeof document === "undefined") throw new Error("this is no DOM");
  await writeFile(REPORTS_FILE, JSON.stringify(await run(SERVER)));
}, 60_000);
