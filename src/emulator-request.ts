/** A request as it came. */
export interface RecordedRequest {
  /** In capitals. */
  readonly method: string;
  /** With its query. */
  readonly url: string;
  /** Their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** As it stood on the wire. */
  readonly body: string;
}

/** What the emulator reads of a Request, whatever runtime, realm or type library that comes from. */
export interface ReadableRequest {
  /** Absolute. */
  readonly url: string;
  /** In capitals. */
  readonly method: string;
  /** Pairs of name and value. */
  readonly headers: Iterable<[string, string]>;
  /** Aborts the wait of a fault with a delay. */
  readonly signal?: AbortSignal | null;
  /** Reads the body. */
  text(): Promise<string>;
}

function isRequest(input: ReadableRequest | string | URL): input is ReadableRequest {
  return typeof input === "object" && "url" in input;
}

/** Some implementations of Headers iterate in lower case, others as written. */
function toRecord(headers: HeadersInit | Iterable<[string, string]>): Record<string, string> {
  const pairs = Symbol.iterator in headers ? headers : Object.entries(headers);
  const record: Record<string, string> = {};
  for (const [name, value] of pairs as Iterable<[string, string]>) {
    const key = name.toLowerCase();
    record[key] = key in record ? `${record[key]}, ${value}` : String(value).trim();
  }
  return record;
}

/**
 * Reads what `fetch` takes. It makes no Request: one of another realm would be refused, and so would what only a server
 * sees, such as TRACE, or a GET with a body.
 */
export async function readRequest(
  input: ReadableRequest | string | URL,
  init: RequestInit = {},
): Promise<RecordedRequest & { readonly signal: AbortSignal | null }> {
  const given = isRequest(input) ? input : undefined;
  const method = init.method ?? given?.method ?? "GET";
  const headers = toRecord(init.headers ?? given?.headers ?? {});
  const signal = init.signal ?? given?.signal ?? null;
  let body = "";
  if (init.body != null) {
    const carrier = new Response(init.body);
    const type = carrier.headers.get("content-type");
    if (type !== null) headers["content-type"] ??= type;
    body = await carrier.text();
  } else if (given) body = await given.text();
  return { method: method.toUpperCase(), url: new URL(given?.url ?? String(input)).href, headers, body, signal };
}
