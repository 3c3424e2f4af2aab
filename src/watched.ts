/** A call as middleware sees it: with a Request and a Response. */
import { defaultPathSerializer } from "openapi-fetch";
import type { Answer, Call, PreparedRequest } from "./call.ts";
import { changes, FIELD_VALUE, type HeaderLayer, toLayer, toMap } from "./headers.ts";
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
  prepared: PreparedRequest,
  headers: Record<string, string>,
  signal?: AbortSignal,
): Request {
  const { url, method, body, init } = prepared;
  const members: RequestInit = { ...init, method, headers, body, redirect: "manual", signal: signal ?? null };
  try {
    return new Request(url, members);
  } catch (thrown) {
    // The signal may be of another realm, such as jsdom's. Without it, the Request just isn't aborted with the call.
    if (signal) return buildRequest(call, prepared, headers);
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
  const isIterable = typeof response.headers[Symbol.iterator] === "function";
  for (const pair of isIterable ? response.headers : []) {
    try {
      headers.append(...pair);
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

/** The members of a Request that are sent, apart from its headers and its body. */
const INIT = ["cache", "credentials", "integrity", "keepalive", "mode", "referrer", "referrerPolicy"] as const;

async function readBytes(call: Call, request: Request): Promise<ArrayBuffer | null> {
  try {
    const bytes = await request.arrayBuffer();
    return bytes.byteLength > 0 ? bytes : null;
  } catch (thrown) {
    return call.refuse("middleware", "returned a Request whose body can't be read", thrown);
  }
}

/** Middleware has seen what the first call of the function returned. */
function startingWith(first: HeaderLayer | undefined, next: () => unknown): () => unknown {
  let pending = first;
  return () => {
    const value = pending ?? next();
    pending = undefined;
    return value;
  };
}

/** Makes a call through middleware. */
export function watch(
  stack: readonly Middleware[],
  call: Call,
  prepared: PreparedRequest,
  info: CallInfo,
): Promise<Answer> {
  return call.guard(async (signal) => {
    if (typeof Request !== "function" || typeof Response !== "function") {
      call.refuse("middleware", "needs a runtime with Request and Response");
    }
    const layers = await call.resolve(prepared.headers);
    const sources = prepared.headers.map((source, i) =>
      typeof source === "function" ? startingWith(layers[i], source) : source,
    );
    const original = buildRequest(call, prepared, call.merge(layers), signal);
    for (const [name, value] of Object.entries(prepared.init))
      if (!(name in original)) Object.assign(original, { [name]: value });
    const before = toMap(original.headers);
    let sent: { readonly answer: Answer; readonly made: Response } | undefined;

    async function send(request: Request): Promise<Response> {
      if (!request.url.startsWith(`${new URL(prepared.url).origin}/`)) {
        call.refuse("middleware", "must not send the request to another origin than baseUrl");
      }
      const after = toMap(request.headers);
      let { body, init } = prepared;
      if (request !== original) {
        // Middleware may have read the body of the original Request. Another Request's body is sent byte for byte.
        body = await readBytes(call, request);
        const changed = INIT.filter((name) => Object(request)[name] !== Object(original)[name]);
        init = { ...init, ...Object.fromEntries(changed.map((name) => [name, Object(request)[name]])) };
        const contentType = before.get("content-type");
        if (body && contentType && !after.has("content-type")) after.set("content-type", contentType);
      }
      const changed = toLayer(changes(before, after), false, (problem) => call.refuse("middleware", problem));
      const { url, method } = request;
      const answer = await call.send({ url, method, headers: [...sources, changed], body, init }, call.remaining());
      sent = { answer, made: toResponse(answer) };
      return sent.made;
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
    if (response.bodyUsed) call.refuse("middleware", "has read the body of the response: read that of a clone()");
    if (sent === undefined) return call.judge(await readBody(response));
    const { answer, made } = sent;
    const reply = response === made ? answer : await readBody(response);
    // A copy of the answer is judged as the answer, which may have been cut off.
    const isCopy = response.status === made.status && reply.text === (made.body ? answer.text : "");
    if (response !== made && !isCopy) return call.judge(reply);
    return made.status === answer.response.status ? { ...answer, response } : answer;
  });
}
