/** openapi-fetch, as this package uses it, and what passes between the two. */
import createOpenApiFetch, { createQuerySerializer, type Middleware } from "openapi-fetch";
import type { Answer } from "./call.ts";

interface Parsed {
  data?: string;
  error?: unknown;
  response: Response;
}

/** Below the types, a path is a string: openapi-fetch makes a request of it, whatever the contract says. */
interface Core {
  request(method: string, path: string, init: object): Promise<Parsed>;
  use(...middleware: Middleware[]): void;
  eject(...middleware: Middleware[]): void;
}

export function createCore(baseUrl: string): Core {
  const core: unknown = createOpenApiFetch({
    baseUrl,
    redirect: "manual", // workerd throws for "error"
    querySerializer: createQuerySerializer(), // or one is made for each call
    bodySerializer: (text) => text,
  });
  return core as Core;
}

/** What openapi-fetch needs of a Request while nobody else sees it; a real one costs more than all the rest. */
export class PlainRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;

  constructor(url: string, init: { method: string; headers: Headers }) {
    this.url = url;
    this.method = init.method;
    this.headers = init.headers;
  }
}

/** What openapi-fetch needs of a Response while nobody else sees it: there is nothing left to parse. */
export const NOTHING: object = { status: 204, ok: true, headers: new Map() };

/** The answer as middleware may see it: whole, readable, and no part of a connection. */
export function toResponse({ response: { status, statusText, headers }, text }: Answer): Response {
  // A Response of another status (0 is an opaque redirect) can't be constructed.
  if (status < 200 || status > 599) return Response.error();
  const bodiless = [204, 205, 304].includes(status);
  return new Response(bodiless ? null : text, { status, statusText, headers });
}

/** What openapi-fetch made of a response: the text where it is ok, else perhaps parsed already. */
export function toText({ data, error }: Parsed): string {
  if (data !== undefined || error === undefined) return data ?? "";
  return typeof error === "string" ? error : JSON.stringify(error);
}
