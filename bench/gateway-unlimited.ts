/** The gateway without its rate limits: under wrangler each limiter is a Durable Object, which costs more than elsewhere. */
import type { Env } from "../worker/config.ts";
import gateway, { Outbox, Registry } from "../worker/index.ts";

export { Outbox, Registry };

const unlimited = { limit: async () => ({ success: true }) };

export default {
  fetch: (request: Request, env: Env, ctx: ExecutionContext) =>
    gateway.fetch(request, { ...env, CALLER_LIMIT: unlimited, PAGE_LIMIT: unlimited }, ctx),
};
