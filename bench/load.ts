/** Makes calls with the given concurrency. */
export async function load(
  call: () => Promise<unknown>,
  concurrency: number,
  calls: number,
): Promise<{ latencies: number[]; rate: number }> {
  const latencies: number[] = [];
  let left = calls;
  const start = performance.now();
  const worker = async () => {
    while (left-- > 0) {
      const begun = performance.now();
      await call();
      latencies.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return { latencies, rate: (calls * 1000) / (performance.now() - start) };
}

/** The table row for some rounds. */
export function summarize(rates: number[], latencies: number[]): Record<string, number> {
  return {
    "requests/s": quantile(rates, 0.5),
    "p50 ms": quantile(latencies, 0.5),
    "p99 ms": quantile(latencies, 0.99),
  };
}

const quantile = (values: number[], q: number): number =>
  values.sort((a, b) => a - b)[Math.floor(values.length * q)] ?? 0;
