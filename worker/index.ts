/** The edge gateway: EngageLab's contract at the edge, so that apps and pages don't hold the secret. */
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { createMiddleware } from "hono/factory";
import { isEngageLabError } from "../src/index.ts";
import { type Answer, failure } from "./answers.ts";
import { parseBody } from "./body.ts";
import { type Config, ConfigFault, type Env, parseOrigins, readConfig } from "./config.ts";
import { identify } from "./door.ts";
import { forward } from "./forward.ts";

/** Bytes. */
const MAX_BODY = 64 * 1024;

type App = { Bindings: Env; Variables: { requestId: string; config: Config; caller: string } };

const app = new Hono<App>();

function respond(c: Context<App>, { status, envelope }: Answer): Response {
  return c.json(envelope, status);
}

/** A line of JSON. Never contact values, tokens, or words of the upstream. */
function log(c: Context<App>, fields: Record<string, unknown>): void {
  console.log(JSON.stringify({ requestId: c.get("requestId"), caller: c.get("caller"), ...fields }));
}

app.use(async (c, next) => {
  const given = c.req.header("x-request-id") ?? "";
  c.set("requestId", /^[\w.-]{1,64}$/.test(given) ? given : crypto.randomUUID());
  c.header("X-Request-Id", c.get("requestId"));
  await next();
});

/** A preflight carries no token, so this comes first. It is no access control: it only tells browsers whom to obey. */
app.use(
  cors({
    origin: (origin, c: Context<App>) => (parseOrigins(c.env.ALLOWED_ORIGINS).includes(origin) ? origin : null),
    allowMethods: ["GET", "POST"],
    allowHeaders: ["authorization", "content-type", "prefer"],
    exposeHeaders: ["Retry-After", "X-Request-Id"],
  }),
);

/** Nothing opens before the configuration is whole. */
const configured = createMiddleware<App>(async (c, next) => {
  c.set("config", readConfig(c.env));
  await next();
});

const authenticated = createMiddleware<App>(async (c, next) => {
  const [, token] = /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "") ?? [];
  const caller = token === undefined ? undefined : await identify(c.get("config").callers, token);
  if (caller === undefined) {
    c.header("WWW-Authenticate", "Bearer");
    return respond(c, failure("unauthorized"));
  }
  c.set("caller", caller);
  return next();
});

const json = createMiddleware<App>(async (c, next) => {
  if (c.req.header("content-encoding") !== undefined) return respond(c, failure("unsupported_media_type"));
  if (!/^application\/json *(;|$)/i.test(c.req.header("content-type") ?? "")) {
    return respond(c, failure("invalid_request", "Content-Type must be application/json"));
  }
  return next();
});

const limited = bodyLimit({ maxSize: MAX_BODY, onError: (c) => respond(c, failure("too_large")) });

app.post("/v1/user/contact", configured, authenticated, json, limited, async (c) => {
  const started = Date.now();
  const body = parseBody(await c.req.text());
  const { answer, outcome } = await forward(c.get("config").engagelab, body);
  log(c, { euid: String(body.euid), outcome, ms: Date.now() - started });
  return respond(c, answer);
});

app.get("/healthz", configured, (c) => c.json({ code: 0, message: "ok" }));

const METHODS = new Map([
  ["/v1/user/contact", "POST"],
  ["/healthz", "GET, HEAD"],
]);

app.notFound((c) => {
  const allow = METHODS.get(c.req.path);
  if (allow === undefined) return respond(c, failure("not_found"));
  c.header("Allow", allow);
  return respond(c, failure("method_not_allowed"));
});

app.onError((error, c) => {
  if (isEngageLabError(error, "validation")) return respond(c, failure("invalid_request", error.message));
  if (error instanceof SyntaxError) return respond(c, failure("invalid_request", "body is not JSON"));
  const fault = error instanceof ConfigFault || isEngageLabError(error, "configuration");
  // The words of a fault of ours name a variable or an option, never a value. Others are not known.
  log(c, { outcome: "unavailable", error: fault ? error.message : error.name });
  return respond(c, failure("unavailable"));
});

export default app;
