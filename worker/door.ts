/** Who may come in. */
import type { Credential } from "./config.ts";

function sha256(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
}

/**
 * The name of the caller whose token this is. Hashed, so that all have one length, and compared in constant time
 * against all, so that the time tells nothing of the list.
 */
export async function identify(callers: readonly Credential[], token: string): Promise<string | undefined> {
  const given = await sha256(token);
  const hashes = await Promise.all(callers.map(async ({ name, token }) => ({ name, hash: await sha256(token) })));
  const [match] = hashes.filter(({ hash }) => crypto.subtle.timingSafeEqual(hash, given));
  return match?.name;
}
