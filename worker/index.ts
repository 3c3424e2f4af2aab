/** The edge gateway: EngageLab's contract at the edge, so that apps and pages don't hold the secret. */
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { createMiddleware } from "hono/factory";
import { isEngageLabError } from "../src/index.ts";
import { isInt64 } from "../src/int64.ts";
import { type Answer, failure, success } from "./answers.ts";
import { parseBody } from "./body.ts";
import { type Config, describeFault, type Env, parseOrigins, readConfig } from "./config.ts";
import { identify, type Visitor } from "./door.ts";
import { officeOf } from "./gate.ts";
import { page, policy } from "./generated/page.ts";
import { inTime } from "./in-time.ts";
import { log } from "./log.ts";
import type { Mailbox } from "./mailbox.ts";
import type { Health } from "./office.ts";

export { Mailbox } from "./mailbox.ts";
export { Office } from "./office.ts";

/** Bytes. */
const MAX_BODY = 64 * 1024;
/** How long the answer of /healthz is good for, in seconds: it is public, and there is one office. */
const HEALTH_AGE = 5;

interface Variables {
  requestId: string;
  config: Config;
  visitor: Visitor;
  /** Whether the body is being read: an error then is the caller who broke off, not a fault of the gateway. */
  receiving: boolean;
}

type App = { Bindings: Env; Variables: Variables };

const app = new Hono<App>();

function respond(c: Context<App>, { status, envelope }: Answer): Response {
  return c.json(envelope, status);
}

function mailbox(c: Context<App>, euid: string): DurableObjectStub<Mailbox> {
  return c.env.MAILBOX.getByName(euid);
}

app.use(async (c, next) => {
  const given = c.req.header("x-request-id") ?? "";
  c.set("requestId", /^[\w.-]{1,64}$/.test(given) ? given : crypto.randomUUID());
  c.header("X-Request-Id", c.get("requestId"));
  await next();
});

/** A preflight carries no token, so this comes first. It is no access control: it tells browsers who may read answers. */
app.use(
  cors({
    origin: (origin, c: Context<App>) => (parseOrigins(c.env.ALLOWED_ORIGINS).includes(origin) ? origin : null),
    allowMethods: ["GET", "POST"],
    allowHeaders: ["authorization", "content-type", "prefer"],
    exposeHeaders: ["Retry-After", "X-Request-Id"],
  }),
);

/** Nothing opens before the configuration is whole. */
app.use(async (c, next) => {
  c.set("config", readConfig(c.env));
  await next();
});

async function visitor(c: Context<App>): Promise<Visitor | undefined> {
  const [, token] = /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "") ?? [];
  return token === undefined ? undefined : identify(c.get("config"), token);
}

/** Opens for the holders of these tokens, as often as their limit allows; operators have no routes without OPERATOR_TOKENS. */
const open = (...roles: Visitor["role"][]) =>
  createMiddleware<App>(async (c, next) => {
    if (roles.every((role) => role === "operator") && !c.get("config").operated) return c.notFound();
    const who = await visitor(c);
    if (who === undefined) {
      c.header("WWW-Authenticate", "Bearer");
      return respond(c, failure("unauthorized"));
    }
    c.set("visitor", who);
    if (!roles.includes(who.role)) return respond(c, failure("forbidden"));
    const { success: allowed } = await (who.role === "page"
      ? c.env.PAGE_LIMIT.limit({ key: who.euid })
      : c.env.CALLER_LIMIT.limit({ key: `${who.role} ${who.name}` }));
    if (allowed) return next();
    c.header("Retry-After", "10");
    return respond(c, failure("rate_limited"));
  });

/** Whether the token is a page's, for another user. */
function isForeign(c: Context<App>, euid: string): boolean {
  const who = c.get("visitor");
  return who.role === "page" && who.euid !== euid;
}

const json = createMiddleware<App>(async (c, next) => {
  if (c.req.header("content-encoding") !== undefined) return respond(c, failure("unsupported_media_type"));
  if (!/^application\/json *(;|$)/i.test(c.req.header("content-type") ?? "")) {
    return respond(c, failure("invalid_request", "Content-Type must be application/json"));
  }
  c.set("receiving", true);
  return next();
});

const limited = bodyLimit({ maxSize: MAX_BODY, onError: (c) => respond(c, failure("too_large")) });

const named = createMiddleware<App>(async (c, next) => {
  if (isInt64(c.req.param("euid") ?? "")) return next();
  return respond(c, failure("invalid_request", "euid must be the decimal digits of a 64-bit integer"));
});

