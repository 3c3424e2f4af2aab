/** Makes a client from environment variables. Secrets never come from flags: other users of the machine can see those. */
import { type AnyEngageLabError, type Client, createClient, isEngageLabError } from "../src/index.ts";
import { CommandError } from "./errors.ts";

const VARIABLES: Readonly<Record<string, string>> = {
  apiKey: "ENGAGELAB_API_KEY",
  apiSecret: "ENGAGELAB_API_SECRET",
  baseUrl: "ENGAGELAB_BASE_URL",
  headers: "ENGAGELAB_TOKEN",
};

/** An empty variable counts as not set. */
function variable(name: keyof typeof VARIABLES): string | undefined {
  return process.env[VARIABLES[name] ?? ""] || undefined;
}

/**
 * The target and the identity of calls, without the secret.
 *
 * @throws CommandError if variables are missing
 */
export function readEnvironment(): { readonly baseUrl?: string; readonly apiKey?: string } {
  const [apiKey, apiSecret, token, baseUrl] = (["apiKey", "apiSecret", "headers", "baseUrl"] as const).map(variable);
  if (token !== undefined && baseUrl === undefined) {
    throw new CommandError("ENGAGELAB_TOKEN is for a gateway: set ENGAGELAB_BASE_URL to its address.");
  }
  if (token === undefined && (apiKey === undefined || apiSecret === undefined)) {
    throw new CommandError("Set ENGAGELAB_API_KEY and ENGAGELAB_API_SECRET, or ENGAGELAB_TOKEN for a gateway.");
  }
  return { ...(baseUrl !== undefined && { baseUrl }), ...(token === undefined && apiKey !== undefined && { apiKey }) };
}

/** @throws CommandError if a variable is missing or not valid */
export function clientFromEnvironment(maxRetries?: number): Client {
  const { baseUrl, apiKey } = readEnvironment();
  const token = variable("headers");
  try {
    return createClient({
      ...(apiKey === undefined
        ? { headers: { authorization: `Bearer ${token}` } }
        : { apiKey, apiSecret: variable("apiSecret") ?? "" }),
      ...(baseUrl !== undefined && { baseUrl }),
      ...(maxRetries !== undefined && { maxRetries, totalTimeout: 120_000 }),
    });
  } catch (error) {
    if (!isEngageLabError(error, "configuration")) throw error;
    throw new CommandError(error.message.replace(error.option, VARIABLES[error.option] ?? error.option));
  }
}

const CREDENTIALS = /^(authentication_failed|project_|data_source_|unauthorized|forbidden)/;

/** Whether every call will be refused until the credentials are corrected. */
export function isCredentialsProblem(error: AnyEngageLabError): boolean {
  if (error.kind === "api") return CREDENTIALS.test(error.reason) || error.status === 401;
  return error.kind === "response" && (error.status === 401 || error.status === 403 || error.status === 407);
}
