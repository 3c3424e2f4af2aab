/** What the environment must hold, checked as a whole: a gateway that is not configured answers nobody. */
import { type Client, createClient } from "../src/index.ts";

/** The environment as it comes: nothing in it is sure to be there. */
export interface Env {
  readonly ENGAGELAB_API_KEY?: string | undefined;
  readonly ENGAGELAB_API_SECRET?: string | undefined;
  readonly ENGAGELAB_BASE_URL?: string | undefined;
  readonly GATEWAY_TOKENS?: string | undefined;
  readonly ALLOWED_ORIGINS?: string | undefined;
}

/** A caller and one of its tokens. */
export interface Credential {
  readonly name: string;
  readonly token: string;
}

export interface Config {
  /** One attempt a call: whoever calls decides about a repeat. */
  readonly engagelab: Client;
  readonly callers: readonly Credential[];
}

/** A fault of the configuration: for the log, not for a caller. The message never quotes a value. */
export class ConfigFault extends Error {}

/** What a header can carry, without the separators of the list. */
const TOKEN = /^[\x21-\x2b\x2d-\x7e]+$/;

/** `name:token, name:token`; a name may stand more than once, for rotation. */
export function parseTokens(variable: string, list: string | undefined): Credential[] {
  const credentials = (list ?? "").split(",").map((entry, i) => {
    const [name = "", ...rest] = entry.trim().split(":");
    const token = rest.join(":");
    if (name === "" || !TOKEN.test(token)) throw new ConfigFault(`${variable}: entry ${i + 1} is not name:token`);
    return { name, token };
  });
  if (new Set(credentials.map(({ token }) => token)).size < credentials.length) {
    throw new ConfigFault(`${variable}: a token stands there twice`);
  }
  return credentials;
}

/** The origins whose pages may call, separated by commas. */
export function parseOrigins(list: string | undefined): string[] {
  const origins = (list ?? "").split(",").map((entry) => entry.trim());
  return origins.filter((origin) => origin !== "");
}

/** @throws ConfigFault, and ConfigurationError for what the client does not take */
export function readConfig(env: Env): Config {
  const { ENGAGELAB_API_KEY: apiKey, ENGAGELAB_API_SECRET: apiSecret, ENGAGELAB_BASE_URL: baseUrl } = env;
  for (const origin of parseOrigins(env.ALLOWED_ORIGINS)) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw new ConfigFault(`ALLOWED_ORIGINS: ${origin} is no origin such as https://app.example.org`);
    }
  }
  if (!apiKey || !apiSecret) throw new ConfigFault("ENGAGELAB_API_KEY and ENGAGELAB_API_SECRET must both be set");
  return {
    engagelab: createClient({ apiKey, apiSecret, baseUrl, maxRetries: 0 }),
    callers: parseTokens("GATEWAY_TOKENS", env.GATEWAY_TOKENS),
  };
}
