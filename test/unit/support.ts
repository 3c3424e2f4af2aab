import { expect } from "vitest";
import { createEmulator, type Emulator, type EmulatorOptions, VENDOR_CREDENTIALS } from "../../src/emulator.ts";
import {
  type AnyEngageLabError,
  type Client,
  type ClientOptions,
  createClient,
  isEngageLabError,
  type SetContactBody,
} from "../../src/index.ts";
import { checked } from "../support/contract-check.ts";

export const BODY = {
  euid: 10362473,
  contacts: { mobile_phone: "18023456879", email: "12@gmail.com" },
} satisfies SetContactBody;

/** A client of an emulator whose traffic is checked against the contract. */
export function setUp(options: ClientOptions = {}, emulated?: EmulatorOptions): { client: Client; emulator: Emulator } {
  const emulator = checked(createEmulator(emulated));
  return { emulator, client: createClient({ ...VENDOR_CREDENTIALS, fetch: emulator.fetch, ...options }) };
}

/** A client whose `fetch` returns this answer, or these in turn. `sent` has the inits of its calls. */
export function stubbed(answers: ReadonlyArray<() => Response>, options: ClientOptions = {}) {
  const sent: RequestInit[] = [];
  const client = createClient({
    ...VENDOR_CREDENTIALS,
    fetch: async (_url, init) => {
      sent.push(init);
      const answer = answers[Math.min(sent.length, answers.length) - 1];
      if (answer === undefined) throw new TypeError("no answer");
      return answer();
    },
    ...options,
  });
  return { client, sent };
}

/** The error that the promise rejects with. It must be one of the package's. */
export async function failure(promise: Promise<unknown>): Promise<AnyEngageLabError> {
  const result = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if (!("error" in result)) return expect.unreachable("it resolved");
  if (!isEngageLabError(result.error)) throw result.error;
  return result.error;
}
