/** A call as middleware sees it: with a Request and a Response. */
import { defaultPathSerializer } from "openapi-fetch";
import type { Answer, Call, PreparedRequest } from "./call.ts";
import { changes, FIELD_VALUE, mergeLayers, toMap } from "./headers.ts";
import { type Middleware, type MiddlewareContext, throughMiddleware } from "./middleware.ts";
import { readBody } from "./read-body.ts";

/** The details of a call that are the same for each hook. */
export type CallInfo = Pick<MiddlewareContext, "schemaPath" | "params"> & {
  readonly options: Pick<MiddlewareContext["options"], "baseUrl" | "querySerializer" | "fetch">;
};

/**
 * Creates a Request to find out whether the runtime allows it: `fetch` would report a rejection as a network error.
 *
 * @throws ConfigurationError with the name of the member of the init
 */
export function buildRequest(
  call: Call,
  { url, method, headers, body, init }: PreparedRequest,
  signal?: AbortSignal,
): Request {
  const fixed = mergeLayers(headers.filter((source) => typeof source !== "function"));
  const members: RequestInit = { ...init, method, headers: fixed, body, redirect: "manual", signal: signal ?? null };
  try {
    return new Request(url, members);
  } catch (thrown) {
    const isRefused = (name: string): boolean => {
      try {
        return !new Request(url, { [name]: Object(members)[name] });
      } catch {
        return true;
      }
    };
    const option = [...Object.keys(init), "method"].find(isRefused) ?? "body";
    return call.refuse(option, `is refused by the runtime for ${method}`, thrown);
  }
}

/** A copy for middleware: complete and detached from the connection. */
function toResponse({ response, text }: Answer): Response {
  const { status, statusText } = response;
  // No Response can be constructed with another status (0 is an opaque redirect).
  if (!(status >= 200 && status <= 599)) return Response.error();
  const headers = new Headers();
  // Other implementations may lack `forEach` or have only `get`.
  for (const [name, value] of Symbol.iterator in response.headers ? response.headers : []) {
    try {
      headers.append(name, value);
    } catch {
      // A server may send headers that Headers rejects.
    }
  }
  return new Response([204, 205, 304].includes(status) ? null : text, {
    status,
    headers,
    statusText: FIELD_VALUE.test(statusText) ? statusText : "",
  });
}

/** Makes a call through middleware. */
export function watch(
  stack: readonly Middleware[],
  call: Call,
  prepared: PreparedRequest,
  info: CallInfo,
): Promise<Answer> {
  return call.guard(async (signal) => {
    const original = buildRequest(call, prepared, signal);
    for (const [name, value] of Object.entries(prepared.init))
      if (!(name in original)) Object.assign(original, { [name]: value });
    const before = toMap(original.headers);
    let answer: Answer | undefined;
    let made: Response | undefined;

    async function send(request: Request): Promise<Response> {
      if (new URL(request.url).origin !== new URL(prepared.url).origin) {
        call.refuse("middleware", "must not send the request to another origin than baseUrl");
      }
      const after = toMap(request.headers);
      let { body } = prepared;
      if (request !== original) {
        // Middleware may have read the body of the original Request. Another Request's body is sent byte for byte.
        const bytes = await request.arrayBuffer();
        body = bytes.byteLength > 0 ? bytes : null;
        const contentType = before.get("content-type");
        if (body && contentType && !after.has("content-type")) after.set("content-type", contentType);
      }
      answer = await call.send({
        ...prepared,
        url: request.url,
        method: request.method,
        headers: [...prepared.headers, changes(before, after)],
        body,
      });
      made = toResponse(answer);
      return made;
    }

    const context: MiddlewareContext = {
      ...info,
      request: original,
      id: Math.random().toString(36).slice(2, 11),
      options: Object.freeze({
        ...info.options,
        parseAs: "text",
        bodySerializer: String,
        pathSerializer: defaultPathSerializer,
      }),
    };
    const response = await throughMiddleware(stack, context, send, (hook, problem) => call.refuse(hook, problem));
    if (response.bodyUsed)
      throw new TypeError("A middleware has read the body of the response: read that of a clone()");
    if (answer === undefined || response !== made) return call.judge(await readBody(response));
    return made.status === answer.response.status ? { ...answer, response } : answer;
  });
}
