/**
 * For browsers: runs the suite, then calls a gateway on another origin as a page does, with a token and without the
 * secret. From the second origin, which the gateway does not allow, it only calls the gateway.
 */
import { createClient, isEngageLabError } from "engagelab-ma";
import { type Reports, run } from "./run.ts";

/** The tasks of the page, as query parameters. */
export interface PageTask {
  readonly server: string;
  readonly gateway: string;
  readonly token: string;
  readonly secondOrigin: string;
}

export interface PageReport {
  readonly reports: Reports;
  /** The code, reason or kind of each call's result. */
  readonly gateway: readonly unknown[];
  /** The result of `createClient` with a secret. */
  readonly secret: string;
}

function attempt<T>(action: () => T): T | string {
  try {
    return action();
  } catch (error) {
    return String(error);
  }
}

async function callGateway({ gateway, token }: PageTask): Promise<unknown[]> {
  const set = async (euid: number, bearer: string) => {
    const headers = { authorization: `Bearer ${bearer}` };
    const client = createClient({ baseUrl: gateway, headers, maxRetries: 0 });
    try {
      return (await client.setContact({ euid, contacts: { email: "12@gmail.com" } })).code;
    } catch (error) {
      if (!isEngageLabError(error)) throw error;
      return error.kind === "api" ? error.reason : error.kind;
    }
  };
  return [await set(1, token), await set(2, token), await set(3, "wrong")];
}

const report = (path: string, body: unknown) => fetch(path, { method: "POST", body: JSON.stringify(body) });

const task = Object.fromEntries(new URLSearchParams(location.search)) as unknown as PageTask;
if (location.origin === task.secondOrigin) {
  await report("/report/second-origin", await callGateway(task));
} else {
  const reports = await run(task.server);
  await fetch(`${task.server}/control/reset`, { method: "POST" });
  const gateway = await callGateway(task);
  const secret = attempt(() => `${createClient({ apiKey: "key", apiSecret: "secret" })} took a secret`);
  await report("/report/page", { reports, gateway, secret } satisfies PageReport);
  location.replace(task.secondOrigin + location.pathname + location.search);
}
