import {
  createFinalURL,
  createQuerySerializer,
  defaultPathSerializer,
  type QuerySerializerOptions,
} from "openapi-fetch";
import { ConfigurationError, ValidationError } from "./errors.ts";
import { isPlain } from "./validate.ts";

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

const PARAMETER = /\{[.;]?([^{}*]*)\*?\}/g;

/** @throws ConfigurationError if the path could leave that of `baseUrl` */
export function checkPath(path: unknown): asserts path is string {
  // Without the slash it could name another host. A parser treats `\` as `/` and drops tabs, line breaks, and trailing
  // spaces and control characters.
  const literal = typeof path === "string" && path.startsWith("/") && !/[\\ \p{Cc}]/u.test(path);
  if (!literal || hasDotSegment(path)) {
    throw new ConfigurationError("path", "must begin with / and must not contain spaces, or . or .. as a segment");
  }
}

/** Whether it has a faithful, non-empty text form. */
function isWritable(value: unknown): boolean {
  if (typeof value === "number") return Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
  return typeof value === "string" ? value !== "" : /^(bigint|boolean)$/.test(typeof value);
}

/** Primitives, and arrays and plain objects of them. */
function isSegment(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return isWritable(value);
  const isList = Array.isArray(value);
  const members: unknown[] = isList ? Array.from(value) : Object.values(value);
  // openapi-fetch doesn't encode names.
  const fits = isList || (isPlain(value) && Object.keys(value).every((name) => /^[\w.~-]+$/.test(name)));
  return fits && members.length > 0 && members.every(isWritable);
}

/** `undefined` and `null` are left out. openapi-fetch rejects values that are nested too deeply. */
function isQueryable(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return value == null || value === "" || isWritable(value);
  return (Array.isArray(value) || isPlain(value)) && Object.values(value).every(isQueryable);
}

/** openapi-fetch alone would silently omit a Date or a Map, and send the source of a function. */
function onlyQueryable(serialize: QuerySerializer): QuerySerializer {
  return (query) => {
    const bad = Object.keys(query).find((name) => !isQueryable(query[name]));
    if (bad !== undefined || !isPlain(query)) throw new TypeError(`query ${bad ?? ""} must be plain values`);
    return serialize(query);
  };
}

function fail(at: string, problem: string): never {
  throw new ValidationError(at, `${at} ${problem}`);
}

/**
 * Builds a URL with openapi-fetch's functions.
 *
 * @throws ValidationError if a path parameter is not exactly one segment
 */
export function makeUrl(baseUrl: string, path: string, params: Params, querySerializer: QuerySerializer): string {
  const templated = path.includes("{");
  for (const [, name = ""] of templated ? path.matchAll(PARAMETER) : []) {
    const given = params.path && Object.hasOwn(params.path, name) ? params.path[name] : undefined;
    if (!isSegment(given)) {
      fail(`params.path.${name}`, "must be a non-empty string, a finite number, a boolean or a bigint");
    }
  }
  let url: string;
  try {
    url = createFinalURL(path, { baseUrl, params, querySerializer, pathSerializer: defaultPathSerializer });
  } catch (error) {
    return fail("params", `can't be written into the URL: ${error instanceof Error ? error.message : error}`);
  }
  if (templated && hasDotSegment(url.slice(baseUrl.length))) {
    fail("params.path", "must not make . or .. a segment of the path");
  }
  return url;
}

const defaultQuerySerializer = onlyQueryable(createQuerySerializer());

/** @param option a function, or how arrays and objects are written */
export function toQuerySerializer(option: QuerySerializer | QuerySerializerOptions | undefined): QuerySerializer {
  if (option === undefined) return defaultQuerySerializer;
  return typeof option === "function" ? option : onlyQueryable(createQuerySerializer(option));
}
