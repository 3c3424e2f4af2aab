/** The configuration, validated as a whole. If it has a fault, the gateway serves no requests. */
import { contract } from "../src/generated/contract.ts";
import { type Client, createClient, isEngageLabError } from "../src/index.ts";
import { ATTEMPT_MS } from "./outbox.ts";

const DAY_MS = 86_400_000;

type Optional = "OPERATOR_TOKENS" | "PAGE_TOKEN_KEY" | "ALLOWED_ORIGINS" | "OUTBOUND_RATE" | "KEEP_DAYS" | "CONSOLE";

/** The variables declared in wrangler.toml. Some may be absent. */
export interface Env extends Omit<Cloudflare.Env, Optional>, Partial<Pick<Cloudflare.Env, Optional>> {}

/** A token and its owner. */
export interface Credential {
  readonly name: string;
  readonly role: "caller" | "operator";
  readonly token: string;
}

export interface Config {
  /** Makes one attempt per call: the outbox retries. */
  readonly engagelab: Client;
  readonly credentials: readonly Credential[];
  /** Whether the routes for operators exist. */
  readonly hasOperators: boolean;
  readonly pageKey: string | undefined;
  /** Requests to EngageLab per second. */
  readonly outboundRate: number | undefined;
  /** How long parked values and states are kept, in ms. */
  readonly keepMs: number;
  /** Whether the console is served. */
  readonly console: boolean;
}

/** A fault of the configuration: for the log, not for callers. The message never quotes a secret. */
export class ConfigFault extends Error {}

/** For the log: the message of a configuration fault, only the name of any other error. */
export function describeFault(error: unknown): string {
  if (error instanceof ConfigFault || isEngageLabError(error, "configuration")) return error.message;
  return error instanceof Error ? error.name : typeof error;
}

const NAME = /^[\w.-]{1,64}$/;
/** Valid in a header, without the comma that separates tokens. Not `undefined`, which scripts write for an unset variable. */
const TOKEN = /^(?!(?:undefined|null)$)[\x21-\x2b\x2d-\x7e]+$/;

/** `name:token, name:token`. A name may occur more than once, for rotation. */
function parseTokens(variable: string, role: Credential["role"], list: string): Credential[] {
  return list.split(",").map((entry, i) => {
    const [name = "", ...rest] = entry.trim().split(":");
    const token = rest.join(":");
    if (!NAME.test(name) || !TOKEN.test(token)) throw new ConfigFault(`${variable}: entry ${i + 1} is not name:token`);
    return { name, role, token };
  });
}

/** Origins separated by commas. */
export function parseOrigins(list: string | undefined): string[] {
  const origins = String(list ?? "") // in wrangler.toml it may also be an array
    .split(",")
    .map((entry) => entry.trim());
  return origins.filter((origin) => origin !== "");
}

function parsePositive(variable: string, value: string, most: number): number {
  const number = Number(value);
  if (!(number > 0 && number <= most))
    throw new ConfigFault(`${variable} must be a number above 0 and at most ${most}`);
  return number;
}

const known = new WeakMap<Env, Config>();

/** @throws ConfigFault, or ConfigurationError if the client refuses an option */
export function readConfig(env: Env): Config {
  const config = known.get(env) ?? parse(env);
  known.set(env, config);
  return config;
}

function parse(env: Env): Config {
  const { ENGAGELAB_API_KEY: apiKey, ENGAGELAB_API_SECRET: apiSecret, ENGAGELAB_BASE_URL: baseUrl } = env;
  // No default: a forgotten line must not make `wrangler dev` send to production.
  if (!baseUrl) throw new ConfigFault(`ENGAGELAB_BASE_URL must be set; in production to ${contract.servers[0]}`);
  if (!apiKey || !apiSecret) throw new ConfigFault("ENGAGELAB_API_KEY and ENGAGELAB_API_SECRET must both be set");
  for (const origin of parseOrigins(env.ALLOWED_ORIGINS)) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin || origin.includes("*")) {
      throw new ConfigFault(`ALLOWED_ORIGINS: ${origin} is not an origin such as https://app.example.org`);
    }
  }
  const { PAGE_TOKEN_KEY: pageKey, OPERATOR_TOKENS: operators } = env;
  const { OUTBOUND_RATE: rate = "off", KEEP_DAYS: keepDays = "30", CONSOLE: console = "off" } = env;
  if (pageKey !== undefined && new TextEncoder().encode(pageKey).length < 32) {
    throw new ConfigFault("PAGE_TOKEN_KEY must have at least 32 bytes");
  }
  if (console !== "on" && console !== "off") throw new ConfigFault("CONSOLE must be on or off");
  const credentials = parseTokens("GATEWAY_TOKENS", "caller", env.GATEWAY_TOKENS ?? "");
  if (operators !== undefined) credentials.push(...parseTokens("OPERATOR_TOKENS", "operator", operators));
  if (new Set(credentials.map(({ token }) => token)).size < credentials.length) {
    throw new ConfigFault("GATEWAY_TOKENS, OPERATOR_TOKENS: a token occurs twice");
  }
  return {
    engagelab: createClient({ apiKey, apiSecret, baseUrl, timeout: ATTEMPT_MS, maxRetries: 0 }),
    credentials,
    hasOperators: operators !== undefined,
    pageKey,
    outboundRate: rate === "off" ? undefined : parsePositive("OUTBOUND_RATE", rate, 1e5),
    keepMs: parsePositive("KEEP_DAYS", keepDays, 3_650) * DAY_MS,
    console: console === "on",
  };
}
