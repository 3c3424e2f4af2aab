/** Middleware around one call, with openapi-fetch's contract: in order on the way out, in reverse on the way back. */

import { ConfigurationError } from "./errors.ts";

/** The argument of each hook. */
export interface MiddlewareContext {
  request: Request;
  /** The path as the spec writes it, with its braces. */
  readonly schemaPath: string;
  /** The parameters of the call. */
  readonly params: {
    query?: Record<string, unknown>;
    header?: Record<string, unknown>;
    path?: Record<string, unknown>;
    cookie?: Record<string, unknown>;
  };
  /** The same for all hooks of one call, and different for each call. */
  readonly id: string;
  /** openapi-fetch's options. Frozen. */
  readonly options: {
    baseUrl: string;
    parseAs: "json" | "text" | "blob" | "arrayBuffer" | "stream";
    /** Writes the query. */
    querySerializer: (query: Record<string, unknown>) => string;
    /** Unused: the client writes the body. */
    bodySerializer: (body: never) => unknown;
    /** Writes the path. */
    pathSerializer: (pathname: string, pathParams: Record<string, unknown>) => string;
    /** The `fetch` of the client, which may take nothing but a string as its first argument. */
    fetch: typeof globalThis.fetch;
  };
}

// biome-ignore lint/suspicious/noConfusingVoidType: a hook without a return statement is one
type MaybeAsync<T> = T | void | Promise<T | void>;

/** openapi-fetch's middleware: at least one of the hooks. */
export interface Middleware {
  /** May return another Request, or a Response that answers instead of the server. */
  onRequest?(context: MiddlewareContext): MaybeAsync<Request | Response | undefined>;
  /** May return another Response. */
  onResponse?(context: MiddlewareContext & { response: Response }): MaybeAsync<Response | undefined>;
  /** May return a Response, which ends the error, or another Error. */
  onError?(context: MiddlewareContext & { error: unknown }): MaybeAsync<Response | Error | undefined>;
}

const HOOKS = ["onRequest", "onResponse", "onError"] as const;

export function isMiddleware(value: unknown): value is Middleware {
  return typeof value === "object" && value !== null && HOOKS.some((hook) => hook in value);
}

/** @throws ConfigurationError */
export function checkHooks(middleware: Middleware): Middleware {
  const wrong = HOOKS.find((hook) => middleware[hook] !== undefined && typeof middleware[hook] !== "function");
  if (wrong) throw new ConfigurationError("middleware", `must have a function as ${wrong}`);
  return middleware;
}

/**
 * @param send makes the call; its errors go to `onError`
 * @param fail called if a hook returns an invalid value; must throw
 */
export async function throughMiddleware(
  stack: readonly Middleware[],
  context: MiddlewareContext,
  send: (request: Request) => Promise<Response>,
  fail: (hook: string, problem: string) => never,
): Promise<Response> {
  const back = [...stack].reverse();
  let { request } = context;
  for (const each of stack) {
    const result = await each.onRequest?.({ ...context, request });
    if (result instanceof Response) return result; // skips `onResponse`, as in openapi-fetch
    if (result instanceof Request) request = result;
    else if (result) fail("onRequest", "must return a Request, a Response or nothing");
  }

  let response: Response | undefined;
  try {
    response = await send(request);
  } catch (thrown) {
    let error: unknown = thrown;
    for (const each of back) {
      const result: unknown = await each.onError?.({ ...context, request, error });
      if (result instanceof Response) {
        response = result;
        break;
      }
      if (result instanceof Error) error = result;
      else if (result) fail("onError", "must return a Response, an Error or nothing");
    }
    if (response === undefined) throw error;
  }

  for (const each of back) {
    const result: unknown = await each.onResponse?.({ ...context, request, response });
    if (result instanceof Response) response = result;
    else if (result) fail("onResponse", "must return a Response or nothing");
  }
  return response;
}
