/**
 * A Cloudflare Worker that sets a contact when it is asked to. wrangler needs Node 22 or newer. For a whole gateway see
 * docs/gateway.md.
 *
 *     npm install engagelab-ma
 *     npx wrangler dev worker.ts --compatibility-date 2026-10-23
 *     npx wrangler deploy worker.ts --name set-contact --compatibility-date 2026-10-23
 *     npx wrangler secret put ENGAGELAB_API_KEY --name set-contact
 *     npx wrangler secret put ENGAGELAB_API_SECRET --name set-contact
 *
 * `wrangler dev` reads the variables of Env from a file .dev.vars, each on a line NAME=value. To try it without an account, run
 * `node emulator.ts` in another terminal, and copy the three variables that it prints, without `export`.
 */
import { createClient, isEngageLabError } from "engagelab-ma";

interface Env {
  ENGAGELAB_API_KEY: string;
  ENGAGELAB_API_SECRET: string;
  ENGAGELAB_BASE_URL?: string;
}

export default {
  async fetch(_request: Request, env: Env): Promise<Response> {
    const { ENGAGELAB_API_KEY: apiKey, ENGAGELAB_API_SECRET: apiSecret, ENGAGELAB_BASE_URL: baseUrl } = env;
    const engagelab = createClient({ apiKey, apiSecret, baseUrl });
    try {
      return Response.json(await engagelab.setContact({ euid: 10362473, contacts: { email: "12@gmail.com" } }));
    } catch (error) {
      if (!isEngageLabError(error)) throw error;
      return Response.json({ kind: error.kind, outcome: error.outcome, message: error.message }, { status: 502 });
    }
  },
};
