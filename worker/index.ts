/** The gateway: EngageLab's contract at the edge. Apps and pages call it without holding the secret. */
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { createMiddleware } from "hono/factory";
import { methodNotAllowed } from "hono/method-not-allowed";
import { isEngageLabError } from "../src/index.ts";
import { isInt64 } from "../src/int64.ts";
import { authenticate, type Principal, type Refusal } from "./authenticate.ts";
import { parseBody } from "./body.ts";
import { type Config, describeFault, type Env, parseOrigins, readConfig } from "./config.ts";
import { page, policy } from "./generated/console.ts";
import { log } from "./log.ts";
import { MAX_NAMES } from "./outbox.ts";
import type { Outbox } from "./outbox-object.ts";
import { askRegistry, type Entry, type Health } from "./registry.ts";
import { type Answer, failure, success } from "./responses.ts";
import { toAnswer, toDate, toStates } from "./view.ts";

export { Outbox } from "./outbox-object.ts";
export { Registry } from "./registry.ts";

const MAX_BODY_BYTES = 64 * 1024;
/** How long public answers of /healthz are cached, to spare the single registry. */
const HEALTH_AGE_S = 5;

interface Variables {
  requestId: string;
  config: Config;
  principal: Principal;
  /** Whether the body is being read. An error meanwhile means that the caller disconnected. */
  isReceiving: boolean;
}

type App = { Bindings: Env; Variables: Variables };

const app = new Hono<App>();

function respond(c: Context<App>, { status, envelope }: Answer): Response {
  return c.json(envelope, status);
}

function outbox(c: Context<App>, euid: string): DurableObjectStub<Outbox> {
  return c.env.OUTBOX.getByName(euid);
}

function logRequest(c: Context<App>, fields: Readonly<Record<string, unknown>>): void {
  log({ requestId: c.get("requestId"), caller: c.get("principal").name, ...fields });
}

app.use(async (c, next) => {
  const given = c.req.header("x-request-id") ?? "";
  c.set("requestId", /^[\w.-]{1,64}$/.test(given) ? given : crypto.randomUUID());
  c.header("X-Request-Id", c.get("requestId"));
  await next();
});

/** Runs before authentication, since a preflight has no token. CORS only controls which pages may read answers. */
app.use(
  cors({
    origin: (origin, c: Context<App>) => (parseOrigins(c.env.ALLOWED_ORIGINS).includes(origin) ? origin : null),
    allowMethods: ["GET", "POST"],
    allowHeaders: ["authorization", "content-type", "prefer"],
    exposeHeaders: ["Retry-After", "X-Request-Id"],
  }),
);

app.use(async (c, next) => {
  c.set("config", readConfig(c.env));
  await next();
});

app.use(
  methodNotAllowed({
    app,
    onMethodNotAllowed: (c, methods) => {
      const { status, envelope } = failure("method_not_allowed");
      return c.json(envelope, status, { Allow: methods.join(", ") });
    },
  }),
);

async function identify(c: Context<App>): Promise<Principal | Refusal> {
  const [, token] = /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "") ?? [];
  return token === undefined ? { role: "nobody" } : authenticate(c.get("config"), token);
}

/** Admits these roles within their rate limit. Without OPERATOR_TOKENS the operators' routes don't exist. */
const requireRole = (...roles: Principal["role"][]) =>
  createMiddleware<App>(async (c, next) => {
    const { hasOperators, console } = c.get("config");
    if (roles.every((role) => role === "operator") && !hasOperators) return c.notFound();
    const principal = await identify(c);
    if (principal.role === "nobody") {
      c.header("WWW-Authenticate", "Bearer");
      const { status, envelope } = failure("unauthorized");
      const why = console && principal.why ? `: ${principal.why}` : "";
      return respond(c, { status, envelope: { ...envelope, message: envelope.message + why } });
    }
    c.set("principal", principal);
    if (!roles.includes(principal.role)) return respond(c, failure("forbidden"));
    const { success: isAllowed } = await (principal.role === "page"
      ? c.env.PAGE_LIMIT.limit({ key: principal.euid })
      : c.env.CALLER_LIMIT.limit({ key: `${principal.role} ${principal.name}` }));
    if (isAllowed) return next();
    c.header("Retry-After", "10");
    return respond(c, failure("rate_limited"));
  });

/** Whether this is a page token of another user. */
function isForeign(c: Context<App>, euid: string): boolean {
  const principal = c.get("principal");
  return principal.role === "page" && principal.euid !== euid;
}

const requireJson = createMiddleware<App>(async (c, next) => {
  if (c.req.header("content-encoding") !== undefined) return respond(c, failure("unsupported_media_type"));
  if (!/^application\/json *(;|$)/i.test(c.req.header("content-type") ?? "")) {
    return respond(c, failure("invalid_request", "Content-Type must be application/json"));
  }
  c.set("isReceiving", true);
  return next();
});

const limitBody = bodyLimit({ maxSize: MAX_BODY_BYTES, onError: (c) => respond(c, failure("too_large")) });

const validateEuid = createMiddleware<App>(async (c, next) => {
  if (isInt64(c.req.param("euid") ?? "")) return next();
  return respond(c, failure("invalid_request", "euid must be the decimal digits of a 64-bit integer"));
});

