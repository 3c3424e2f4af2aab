/** In ms; far below the lease, so that nobody takes over a lane that only waits. */
const LIMIT = 3_000;

/** The answer of another Durable Object: where it does not come, waiting would hold up everything behind it. */
export async function inTime<T>(answer: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const expired = scheduler.wait(LIMIT, { signal: timer.signal }).then((): never => {
    throw new Error("no answer of another object in time");
  });
  try {
    return await Promise.race([answer, expired]);
  } finally {
    timer.abort();
  }
}
