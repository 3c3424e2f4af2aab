/** The commands `set`, `euids` and `emulator`, from the tarball. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, inject, test } from "vitest";
import { createEmulator, VENDOR_CREDENTIALS } from "../../src/emulator.ts";
import { NODE, RUNTIMES, type Runtime, runCli, startCli } from "../support/cli.ts";
import { windows } from "../support/node.ts";
import { serve } from "../support/serve.ts";

const { project } = inject("packed");
const CLI = join(project, "node_modules/engagelab-ma/dist/cli.js");
const CREDENTIALS = {
  ENGAGELAB_API_KEY: VENDOR_CREDENTIALS.apiKey,
  ENGAGELAB_API_SECRET: VENDOR_CREDENTIALS.apiSecret,
};

let running: ChildProcess | undefined;
let log = "";
afterEach(async () => {
  if (running?.exitCode === null && running.signalCode === null) {
    running.kill("SIGKILL");
    await once(running, "exit");
  }
  running = undefined;
});

/** Starts `emulator` on a free port and reads the variables that it prints. */
async function start(runtime: Runtime, ...flags: string[]): Promise<Record<string, string>> {
  const child = startCli(CLI, ["emulator", "--port", "0", ...flags], { cwd: project, runtime });
  running = child;
  log = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (log += chunk));
  while (!/^ENGAGELAB_API_SECRET=.+\n/m.test(log)) {
    if (child.exitCode !== null) throw new Error(`it ended:\n${log}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return Object.fromEntries(
    Array.from(log.matchAll(/^(ENGAGELAB_\w+)=(.+)$/gm), ([, name = "", value = ""]) => [name, value]),
  );
}

async function untilLogged(pattern: RegExp): Promise<void> {
  while (!pattern.test(log)) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe.each(RUNTIMES)("%s", (_, runtime) => {
  const run = (args: readonly string[], env: Record<string, string>) =>
    runCli(CLI, args, { cwd: project, runtime, env });

  test("set and euids, against the command emulator, which lists, fails and forgets", async () => {
    const env = await start(runtime, "--unique", "email");
    const url = env.ENGAGELAB_BASE_URL ?? "";
    const set = await run(["set", "9007199254740993", "email=a@b.c", "mobile_phone=+49 170"], env);
    expect(set).toMatchObject({ code: 0, stdout: "Set: email, mobile_phone of 9007199254740993.\n", stderr: "" });
    expect(await run(["set", "2", "email=a@b.c"], env)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Contact exists \(code 55014\)\. Check whether/),
    });
    const euids = await run(["euids", "--identity-name", "user_id", "alice", "bob"], env);
    expect([euids.code, euids.stdout]).toEqual([0, expect.stringMatching(/^alice\t\d+\nbob\t\d+\n$/)]);

    const control = (path: string, body?: unknown) =>
      fetch(`${url}/__emulator/${path}`, body === undefined ? {} : { method: "POST", body: JSON.stringify(body) });
    const requests = await (await control("requests")).json();
    expect(requests).toHaveLength(3);
    expect(requests[0]).toMatchObject({
      method: "POST",
      url: `${url}/v1/user/contact`,
      body: '{"euid":9007199254740993,"contacts":{"email":"a@b.c","mobile_phone":"+49 170"}}',
    });
    expect((await control("faults", { status: 503, times: 2 })).status).toBe(200);
    expect(await run(["set", "3", "email=c"], env)).toMatchObject({ code: 0 });
    expect(await (await control("requests")).json()).toHaveLength(6);
    expect((await control("reset", {})).status).toBe(200);
    expect(await (await control("requests")).json()).toEqual([]);
    for (const fault of [{ status: 99 }, { staus: 503 }, { times: 0 }, [], { status: 204, body: "x" }, { delay: -1 }]) {
      const response = await control("faults", fault);
      expect([response.status, await response.json()]).toEqual([
        400,
        { code: 99_000_400, message: expect.any(String) },
      ]);
    }
    expect((await control("nothing")).status).toBe(404);

    expect(log).toMatch(/^POST \/v1\/user\/contact 200 \{"code":0,"message":"success"\} \(\d+ ms\)$/m);
    expect(log).toMatch(/^POST \/v1\/user\/contact 400 .*55014/m);
    const busy = await run(["emulator", "--port", new URL(url).port], {});
    expect([busy.code, busy.output]).toEqual([2, expect.stringMatching(/^Port \d+ is busy: .+\n$/)]);
    if (windows || !running) return;
    running.kill("SIGINT");
    expect(await once(running, "exit")).toEqual([130, null]);
  });

  test("malformed requests to the emulator get an envelope", async () => {
    const { ENGAGELAB_BASE_URL: url = "" } = await start(runtime);
    const port = Number(new URL(url).port);
    for (const [request, status] of [
      ["TRACE / HTTP/1.1\r\nHost: x\r\n\r\n", 405],
      ["CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n", 405],
      ["POST http://elsewhere/v1/user/contact HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 401],
      ["GET /v1/user/contact HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx", 404],
      ["GET //[ HTTP/1.1\r\nHost: x\r\n\r\n", 400],
      ["GET / HTTP/1.1\r\nHost: x\r\nExpect: magic\r\n\r\n", 404],
      ["nonsense\r\n\r\n", 400],
    ] as const) {
      const socket = connect(port, "127.0.0.1");
      socket.write(request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
      const answer = await text(socket);
      expect(answer, request).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(answer, request).toMatch(/"code":\d+,"message":"/);
    }
    const gone = connect(port, "127.0.0.1");
    gone.write("POST /v1/user/contact HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc", () => gone.destroy());
    await untilLogged(/hung up|no answer/);
    expect((await fetch(url)).status).toBe(404);
  });
});

describe.skipIf(windows)("the reader of standard output", () => {
  test("may close it early, as `head` does", async () => {
    const child = startCli(CLI, ["--help"], { cwd: project });
    child.stdout.destroy();
    const [errors] = await Promise.all([text(child.stderr), once(child, "exit")]);
    expect([child.exitCode, errors]).toEqual([0, ""]);
  });

  test.skipIf(!existsSync("/dev/full"))("a full disk is an error, not a success without output", async () => {
    const runtime: Runtime = ["sh", "-c", '"$0" "$@" > /dev/full', ...NODE];
    const { code, stderr } = await runCli(CLI, ["--help"], { cwd: project, runtime });
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^The output can't be written: ENOSPC.*\n$/)]);
  });
});

describe("set and euids", () => {
  test.each([
    ["an EUID that is none", ["set", "1.0E+10", "email=a"], /"1\.0E\+10" was rounded by a spreadsheet/],
    ["no contact", ["set", "1"], /missing required argument/],
    ["a contact without a value", ["set", "1", "email"], /NAME=VALUE/],
    ["a contact twice", ["set", "1", "email=a", "email=b"], /email is given twice/],
    ["no name of the identity", ["euids", "alice"], /--identity-name/],
    ["an unknown name of the identity", ["euids", "--identity-name", "email", "alice"], /user_id, anonymous_id/],
    ["an identity that is too long", ["euids", "--identity-name", "user_id", "x".repeat(257)], /256/],
  ])("%s", async (_, args, said) => {
    const { code, stderr } = await runCli(CLI, args, { cwd: project, env: CREDENTIALS });
    expect([code, stderr]).toEqual([2, expect.stringMatching(said)]);
  });

  test("a wrong secret: the advice, and never the secret", async () => {
    const emulator = createEmulator();
    const server = await serve(emulator.fetch);
    const env = { ...CREDENTIALS, ENGAGELAB_API_SECRET: "wrong-secret", ENGAGELAB_BASE_URL: server.url };
    for (const args of [
      ["set", "1", "email=a"],
      ["euids", "--identity-name", "user_id", "a"],
    ]) {
      const { code, output } = await runCli(CLI, args, { cwd: project, env, runtime: NODE });
      expect([code, output]).toEqual([2, expect.stringMatching(/Check the API key and the API secret/)]);
      expect(output).not.toContain("wrong-secret");
    }
    server.close();
  });

  test("a gateway's 202 counts as stored", async () => {
    const gateway = await serve(async () => Response.json({ code: 0, message: "stored" }, { status: 202 }));
    const env = { ENGAGELAB_BASE_URL: gateway.url, ENGAGELAB_TOKEN: "t" };
    const { stdout, stderr } = await runCli(CLI, ["set", "1", "emial=a"], { cwd: project, env });
    expect([stdout, stderr]).toEqual(["Stored: emial of 1.\n", expect.stringMatching(/emial is not one of email/)]);
    gateway.close();
  });
});
