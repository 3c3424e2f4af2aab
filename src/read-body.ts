/** Maximum size of a body, in bytes. Reading stops after the chunk that exceeds it. */
const MAX_BODY = 1024 * 1024;

/** The result of one exchange. */
export interface Reply {
  readonly response: Response;
  /** The body, or the part that was read. */
  readonly text: string;
  /** The reason if the body is incomplete. */
  readonly flaw?: string;
  readonly cause?: unknown;
}

type Chunk = ArrayBuffer | Uint8Array | string;

/** A body that is read in chunks: a reader of a web stream, or the iterator of a Node stream. */
interface Source {
  next(): Promise<{ done?: boolean | undefined; value?: Chunk | undefined }>;
  cancel(): Promise<unknown>;
}

function open(body: unknown): Source | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  if ("getReader" in body) {
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    return { next: () => reader.read(), cancel: async () => reader.cancel() };
  }
  if (!(Symbol.asyncIterator in body)) return undefined;
  const iterator = (body as AsyncIterable<Chunk>)[Symbol.asyncIterator]();
  return { next: () => iterator.next(), cancel: async () => iterator.return?.() };
}

/**
 * Whether the headers prove that the body is small, so that it can be read in one step, which is much faster. No runtime
 * removes Content-Length after decoding, and browsers hide Content-Encoding across origins.
 */
function isSmall({ headers, type }: Response): boolean {
  const length = headers.get("content-length") ?? "";
  const known = /^\d{1,7}$/.test(length) && Number(length) <= MAX_BODY && String(type) !== "cors";
  return known && headers.get("content-encoding") === null && headers.get("transfer-encoding") === null;
}

/**
 * Reads a body up to the limit.
 *
 * @param signal stops the reading, even if `fetch` ignores signals
 */
export async function readBody(response: Response, signal?: AbortSignal): Promise<Reply> {
  const tooLarge = "a body larger than 1 MiB";
  let text = "";
  try {
    const source = isSmall(response) ? undefined : open(response.body);
    if (source === undefined && typeof response.text === "function") {
      text = String(await response.text()).replace(/^\ufeff/, ""); // some implementations keep the BOM
      // A Response of another implementation may claim any length.
      return text.length > MAX_BODY ? { response, text, flaw: tooLarge } : { response, text };
    }
    if (typeof TextDecoder !== "function") {
      return { response, text, flaw: "a body that can't be read: this runtime has no TextDecoder" };
    }
    const decoder = new TextDecoder();
    if (source === undefined) return { response, text: decoder.decode(await response.arrayBuffer()) };
    const cancel = (): void => {
      source.cancel().catch(() => {}); // best effort
    };
    signal?.addEventListener("abort", cancel);
    if (signal?.aborted) cancel();
    for (let size = 0; ; ) {
      const { done, value = "" } = await source.next();
      if (done) return { response, text: text + decoder.decode() };
      size += typeof value === "string" ? value.length : value.byteLength;
      text += typeof value === "string" ? value : decoder.decode(value, { stream: true });
      if (size > MAX_BODY) {
        cancel();
        return { response, text, flaw: tooLarge };
      }
    }
  } catch (cause) {
    return { response, text, flaw: "a body that was cut off", cause };
  }
}
