/** The server under test: an emulator behind a loopback server, or one in the same process. */
import type { Client, ClientOptions } from "engagelab-ma";
import { createClient } from "engagelab-ma";
import { createEmulator, type Fault, VENDOR_CREDENTIALS } from "engagelab-ma/emulator";
import { type OddAnswer, oddResponse } from "./odd-answers.ts";

export interface Target {
  client(options?: ClientOptions): Client;
  reset(): Promise<void>;
  fail(fault: Fault, times?: number): Promise<void>;
  /** The next call gets this answer. */
  answerOddly(name: OddAnswer): Promise<void>;
  requests(): Promise<Array<{ url: string; headers: Record<string, string>; body: string }>>;
  /** From EUID to name to value. */
  contacts(): Promise<Record<string, Record<string, string>>>;
}

/** The suite runs in a page as well, where a secret has to be allowed. */
const CREDENTIALS: ClientOptions = { ...VENDOR_CREDENTIALS, dangerouslyAllowBrowser: true };

export function inProcess(): Target {
  const emulator = createEmulator({ unique: ["email"], partialSuccess: false });
  const odd: OddAnswer[] = [];
  return {
    client: (options) => {
      const fetch = async (url: string, init: RequestInit) => {
        const name = odd.shift();
        return name ? oddResponse(name) : emulator.fetch(url, init);
      };
      return createClient({ ...CREDENTIALS, fetch, ...options });
    },
    reset: async () => emulator.reset(),
    answerOddly: async (name) => void odd.push(name),
    fail: async (fault, times) => emulator.fail(fault, times),
    requests: async () => emulator.requests.map(({ url, headers, body }) => ({ url, headers: { ...headers }, body })),
    contacts: async () =>
      Object.fromEntries([...emulator.contacts].map(([euid, names]) => [euid, Object.fromEntries(names)])),
  };
}

/** @param baseUrl of test/runtimes/server.ts */
export function overHttp(baseUrl: string): Target {
  const control = async (path: string, body?: object) => {
    const response = await fetch(`${baseUrl}/control/${path}`, { method: "POST", body: JSON.stringify(body ?? {}) });
    return response.json();
  };
  return {
    client: (options) => createClient({ ...CREDENTIALS, baseUrl, ...options }),
    reset: () => control("reset"),
    fail: (fault, times = 1) => control("fail", { fault, times }),
    answerOddly: (name) => control("odd", { name }),
    requests: () => control("requests"),
    contacts: () => control("contacts"),
  };
}