app.post("/v1/user/contact", requireRole("caller", "page"), requireJson, limitBody, async (c) => {
  const started = Date.now();
  const bytes = await c.req.arrayBuffer();
  c.set("isReceiving", false);
  const { euid, contacts } = parseBody(bytes);
  if (isForeign(c, euid)) return respond(c, failure("forbidden"));
  const isAsync = /(^|,) *respond-async *(;|,|$)/i.test(c.req.header("prefer") ?? "");
  const update = { contacts, requestId: c.get("requestId") };
  const submission = await outbox(c, euid).submit(euid, update, !isAsync);
  if (submission === undefined) {
    const limits = `${MAX_NAMES} names and 512 KiB of values`;
    return respond(c, failure("invalid_request", `contacts exceed what the gateway holds for one user: ${limits}`));
  }
  const names = contacts.map(([name]) => name);
  const { outcome, attempts, answer } = toAnswer(names, submission);
  const code = outcome === "refused" ? answer.envelope.code : undefined;
  logRequest(c, { euid, outcome, code, attempts, ms: Date.now() - started });
  if (isAsync && outcome !== "refused") c.header("Preference-Applied", "respond-async");
  return respond(c, answer);
});

app.get("/v1/user/contact/:euid", requireRole("caller", "page", "operator"), validateEuid, async (c) => {
  const euid = c.req.param("euid");
  if (isForeign(c, euid)) return respond(c, failure("forbidden"));
  return respond(c, success({ euid, contacts: toStates(await outbox(c, euid).read()) }));
});

app.delete("/v1/user/contact/:euid", requireRole("operator"), validateEuid, async (c) => {
  const euid = c.req.param("euid");
  const entry = await askRegistry(c.env, (registry) => registry.find(euid)); // first: values parked later stay listed
  await outbox(c, euid).forget();
  await askRegistry(c.env, (registry) => registry.forget(euid, entry?.id));
  logRequest(c, { euid, outcome: "forgotten" });
  return respond(c, success());
});

/** A page of the list. Removes entries of outboxes that have nothing parked any more. */
async function parkedPage(c: Context<App>): Promise<{ euids: string[]; next?: string }> {
  const { entries, next } = await askRegistry(c.env, (registry) => registry.parked(c.req.query("after") ?? ""));
  const holdsParked = ({ euid }: Entry): Promise<boolean> =>
    outbox(c, euid)
      .holdsParked()
      .catch(() => true);
  const parked = await Promise.all(entries.map(holdsParked));
  const stale = entries.filter((_, i) => !parked[i]);
  if (stale.length > 0) await askRegistry(c.env, (registry) => registry.unlist(stale));
  return { euids: entries.filter((_, i) => parked[i]).map(({ euid }) => euid), ...(next !== undefined && { next }) };
}

app.get("/parked", requireRole("operator"), async (c) => respond(c, success(await parkedPage(c))));

app.post("/parked/retry", requireRole("operator"), async (c) => {
  const parked = await parkedPage(c);
  await Promise.all(parked.euids.map((euid) => outbox(c, euid).retry()));
  logRequest(c, { outcome: "retry", users: parked.euids.length });
  return respond(c, success(parked, 202));
});

app.post("/parked/:euid/retry", requireRole("operator"), validateEuid, async (c) => {
  const euid = c.req.param("euid");
  if (!(await outbox(c, euid).retry())) return respond(c, failure("not_found", "Nothing is parked for this EUID"));
  logRequest(c, { euid, outcome: "retry" });
  return respond(c, success(undefined, 202));
});

let lastHealth: { readonly at: number; readonly health: Health | undefined } | undefined;

app.get("/healthz", async (c) => {
  const isOperator = (await identify(c)).role === "operator";
  if (isOperator || lastHealth === undefined || Date.now() - lastHealth.at > HEALTH_AGE_S * 1000) {
    const health = await askRegistry(c.env, (registry) => registry.health()).catch((error) => {
      log({ requestId: c.get("requestId"), outcome: "unavailable", error: describeFault(error) });
      return undefined;
    });
    lastHealth = { at: Date.now(), health };
  }
  const { health } = lastHealth;
  if (health === undefined) return respond(c, failure("unavailable"));
  const { pending, parked, credentialsRefusedAt: at } = health;
  const breaker = at === undefined ? "closed" : "open";
  const details = { pending, parked, breaker, ...(at !== undefined && { credentialsRefusedAt: toDate(at) }) };
  const { envelope } = success(isOperator ? details : undefined);
  c.header("Vary", "Authorization", { append: true });
  c.header("Cache-Control", isOperator ? "no-store" : `public, max-age=${HEALTH_AGE_S}`);
  return c.json({ ...envelope, message: breaker === "open" ? "degraded" : "ok" });
});

app.get("/", (c) => {
  if (!c.get("config").console) return c.notFound();
  c.header("Content-Security-Policy", policy);
  c.header("Referrer-Policy", "no-referrer");
  c.header("X-Content-Type-Options", "nosniff");
  return c.html(page);
});

app.notFound((c) => respond(c, failure("not_found")));

app.onError((error, c) => {
  if (isEngageLabError(error, "validation")) return respond(c, failure("invalid_request", error.message));
  if (c.get("isReceiving")) return respond(c, failure("invalid_request", "body was cut off"));
  log({ requestId: c.get("requestId"), outcome: "unavailable", error: describeFault(error) });
  return respond(c, failure("unavailable"));
});

export default app;
