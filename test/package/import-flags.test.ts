/** The flags of `engagelab-ma import`, and running it again. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli } from "../support/cli.ts";
import {
  BY_EUID,
  CLI,
  contacts,
  emulator,
  failures,
  folder,
  read,
  run,
  sent,
  useImport,
  write,
} from "../support/import.ts";
import { serve } from "../support/serve.ts";

useImport();

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

describe("a further run", () => {
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

  test("other columns are refused, unless with --retry-failed, which sends the changed rows", async () => {
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
