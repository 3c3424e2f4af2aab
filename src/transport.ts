import type { OnStop } from "./time.ts";

/** The largest body that is taken, in bytes: after the chunk that goes beyond it, no more is read. */
const MAX_BODY = 1024 * 1024;

/** What came of one exchange. */
export interface Reply {
  readonly response: Response;
  /** The body, or as much of it as was read. */
  readonly text: string;
  /** Why the text is not the whole body. */
  readonly flaw?: "too_large" | "cut_off";
  readonly cause?: unknown;
}

/**
 * Reads an answer up to the limit; the signal ends it at any point.
 *
 * A `fetch` that does not know signals may have answered late, or go on with the body: then it is cancelled at once.
 */
export async function readReply(response: Response, signal: AbortSignal, onStop: OnStop): Promise<Reply> {
  const reader = response.body?.getReader();
  if (reader === undefined) return { response, text: await response.text() }; // some runtimes' Response has no body
  const cancel = (): void => {
    reader.cancel().catch(() => {}); // it is given up already
  };
  if (signal.aborted) cancel();
  onStop(cancel);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { response, text: decode(chunks, size) };
      chunks.push(value);
      size += value.byteLength;
      if (size > MAX_BODY) {
        cancel();
        return { response, text: decode(chunks, size), flaw: "too_large" };
      }
    }
  } catch (cause) {
    return { response, text: decode(chunks, size), flaw: "cut_off", cause };
  }
}

const utf8 = new TextDecoder();

function decode(chunks: readonly Uint8Array[], size: number): string {
  const [first] = chunks;
  if (first?.byteLength === size) return utf8.decode(first); // as nearly every answer comes
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return utf8.decode(bytes);
}
