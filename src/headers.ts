import { isPrimitive } from "./url.ts";
import { isPlain } from "./validate.ts";

/** Request headers, from name to value. `null` removes a header that was set before; `undefined` is left out. */
export type HeadersRecord =
  | Readonly<Record<string, string | null | undefined>>
  | Iterable<readonly [string, string]>
  | Headers;

/** Headers that override earlier ones, with names in lower case. `null` removes. */
export type HeaderLayer = Readonly<Record<string, string | null>>;

/** Headers that `fetch` sets itself. Runtimes reject these, ignore them, or break the request. */
const OF_THE_CONNECTION = /^(connection|content-length|expect|keep-alive|te|trailer|transfer-encoding|upgrade)$/i;

const UNSETTABLE = "must contain only headers that can be sent";

/** Valid header values. Runtimes' own checks accept control characters that they then refuse to send. */
export const FIELD_VALUE: RegExp = /^[\t\x20-\x7e\x80-\xff]*$/;

/** A function is called for each attempt, and its result is checked then. */
export type HeaderSource = HeaderLayer | (() => unknown);

/**
 * Names are case-insensitive. Within a layer, a later header wins.
 *
 * @param authorized whether credentials are given, which `Authorization` must not override
 * @param fail called with the fault, without the value; must throw
 * @param toText converts a value to text, or throws
 */
export function toLayer(
  value: unknown,
  authorized: boolean,
  fail: (problem: string) => never,
  toText: (value: unknown) => string | undefined = onlyString,
): HeaderLayer {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  // `Headers` and `Map`, of any realm, are iterables of pairs.
  const isIterable = isObject && Symbol.iterator in value;
  if (!isIterable && !(isObject && isPlain(value))) {
    return fail("must be an object of strings, or a function that returns one");
  }
  let pairs: unknown[];
  try {
    pairs = isIterable ? [...(value as Iterable<unknown>)] : Object.entries(value);
  } catch {
    return fail("must be an object of strings: it can't be read");
  }
  const checked = new Headers();
  const layer: [string, string | null][] = [];
  for (const pair of pairs) {
    const [name, content]: unknown[] = Array.isArray(pair) ? pair : [];
    const text = content === null ? null : toText(content);
    if (typeof name !== "string" || (text === undefined && content !== undefined)) {
      return fail("must be an object of strings: a name or a value is not a string");
    }
    if (text === undefined) continue;
    let sent: string | null = null;
    try {
      checked.set(name, text ?? "");
      if (text !== null) sent = checked.get(name); // trimmed
    } catch {
      return fail(UNSETTABLE); // the runtime's error would quote the value
    }
    if (sent !== null && (OF_THE_CONNECTION.test(name) || !FIELD_VALUE.test(sent))) fail(UNSETTABLE);
    layer.push([name.toLowerCase(), sent]);
  }
  if (authorized && checked.has("authorization")) fail("must not contain Authorization beside apiKey and apiSecret");
  return Object.fromEntries(layer); // unlike assignment, handles `__proto__`
}

function onlyString(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** As in openapi-fetch, a header parameter of the spec may also be a number, a boolean or an array. */
export function paramToText(value: unknown): string | undefined {
  const items = [value].flat();
  return items.length > 0 && items.every(isPrimitive) ? items.join(", ") : undefined;
}

/** Whether all headers are known before an attempt. */
export function areKnown(sources: readonly HeaderSource[]): sources is readonly HeaderLayer[] {
  return sources.every((source) => typeof source !== "function");
}

export function mergeLayers(layers: Iterable<HeaderLayer>): Record<string, string> {
  let merged: Record<string, string | null> = {};
  for (const layer of layers) merged = { ...merged, ...layer };
  for (const name in merged) if (merged[name] === null) delete merged[name];
  return merged as Record<string, string>;
}

/** The headers that turn `before` into `after`. */
export function changes(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): HeaderLayer {
  const names = [...before.keys(), ...after.keys()].filter((name) => before.get(name) !== after.get(name));
  return Object.fromEntries(names.map((name) => [name, after.get(name) ?? null]));
}

/** The headers of a Request. Not every implementation iterates in lower case. */
export function toMap(headers: Headers): Map<string, string> {
  const map = new Map<string, string>();
  headers.forEach((value, name) => {
    map.set(name.toLowerCase(), value);
  });
  return map;
}
