/** Runs the suite and reports. The runner judges the report from outside: this code may run in a page or in a Worker. */
import { equal } from "./assert.ts";
import { type Case, suite } from "./suite.ts";
import { inProcess, overHttp, type Target } from "./target.ts";

export interface Report {
  /** The names of the cases that passed. */
  readonly passed: readonly string[];
  readonly failed: ReadonlyArray<{ readonly name: string; readonly message: string }>;
}

export interface Reports {
  readonly inProcess: Report;
  readonly overHttp: Report;
}

/** It must fail. A runner whose report does not list it has checked nothing. */
const CANARY: Case = {
  name: "canary",
  async run(target) {
    equal(await target.client().setContact({ euid: 1, contacts: { mobile_phone: "1" } }), {}, "the canary");
  },
};

async function runOn(target: Target): Promise<Report> {
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
  return { passed, failed };
}

/** @param server the base URL of test/runtimes/server.ts */
export async function run(server: string): Promise<Reports> {
  return { inProcess: await runOn(inProcess()), overHttp: await runOn(overHttp(server)) };
}
