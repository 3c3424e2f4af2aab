import type { OnStop } from "./time.ts";

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

/** The members of a stream that are read, whichever kind it is. */
interface Stream {
  getReader?: () => ReadableStreamDefaultReader<Chunk>;
  [Symbol.asyncIterator]?: () => AsyncIterator<Chunk>;
  destroy?: () => unknown;
}

function open(body: unknown): Source | undefined {
  const stream: Stream = Object(body);
  const reader = stream.getReader?.();
  if (reader) return { next: () => reader.read(), cancel: async () => reader.cancel() };
  const iterator = stream[Symbol.asyncIterator]?.();
  return iterator && { next: () => iterator.next(), cancel: async () => stream.destroy?.() ?? iterator.return?.() };
}

const { navigator, Response: Native } = globalThis as {
  navigator?: { userAgent?: string };
  Response?: typeof Response;
};

/** Node's own `text()`: even a small body is read faster in chunks. Node 20 does not tell its name. */
const SLOW_TEXT = /^Node/.test(String(navigator?.userAgent)) ? Native?.prototype.text : undefined;

/**
 * Whether the headers prove that the body is small, so that it can be read in one step, which is much faster. No runtime
 * removes Content-Length after decoding, and browsers hide Content-Encoding across origins.
 */
function isSmall({ headers, type }: Response): boolean {
  const length = headers.get("content-length") ?? "";
  const known = /^\d{1,7}$/.test(length) && Number(length) <= MAX_BODY && String(type) !== "cors";
  return known && headers.get("content-encoding") === null && headers.get("transfer-encoding") === null;
}

function toReply(response: Response, text: string, size = text.length): Reply {
  const complete = text.startsWith("\ufeff") ? text.slice(1) : text; // some implementations keep the BOM
  return size > MAX_BODY
    ? { response, text: complete, flaw: "a body larger than 1 MiB" }
    : { response, text: complete };
}

function cutOff(response: Response, text: string, cause: unknown): Reply {
  const flaw = typeof TextDecoder === "function" ? "was cut off" : "can't be read: this runtime has no TextDecoder";
  return { response, text, flaw: `a body that ${flaw}`, cause };
}

async function readChunks(response: Response, source: Source, onStop: OnStop | undefined): Promise<Reply> {
  const cancel = (): void => {
    source.cancel().catch(() => {}); // best effort
  };
  onStop?.(cancel);
  let text = "";
  let size = 0;
  try {
    const decoder = new TextDecoder();
    while (size <= MAX_BODY) {
      const { done, value = "" } = await source.next();
      if (done) return toReply(response, text + decoder.decode());
      size += typeof value === "string" ? value.length : value.byteLength;
      text += typeof value === "string" ? value : decoder.decode(value, { stream: true });
    }
  } catch (cause) {
    return cutOff(response, text, cause);
  }
  cancel();
  return toReply(response, text, size);
}

async function readAtOnce(response: Response): Promise<Reply> {
  try {
    // Other implementations may lack `text`.
    const text = await (typeof response.text === "function" ? response.text() : response.arrayBuffer());
    return toReply(response, typeof text === "string" ? text : new TextDecoder().decode(text));
  } catch (cause) {
    return cutOff(response, "", cause);
  }
}

/**
 * Reads a body up to the limit.
 *
 * @param onStop stops the reading, even if `fetch` ignores signals
 */
export function readBody(response: Response, onStop?: OnStop): Promise<Reply> {
  try {
    const { text } = response;
    const atOnce = typeof text === "function" && text !== SLOW_TEXT && isSmall(response);
    const source = atOnce ? undefined : open(response.body); // Deno and Bun make the stream when it is first asked for
    return source ? readChunks(response, source, onStop) : readAtOnce(response);
  } catch (cause) {
    return Promise.resolve(cutOff(response, "", cause)); // the body is locked, for example
  }
}
