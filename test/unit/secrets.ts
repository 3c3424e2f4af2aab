/** Secrets, the forms in which a server may echo them, and the ways to print a value. */
import { Console } from "node:console";
import { Writable } from "node:stream";
import { inspect } from "node:util";
import { expect } from "vitest";

/** Contains characters that are special in JSON, regular expressions, base64 and UTF-8. */
export const SECRETS = { apiKey: 'key"\\1é', apiSecret: "s$&c/ret(中" };
export const BASE64 = Buffer.from(`${SECRETS.apiKey}:${SECRETS.apiSecret}`).toString("base64");
export const TOKEN = "tok3n-of-a-gateway";

export const RAW = [SECRETS.apiKey, SECRETS.apiSecret, BASE64, TOKEN];

/** Everything that must not appear, raw and as quoted by JSON or an inspector. */
const FORBIDDEN = RAW.flatMap((secret) => [
  ...[secret, ascii(secret), slashed(secret), tagless(secret), capital(secret), small(secret)],
  ...[encodeURIComponent(secret), encodeURI(secret), html(secret), numeric(secret), bytewise(secret)],
  ...(secret === SECRETS.apiSecret ? [base64(secret)] : []),
]).flatMap((form) => [form, JSON.stringify(form).slice(1, -1), inspect(form).slice(1, -1)]);

/** As Python writes JSON. */
export function ascii(text: string): string {
  const quoted = JSON.stringify(text).slice(1, -1);
  return quoted.replace(/[^ -~]/g, (unit) => `\\u${hex(unit)}`);
}

/** As PHP writes JSON. */
export function slashed(text: string): string {
  return JSON.stringify(text).slice(1, -1).replaceAll("/", "\\/");
}

/** As Go writes JSON. */
export function tagless(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replace(/[<>&]/g, (unit) => `\\u${hex(unit)}`);
}

/** As .NET writes JSON. */
export function capital(text: string): string {
  return text.replace(/["\\<>&'+]|[^ -~]/g, (unit) => `\\u${hex(unit).toUpperCase()}`);
}

/** As some URL encoders write it. */
export function small(text: string): string {
  return encodeURIComponent(text).replace(/%../g, (escaped) => escaped.toLowerCase());
}

/** As a template engine escapes text. */
export function html(text: string): string {
  const names: Record<string, string> = { "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos" };
  return text.replace(/[&<>"']/g, (unit) => `&${names[unit]};`);
}

/** As some escape each possible markup character. */
export function numeric(text: string): string {
  const tags = [(code: number) => `&#${code};`, (code: number) => `&#x${code.toString(16)};`];
  return text.replace(/[^\w ]/g, (unit) => String(tags[unit.charCodeAt(0) % 2]?.(unit.charCodeAt(0))));
}

export function bytewise(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
}

export function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function hex(unit: string): string {
  return unit.charCodeAt(0).toString(16).padStart(4, "0");
}

/** The ways in which a caller may print a value. */
export function printed(value: unknown): string[] {
  const log: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      log.push(String(chunk));
      done();
    },
  });
  const console = new Console(sink);
  console.log(value);
  console.dir(value, { depth: null, showHidden: true });
  expect(log).toHaveLength(2);
  const deep = { showHidden: true, depth: Number.POSITIVE_INFINITY, maxArrayLength: null, maxStringLength: null };
  const texts = [...log, inspect(value, deep), inspect({ ...Object(value) }, deep), String(value)];
  texts.push(JSON.stringify(value), JSON.stringify({ ...Object(value) }));
  if (value instanceof Error) {
    texts.push(inspect(structuredClone(value), deep), value.stack ?? "", value.message);
    for (const cause of chain(value)) texts.push(inspect(cause, deep), String(cause), JSON.stringify(cause) ?? "");
  }
  return texts;
}

function chain(value: unknown): unknown[] {
  return value instanceof Error && value.cause !== undefined ? [value.cause, ...chain(value.cause)] : [];
}

export function expectNoSecret(value: unknown): void {
  for (const text of printed(value)) {
    for (const secret of FORBIDDEN) expect(text.includes(secret), `${secret} in ${text}`).toBe(false);
  }
}
