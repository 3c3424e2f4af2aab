import { ConfigurationError } from "./errors.ts";

/** Request headers, from name to value. `null` removes a header that was set before; `undefined` is left out. */
export type HeadersRecord = Readonly<Record<string, string | null | undefined>> | Iterable<readonly [string, string]>;

/** Headers that are laid over earlier ones, their names in lower case. `null` removes. */
export type HeaderLayer = ReadonlyArray<readonly [name: string, value: string | null]>;

/**
 * Names are compared without case. A later one of the same layer wins.
 *
 * @param option what the error names
 * @param authorized whether credentials are given, over which no other Authorization can be set
 * @param toText writes a value, or refuses it
 * @throws ConfigurationError that does not quote the value
 */
export function toLayer(
  option: string,
  value: unknown,
  authorized: boolean,
  toText: (value: unknown) => string | undefined = onlyString,
): HeaderLayer {
  const fail = (problem: string): never => {
    throw new ConfigurationError(option, problem);
  };
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return fail("must be an object of strings, or a function that returns one");
  }
  // `Headers` and `Map`, also those of another realm, are iterables of pairs.
  const pairs: Iterable<[string, unknown]> = Symbol.iterator in value ? (value as never) : Object.entries(value);
  const checked = new Headers();
  const layer: [string, string | null][] = [];
  for (const [name, content] of pairs) {
    if (content === undefined) continue;
    const text = content === null ? null : toText(content);
    if (text === undefined) return fail("must be an object of strings: a value is none");
    try {
      checked.set(name, text ?? "");
    } catch {
      fail("hold a name or a value that HTTP does not allow"); // the runtime's error would quote it
    }
    layer.push([name.toLowerCase(), text]);
  }
  if (authorized && checked.has("authorization")) fail("must not contain Authorization beside apiKey and apiSecret");
  return layer;
}

function onlyString(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A header parameter of the spec may also be a number, a boolean or an array, as in openapi-fetch. */
export function paramToText(value: unknown): string | undefined {
  const items = [value].flat();
  return items.every((item) => ["string", "number", "bigint", "boolean"].includes(typeof item))
    ? items.join(", ")
    : undefined;
}

/** Lays headers over those that are there. */
export function addLayer(headers: Map<string, string>, layer: HeaderLayer): void {
  for (const [name, value] of layer) {
    if (value === null) headers.delete(name);
    else headers.set(name, value);
  }
}

/** What turns `before` into `after`. */
export function changes(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): HeaderLayer {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => [name, after.get(name) ?? null] as const);
}

/** Those of a Request. Not every implementation iterates in lower case. */
export function toMap(headers: Headers): Map<string, string> {
  const map = new Map<string, string>();
  headers.forEach((value, name) => {
    map.set(name.toLowerCase(), value);
  });
  return map;
}
