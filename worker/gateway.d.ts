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

/** The bindings, secrets and variables of the gateway. If one is wrong, every request gets 503 and the log says why. */
export interface GatewayEnv {
  readonly OUTBOX: DurableObjectNamespace<Outbox>;
  readonly REGISTRY: DurableObjectNamespace<Registry>;
  /** Limits the requests of one caller. */
  readonly CALLER_LIMIT: RateLimit;
  /** Limits the requests for one user from pages. */
  readonly PAGE_LIMIT: RateLimit;
  readonly ENGAGELAB_API_KEY: string;
  readonly ENGAGELAB_API_SECRET: string;
  /** The URL of EngageLab's API. It has no default. */
  readonly ENGAGELAB_BASE_URL: string;
  /** Callers: `name:token`, separated by commas. A name may occur twice, to rotate its token. */
  readonly GATEWAY_TOKENS: string;
  /** Operators, in the same form. Without it, their routes answer 404. */
  readonly OPERATOR_TOKENS?: string;
  /** Verifies page tokens: at least 32 bytes. Without it, pages are refused. */
  readonly PAGE_TOKEN_KEY?: string;
  /** Origins whose pages may read answers (CORS), separated by commas. Default: none. */
  readonly ALLOWED_ORIGINS?: string;
  /** Maximum requests per second to EngageLab, or `off`, the default. */
  readonly OUTBOUND_RATE?: string;
  /** How long parked values and states are kept, in days. Default: `30`. */
  readonly KEEP_DAYS?: string;
  /** `on` serves the console at `/`. Default: `off`. */
  readonly CONSOLE?: string;
}

/** Holds and delivers the values of one EUID. Bind it as `OUTBOX`. */
export declare class Outbox extends DurableObject<GatewayEnv> {}

/** Knows which EUIDs have parked values. Bind it as `REGISTRY`. */
export declare class Registry extends DurableObject<GatewayEnv> {}

/** The gateway's fetch handler: all its routes. */
declare const gateway: {
  /** Answers every request: with an envelope, or with the console's page. It does not throw. */
  fetch(request: Request, env: GatewayEnv, ctx: ExecutionContext): Response | Promise<Response>;
};
export default gateway;
