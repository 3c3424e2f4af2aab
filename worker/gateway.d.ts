/**
 * The gateway as a Worker: see docs/gateway.md. Use it as `main` of your wrangler.toml, or mount it in your own Worker.
 *
 * ```ts
 * import gateway from "engagelab-ma/gateway";
 * export { Outbox, Registry } from "engagelab-ma/gateway";
 *
 * export default {
 *   fetch(request: Request, env: Env, ctx: ExecutionContext) {
 *     return gateway.fetch(request, env, ctx);
 *   },
 * };
 * ```
 * @module
 */
import { DurableObject } from "cloudflare:workers";

/** The bindings, secrets and variables of the gateway. */
export interface GatewayEnv {
  readonly OUTBOX: DurableObjectNamespace<Outbox>;
  readonly REGISTRY: DurableObjectNamespace<Registry>;
  readonly CALLER_LIMIT: RateLimit;
  readonly PAGE_LIMIT: RateLimit;
  readonly ENGAGELAB_API_KEY: string;
  readonly ENGAGELAB_API_SECRET: string;
  readonly ENGAGELAB_BASE_URL: string;
  readonly GATEWAY_TOKENS: string;
  readonly OPERATOR_TOKENS?: string;
  readonly PAGE_TOKEN_KEY?: string;
  readonly ALLOWED_ORIGINS?: string;
  readonly OUTBOUND_RATE?: string;
  readonly KEEP_DAYS: string;
  readonly CONSOLE: string;
}

/** Holds and delivers the values of one EUID. Bind it as `OUTBOX`. */
export declare class Outbox extends DurableObject<GatewayEnv> {}

/** Knows which EUIDs have parked values. Bind it as `REGISTRY`. */
export declare class Registry extends DurableObject<GatewayEnv> {}

declare const gateway: {
  fetch(request: Request, env: GatewayEnv, ctx: ExecutionContext): Response | Promise<Response>;
};
export default gateway;