app.post("/v1/user/contact", open("caller", "page"), json, limited, async (c) => {
  const started = Date.now();
  const bytes = await c.req.arrayBuffer();
  c.set("receiving", false);
  const { euid, contacts } = parseBody(bytes);
  if (isForeign(c, euid)) return respond(c, failure("forbidden"));
  const requestId = c.get("requestId");
  const async = /(^|,) *respond-async *(;|,|$)/i.test(c.req.header("prefer") ?? "");
  const receipt = await mailbox(c, euid).put({ euid, contacts, requestId }, !async);
  const { status, envelope, attempts } = receipt;
  const outcome = envelope.code !== 0 ? `refused ${envelope.code}` : status === 202 ? "stored" : "delivered";
  log({ requestId, caller: c.get("visitor").name, euid, outcome, attempts, ms: Date.now() - started });
  if (async && envelope.code === 0) c.header("Preference-Applied", "respond-async");
  return respond(c, { status, envelope });
});

app.get("/v1/user/contact/:euid", open("caller", "page", "operator"), named, async (c) => {
  const euid = c.req.param("euid");
  if (isForeign(c, euid)) return respond(c, failure("forbidden"));
  return respond(c, success({ euid, contacts: await mailbox(c, euid).states() }));
});

app.delete("/v1/user/contact/:euid", open("operator"), named, async (c) => {
  const euid = c.req.param("euid");
  await mailbox(c, euid).forget(euid);
  log({ requestId: c.get("requestId"), caller: c.get("visitor").name, euid, outcome: "forgotten" });
  return respond(c, success());
});

app.get("/parked", open("operator"), async (c) =>
  respond(c, success(await inTime(officeOf(c.env).parked(c.req.query("after") ?? "")))),
);

app.post("/parked/retry", open("operator"), async (c) => {
  await inTime(officeOf(c.env).retryAll());
  log({ requestId: c.get("requestId"), caller: c.get("visitor").name, outcome: "retry of all" });
  return respond(c, success(undefined, 202));
});

app.post("/parked/:euid/retry", open("operator"), named, async (c) => {
  const euid = c.req.param("euid");
  const parked = await mailbox(c, euid).retry(euid);
  log({ requestId: c.get("requestId"), caller: c.get("visitor").name, euid, outcome: parked ? "retry" : "not parked" });
  return respond(c, parked ? success(undefined, 202) : failure("not_found", "Nothing is parked for this EUID"));
});

let health: { readonly at: number; readonly known: Health | undefined } | undefined;

app.get("/healthz", async (c) => {
  const operator = (await visitor(c))?.role === "operator";
  if (operator || health === undefined || Date.now() - health.at > HEALTH_AGE * 1000) {
    const known = await inTime(officeOf(c.env).health()).catch((error) => {
      log({ requestId: c.get("requestId"), outcome: "unavailable", error: describeFault(error) });
      return undefined;
    });
    health = { at: Date.now(), known };
  }
  const { known } = health;
  if (known === undefined) return respond(c, failure("unavailable")); // as it was found within the last seconds
  const { paused } = known;
  const { envelope } = success(operator ? known : undefined);
  c.header("Cache-Control", operator ? "no-store" : `public, max-age=${HEALTH_AGE}`);
  return c.json({ ...envelope, message: paused === undefined ? "ok" : "degraded" });
});

app.get("/", (c) => {
  if (!c.get("config").console) return c.notFound();
  c.header("Content-Security-Policy", policy);
  c.header("Referrer-Policy", "no-referrer");
  c.header("X-Content-Type-Options", "nosniff");
  return c.html(page);
});

app.notFound((c) => {
  const methods = ["GET", "POST", "DELETE"].filter((method) =>
    app.router.match(method, c.req.path)[0].some(([[, route]]) => route.method === method),
  );
  const method = c.req.method === "HEAD" ? "GET" : c.req.method;
  if (methods.length === 0 || methods.includes(method)) return respond(c, failure("not_found"));
  c.header("Allow", methods.join(", ").replace("GET", "GET, HEAD"));
  return respond(c, failure("method_not_allowed"));
});

app.onError((error, c) => {
  if (isEngageLabError(error, "validation")) return respond(c, failure("invalid_request", error.message));
  if (c.get("receiving")) return respond(c, failure("invalid_request", "body was cut off"));
  log({ requestId: c.get("requestId"), outcome: "unavailable", error: describeFault(error) });
  return respond(c, failure("unavailable"));
});

export default app;
