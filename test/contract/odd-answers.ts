/** Answers that only a server of its own, below HTTP, can give. The suite asks for them by name. */
export type OddAnswer = "gzip bomb" | "chunked" | "contradictory lengths" | "cut off" | "cut off, with a length";

/** The answer as a Response, for suites without a server. */
export function oddResponse(name: OddAnswer): Response {
  const parts = {
    "gzip bomb": bomb,
    "contradictory lengths": bomb,
    chunked,
    "cut off": cut,
    "cut off, with a length": cut,
  };
  const headers: Partial<Record<OddAnswer, Record<string, string>>> = {
    "gzip bomb": { "content-encoding": "gzip", "content-length": "10221" },
    "contradictory lengths": { "content-length": "30", "transfer-encoding": "chunked" },
    "cut off, with a length": { "content-length": "100" },
  };
  const iterator = parts[name]();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      try {
        const { done, value } = iterator.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      } catch (error) {
        controller.error(error);
      }
    },
  });
  return new Response(body, { headers: headers[name] ?? {} });
}

function* bomb(): Generator<string> {
  for (let i = 0; i < 100; i++) yield "x".repeat(100_000);
}

function* chunked(): Generator<string> {
  yield* ['{"code":0,', '"message":', '"in chunks"}'];
}

function* cut(): Generator<string> {
  yield '{"code":0,';
  throw new TypeError("the connection broke");
}
