/** A request as received. */
export interface RecordedRequest {
  /** In upper case. */
  readonly method: string;
  /** Includes the query. */
  readonly url: string;
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** As received, unparsed. */
  readonly body: string;
}

/** The members of a Request that the emulator reads, from any runtime, realm or type library. */
export interface ReadableRequest {
  /** Absolute. */
  readonly url: string;
  /** In upper case. */
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
 * Reads the arguments of `fetch`. It doesn't construct a Request, which would reject a Request of another realm, and
 * what only a server sees, such as TRACE or a GET with a body.
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
