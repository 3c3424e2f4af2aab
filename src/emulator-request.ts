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
  const record = new Map<string, string>();
  for (const [name, value] of pairs as Iterable<[string, string]>) {
    const key = name.toLowerCase();
    record.set(key, record.has(key) ? `${record.get(key)}, ${value}` : String(value).trim());
  }
  return Object.fromEntries(record);
}

export function signalOf(input: ReadableRequest | string | URL, init: RequestInit = {}): AbortSignal | undefined {
  return init.signal ?? (isRequest(input) ? input.signal : undefined) ?? undefined;
}

/** A Response would read a Blob or a FormData of another realm as `[object Blob]`. */
function toCarrier(body: BodyInit): BodyInit | Promise<string> {
  if (typeof body !== "object") return body;
  if ("text" in body && typeof body.text === "function") return body.text();
  if (Object.prototype.toString.call(body) !== "[object FormData]") return body;
  const form = new FormData();
  for (const [name, value] of body as FormData) form.append(name, value);
  return form;
}

/**
 * Reads the arguments of `fetch`. It doesn't construct a Request, which would reject a Request of another realm, and
 * what only a server sees, such as TRACE or a GET with a body.
 */
export async function readRequest(
  input: ReadableRequest | string | URL,
  init: RequestInit = {},
): Promise<RecordedRequest> {
  const given = isRequest(input) ? input : undefined;
  const method = init.method ?? given?.method ?? "GET";
  const headers = toRecord(init.headers ?? given?.headers ?? {});
  let body = "";
  if (init.body != null) {
    const carrier = new Response(await toCarrier(init.body));
    const type = Object(init.body).type || carrier.headers.get("content-type");
    if (type) headers["content-type"] ??= type;
    body = await carrier.text();
  } else if (given) body = await given.text();
  return { method: method.toUpperCase(), url: new URL(given?.url ?? String(input)).href, headers, body };
}
