/** Who may come in. */
import { verify } from "hono/jwt";
import { isInt64 } from "../src/int64.ts";
import type { Config, Credential } from "./config.ts";

export type Visitor =
  | { readonly role: "caller" | "operator"; readonly name: string }
  /** A page, with a token that the app's backend has signed for one user. */
  | { readonly role: "page"; readonly name: string; readonly euid: string };

function sha256(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
}

/** Of the credentials of a configuration, which outlives a request. */
const hashesOf = new WeakMap<readonly Credential[], readonly ArrayBuffer[]>();

async function hash(credentials: readonly Credential[]): Promise<readonly ArrayBuffer[]> {
  const hashes = hashesOf.get(credentials) ?? (await Promise.all(credentials.map(({ token }) => sha256(token))));
  hashesOf.set(credentials, hashes);
  return hashes;
}

/**
 * Hashed, so that all tokens have one length, and compared in constant time against all, so that the time tells nothing
 * of the list.
 */
async function findCredential(credentials: readonly Credential[], token: string): Promise<Credential | undefined> {
  const [given, hashes] = await Promise.all([sha256(token), hash(credentials)]);
  const [match] = credentials.filter((_, i) => {
    const hashed = hashes[i];
    return hashed !== undefined && crypto.subtle.timingSafeEqual(hashed, given);
  });
  return match;
}

/** A JWT signed with HS256, whose `sub` is an EUID, and which has an `exp`. */
async function readPageToken(key: string, token: string): Promise<Visitor | undefined> {
  // A backend's clock may be ahead of this one, so `iat` is not looked at.
  const { sub, exp } = await verify(token, key, { alg: "HS256", iat: false }).catch(() => ({
    sub: undefined,
    exp: undefined,
  }));
  if (typeof sub !== "string" || !isInt64(sub) || typeof exp !== "number") return undefined;
  return { role: "page", name: "page", euid: sub };
}

/** Whose token this is, or nobody's. */
export async function identify(config: Config, token: string): Promise<Visitor | undefined> {
  const credential = await findCredential(config.credentials, token);
  if (credential) return { role: credential.role, name: credential.name };
  return config.pageKey === undefined ? undefined : readPageToken(config.pageKey, token);
}
