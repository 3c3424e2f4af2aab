/** Updates for setContacts, and a client whose calls are settled by the test. */
import type { Client, SetContactBody } from "../../src/index.ts";

export const update = (euid: number, email = String(euid)) => ({ euid, contacts: { email } });
export const updates = (count: number) => Array.from({ length: count }, (_, i) => update(i + 1));

export async function collect<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of iterable) all.push(one);
  return all;
}

/** The test decides when and how each call settles. */
export function manual() {
  const calls: Array<{ body: SetContactBody; end(error?: unknown): void }> = [];
  let running = 0;
  let most = 0;
  const client: Pick<Client, "setContact"> = {
    setContact: (body, options) =>
      new Promise((resolve, reject) => {
        most = Math.max(most, ++running);
        options?.signal?.addEventListener("abort", () => reject(options.signal?.reason));
        const end = (error?: unknown) => {
          running--;
          if (error) reject(error);
          else resolve({ code: 0, message: "success", status: 200 });
        };
        calls.push({ body, end });
      }),
  };
  return { client, calls, most: () => most };
}

export const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
