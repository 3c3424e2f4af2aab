/** The owner of a token. */
import { verify } from "hono/jwt";
import { isInt64 } from "../src/int64.ts";
import type { Config, Credential } from "./config.ts";

export type Principal =
  | { readonly role: "caller" | "operator"; readonly name: string }
  /** A page, with a token that the app's backend signed for one user. */
  | { readonly role: "page"; readonly name: string; readonly euid: string };

/** Why a token was refused. Shown to developers if CONSOLE is on. */
export interface Refusal {
  readonly role: "nobody";
  readonly why?: string;
}

function sha256(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
}

/** Hashes are cached per configuration. */
const hashesOf = new WeakMap<readonly Credential[], readonly ArrayBuffer[]>();

async function hash(credentials: readonly Credential[]): Promise<readonly ArrayBuffer[]> {
  const hashes = hashesOf.get(credentials) ?? (await Promise.all(credentials.map(({ token }) => sha256(token))));
  hashesOf.set(credentials, hashes);
  return hashes;
}

/** Hashes have one length, and the token is compared with all of them, so the time taken reveals nothing. */
async function findCredential(credentials: readonly Credential[], token: string): Promise<Credential | undefined> {
  const [given, hashes] = await Promise.all([sha256(token), hash(credentials)]);
  const [match] = credentials.filter((_, i) => {
    const hashed = hashes[i];
    return hashed !== undefined && crypto.subtle.timingSafeEqual(hashed, given);
  });
  return match;
}

/** By the name of hono's error. */
const JWT_FAULTS: ReadonlyMap<string, string> = new Map([
  ["JwtTokenExpired", "the token has expired"],
  ["JwtTokenNotBefore", "the token is not valid yet"],
  ["JwtTokenSignatureMismatched", "the token is not signed with PAGE_TOKEN_KEY"],
]);

/** A JWT signed with HS256, with an EUID as `sub` and an `exp`. */
async function readPageToken(key: string, token: string): Promise<Principal | Refusal> {
  const nobody = (why: string): Refusal => ({ role: "nobody", why });
  try {
    // A backend's clock may be ahead, so `iat` is ignored.
    const { sub, exp } = await verify(token, key, { alg: "HS256", iat: false });
    if (typeof exp !== "number") return nobody("the token has no exp");
    if (typeof sub !== "string" || !isInt64(sub)) return nobody("the token's sub is not the digits of an EUID");
    return { role: "page", name: "page", euid: sub };
  } catch (error) {
    const name = error instanceof Error ? error.name : "";
    return nobody(JWT_FAULTS.get(name) ?? "the token is neither listed nor a JWT signed with HS256");
  }
}

export async function authenticate(config: Config, token: string): Promise<Principal | Refusal> {
  const credential = await findCredential(config.credentials, token);
  if (credential) return { role: credential.role, name: credential.name };
  return config.pageKey === undefined ? { role: "nobody" } : readPageToken(config.pageKey, token);
}
