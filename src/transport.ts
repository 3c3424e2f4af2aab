/** The largest body that is read, in bytes. */
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
 * A `fetch` that does not know signals may have answered late: then the body is cancelled at once.
 */
export async function readReply(response: Response, signal: AbortSignal): Promise<Reply> {
  const reader = response.body?.getReader();
  if (reader === undefined) return { response, text: "" };
  const cancel = (): void => {
    reader.cancel().catch(() => {}); // it is given up already
  };
  if (signal.aborted) cancel();
  signal.addEventListener("abort", cancel, { once: true });
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { response, text: text + decoder.decode() };
      size += value.byteLength;
      text += decoder.decode(value, { stream: true });
      if (size > MAX_BODY) {
        cancel();
        return { response, text, flaw: "too_large" };
      }
    }
  } catch (cause) {
    return { response, text, flaw: "cut_off", cause };
  }
}
