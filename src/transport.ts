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

/** One request and its whole answer. Rejects where `fetch` does; the init's signal ends it at any point. */
export async function exchange(
  fetch: (url: string, init: RequestInit) => Promise<Response>,
  url: string,
  init: RequestInit & { signal: AbortSignal },
): Promise<Reply> {
  const response = await fetch(url, init);
  return { response, ...(await readText(response, init.signal)) };
}

async function readText(response: Response, signal: AbortSignal): Promise<Omit<Reply, "response">> {
  const reader = response.body?.getReader();
  if (reader === undefined) return { text: "" };
  const cancel = (): void => {
    reader.cancel().catch(() => {}); // it is given up already
  };
  // A `fetch` that does not know signals may answer late.
  if (signal.aborted) cancel();
  signal.addEventListener("abort", cancel, { once: true });
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { text: text + decoder.decode() };
      size += value.byteLength;
      text += decoder.decode(value, { stream: true });
      if (size > MAX_BODY) {
        cancel();
        return { text, flaw: "too_large" };
      }
    }
  } catch (cause) {
    return { text, flaw: "cut_off", cause };
  }
}
