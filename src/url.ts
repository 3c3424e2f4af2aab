import {
  createFinalURL,
  createQuerySerializer,
  defaultPathSerializer,
  type QuerySerializerOptions,
} from "openapi-fetch";
import { ConfigurationError, ValidationError } from "./errors.ts";
import { fail, isPlain } from "./validate.ts";

/** Parameters of one call, by location. */
export interface Params {
  readonly path?: Record<string, unknown>;
  readonly query?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
}

export type QuerySerializer = (query: Record<string, unknown>) => string;

/** `.` or `..`, in any spelling that a URL parser resolves. */
function hasDotSegment(path: string): boolean {
  return /^[^?#]*\/(\.|%2e){1,2}([/?#]|$)/i.test(path);
}

/** @throws ConfigurationError if the path could leave that of `baseUrl`, or contain a query */
export function checkPath(path: unknown): asserts path is string {
  // Without the slash it could name another host. A parser treats `\` as `/` and drops tabs, line breaks, and trailing
  // spaces and control characters.
  const literal = typeof path === "string" && path.startsWith("/") && !/[\\ ?#\p{Cc}]/u.test(path);
  if (!literal || hasDotSegment(path)) {
    throw new ConfigurationError(
      "path",
      "must begin with / and must not contain spaces, ?, #, or . or .. as a segment",
    );
  }
}

/** Whether a value has a faithful text form. */
export function isPrimitive(value: unknown): boolean {
  if (typeof value === "number") return Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
  return /^(string|bigint|boolean)$/.test(typeof value);
}

/** A copy of a parameter: a primitive, or an array or plain object of primitives. openapi-fetch garbles other values. */
function copyParam(value: unknown, at: string, namePattern: RegExp): unknown {
  if (typeof value !== "object" || value === null) return copyPrimitive(value, at);
  if (Array.isArray(value)) return Array.from(value, (item) => copyPrimitive(item, at));
  return copyMembers(value, namePattern, at, (member) => copyPrimitive(member, at));
}

function copyPrimitive(value: unknown, at: string): unknown {
  return isPrimitive(value) ? value : fail(at, "must be a string, a finite number, a boolean or a bigint");
}

/** Leaves out `undefined` and `null`. */
function copyMembers(
  members: object,
  namePattern: RegExp,
  at: string,
  copy: (value: unknown, name: string) => unknown,
): Record<string, unknown> {
  if (!isPlain(members)) fail(at, "must be plain values");
  const given = Object.entries(members).filter(([, value]) => value !== undefined && value !== null);
  if (!given.every(([name]) => namePattern.test(name))) fail(at, "has a name that can't be written into a URL");
  return Object.fromEntries(given.map(([name, value]) => [name, copy(value, name)]));
}

/** openapi-fetch doesn't encode names. In a query, brackets are common: `ids[]`. */
const QUERY_NAME = /^[^#&=+%\p{Cc}\p{Cs}]+$/u;
const PATH_NAME = /^[\w.~-]+$/;

const NO_QUERY = {};

function checked(serialize: QuerySerializer): QuerySerializer {
  const copy = (value: unknown, name: string) => copyParam(value, `params.query.${name}`, QUERY_NAME);
  return (query) => (query === NO_QUERY ? "" : serialize(copyMembers(query, QUERY_NAME, "params.query", copy)));
}

const defaultQuerySerializer = checked(createQuerySerializer());

/** @param option a function, or how arrays and objects are written */
export function toQuerySerializer(option: QuerySerializer | QuerySerializerOptions | undefined): QuerySerializer {
  if (option === undefined) return defaultQuerySerializer;
  return typeof option === "function" ? option : checked(createQuerySerializer(option));
}

/** Each path parameter is exactly one segment. */
function toSegments(path: string, params: Record<string, unknown>): Record<string, unknown> {
  const segments = Array.from(path.matchAll(/\{[.;]?([^{}*]*)\*?\}/g), ([, name = ""]) => {
    const at = `params.path.${name}`;
    const segment = copyParam(Object.hasOwn(params, name) ? params[name] : undefined, at, PATH_NAME);
    const parts: unknown[] = typeof segment === "object" ? Object.values(Object(segment)) : [segment];
    return [name, parts.length > 0 && !parts.includes("") ? segment : fail(at, "must not be empty")];
  });
  return Object.fromEntries(segments);
}

function writeUrl(baseUrl: string, path: string, params: Params, querySerializer: QuerySerializer): string {
  const { query = NO_QUERY } = params;
  const pathSerializer = defaultPathSerializer;
  if (!path.includes("{")) return createFinalURL(path, { baseUrl, params: { query }, querySerializer, pathSerializer });
  const segments = toSegments(path, { ...params.path });
  const url = createFinalURL(path, { baseUrl, params: { path: segments, query }, querySerializer, pathSerializer });
  const [written = ""] = url.slice(baseUrl.length).split("?");
  if (hasDotSegment(written)) fail("params.path", "must not make . or .. a segment of the path");
  return /[{}]/.test(written) ? fail("params.path", "lacks a parameter of the path") : url;
}

/**
 * Builds a URL with openapi-fetch's functions.
 *
 * @throws ValidationError if a parameter can't be written as it is
 */
export function makeUrl(baseUrl: string, path: string, params: Params, querySerializer: QuerySerializer): string {
  try {
    const url = writeUrl(baseUrl, path, params, querySerializer);
    if (params.query && url.includes("#")) fail("params.query", "must not contain #, which would end it");
    return url;
  } catch (thrown) {
    if (thrown instanceof ValidationError) throw thrown;
    return fail("params", "can't be written into the URL"); // what a getter or serializer throws may contain a secret
  }
}
