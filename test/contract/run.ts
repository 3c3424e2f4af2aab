/** Runs the suite, and reports. The runner looks at the report from outside: this may be a page or a Worker. */
import { equal } from "./assert.ts";
import { type Case, suite } from "./suite.ts";
import { inProcess, overHttp, type Target } from "./target.ts";

export interface Report {
  readonly transport: Target["transport"];
  /** The names of the cases that passed. */
  readonly passed: readonly string[];
  readonly failed: ReadonlyArray<{ readonly name: string; readonly message: string }>;
}

/** It must fail. A runner whose report does not list it has not looked. */
const CANARY: Case = {
  name: "canary",
  async run(target) {
    equal(await target.client().setContact({ euid: 1, contacts: { mobile_phone: "1" } }), {}, "the canary");
  },
};

/** @param server the base URL of test/runtimes/server.ts; without it, the emulator runs in process */
export async function run(server?: string): Promise<Report> {
  const target = server ? overHttp(server) : inProcess();
  const passed: string[] = [];
  const failed: Array<{ name: string; message: string }> = [];
  for (const { name, run } of [...suite, CANARY]) {
    try {
      await target.reset();
      await run(target);
      passed.push(name);
    } catch (error) {
      failed.push({ name, message: String(error) });
    }
  }
  return { transport: target.transport, passed, failed };
}
