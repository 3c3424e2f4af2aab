/** A Worker that calls the client through RPC, and returns the fields of its errors, for test/e2e/rpc.test.ts. */
import { WorkerEntrypoint } from "cloudflare:workers";
import { createClient, isEngageLabError } from "../../src/index.ts";

const fetch = async () => Response.json({ code: 55014, message: "Contact exists" }, { status: 400 });

export class Contacts extends WorkerEntrypoint {
  set(email: string): Promise<unknown> {
    const contacts = email === "" ? {} : { email };
    return createClient({ fetch }).setContact({ euid: 1, contacts });
  }
}

interface Env {
  readonly CONTACTS: Service<typeof Contacts>;
}

async function failure(promise: Promise<unknown>): Promise<object> {
  const error: unknown = await promise.catch((thrown: unknown) => thrown);
  if (!isEngageLabError(error)) return { unknown: String(error) };
  const { kind, outcome, attempts } = error;
  return { kind, outcome, attempts, isApi: isEngageLabError(error, "api"), isError: error instanceof Error };
}

export default {
  async fetch(_request: Request, { CONTACTS }: Env): Promise<Response> {
    return Response.json([await failure(CONTACTS.set("a@b.c")), await failure(CONTACTS.set(""))]);
  },
};
