/**
 * The value of the header Authorization. `btoa` alone would encode Latin-1 and throw beyond it.
 * @see https://datatracker.ietf.org/doc/html/rfc7617#section-2.1
 */
export function basicAuth(apiKey: string, apiSecret: string): string {
  const bytes = new TextEncoder().encode(`${apiKey}:${apiSecret}`);
  return `Basic ${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))}`;
}
