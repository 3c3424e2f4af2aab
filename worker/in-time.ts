/** In ms: so long may an object that does not answer hold up another. */
const LIMIT = 3_000;

/** The answer of another Durable Object, or an error where it does not come. */
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
