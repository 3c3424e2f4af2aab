import { ConfigurationError } from "./errors.ts";

/** An API key and its secret, and the header that carries them. */
export interface Credentials {
  readonly authorization: string;
  /** What must not appear in anything that a caller can print. */
  readonly secrets: readonly string[];
}

/** `btoa` alone would encode Latin-1, and throw beyond it. */
function toBase64(text: string): string {
  return btoa(
    encodeURIComponent(text).replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
  );
}

/**
 * The value of the header Authorization.
 *
 * @see https://datatracker.ietf.org/doc/html/rfc7617#section-2.1
 */
export function basicAuth(apiKey: string, apiSecret: string): string {
  return `Basic ${toBase64(`${apiKey}:${apiSecret}`)}`;
}

function check(option: "apiKey" | "apiSecret", value: unknown): string {
  const problem =
    typeof value !== "string" || value === ""
      ? "must be a non-empty string: is an environment variable missing?"
      : /[\p{Cc}\p{Cs}]/u.test(value)
        ? "must not contain control characters or lone surrogates"
        : option === "apiKey" && value.includes(":")
          ? "must not contain a colon"
          : undefined;
  if (problem) throw new ConfigurationError(option, problem);
  return String(value);
}

/** @throws ConfigurationError */
export function checkCredentials(options: { apiKey?: unknown; apiSecret?: unknown }): Credentials | undefined {
  if (!("apiKey" in options) && !("apiSecret" in options)) return undefined;
  const apiKey = check("apiKey", options.apiKey);
  const apiSecret = check("apiSecret", options.apiSecret);
  const authorization = basicAuth(apiKey, apiSecret);
  return { authorization, secrets: [apiKey, apiSecret, toBase64(apiSecret), authorization] };
}
