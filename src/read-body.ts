import type { OnStop } from "./time.ts";

/** The largest body that is accepted, in bytes. Nothing is read after the chunk that goes beyond it. */
const MAX_BODY = 1024 * 1024;

/** What one exchange came to. */
export interface Reply {
  readonly response: Response;
  /** The body, or as much of it as was read. */
  readonly text: string;
  /** Why the text is not the whole body. */
  readonly flaw?: "too_large" | "cut_off";
  readonly cause?: unknown;
}

type Chunk = Uint8Array | string;

/** A body that is read step by step: a reader of a web stream, or the iterator of a Node stream. */
interface Source {
  next(): Promise<{ done?: boolean | undefined; value?: Chunk | undefined }>;
  cancel(): Promise<unknown> | undefined;
}

function open(body: unknown): Source | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  if ("getReader" in body) {
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    return { next: () => reader.read(), cancel: () => reader.cancel() };
  }
  if (!(Symbol.asyncIterator in body)) return undefined;
  const iterator = (body as AsyncIterable<Chunk>)[Symbol.asyncIterator]();
  return { next: () => iterator.next(), cancel: () => iterator.return?.() };
}

/**
 * Whether the headers prove that the body is small: then it can be read in one step, which is much cheaper. No runtime removes Content-Length after decoding, and browsers hide Content-Encoding across origins.
 */
function isSmall({ headers, type }: Response): boolean {
  const length = headers.get("content-length") ?? "";
  if (!/^\d{1,7}$/.test(length) || Number(length) > MAX_BODY || String(type) === "cors") return false;
  return headers.get("content-encoding") === null && headers.get("transfer-encoding") === null;
}

/**
 * Reads a body up to the limit.
 *
 * @param onStop takes what is to be done when the call ends first: a `fetch` that ignores signals may go on with the body
 */
export async function readBody(response: Response, onStop: OnStop): Promise<Reply> {
  let text = "";
  try {
    const source = isSmall(response) ? undefined : open(response.body);
    if (source === undefined) {
      text = typeof response.text === "function" ? await response.text() : decode(await response.arrayBuffer());
      // A Response that was not made by a runtime may say anything.
      return text.length > MAX_BODY ? { response, text, flaw: "too_large" } : { response, text };
    }
    const cancel = (): void => {
      source.cancel()?.catch(() => {}); // it is given up already
    };
    onStop(cancel);
    const decoder = new TextDecoder();
    for (let size = 0; ; ) {
      const { done, value = "" } = await source.next();
      if (done) return { response, text: text + decoder.decode() };
      size += value.length;
      text += typeof value === "string" ? value : decoder.decode(value, { stream: true });
      if (size > MAX_BODY) {
        cancel();
        return { response, text, flaw: "too_large" };
      }
    }
  } catch (cause) {
    return { response, text, flaw: "cut_off", cause };
  }
}

function decode(bytes: ArrayBuffer): string {
  return new TextDecoder().decode(bytes);
}
