/**
 * Runs `work` until it settles, `ms` have passed, or `outer` is aborted, whichever comes first; leaves no timer and no
 * listener behind. The signal that `work` gets is aborted with the same error.
 */
export function within<T>(
  ms: number | false,
  outer: AbortSignal | undefined,
  onExpired: () => unknown,
  onAborted: (reason: unknown) => unknown,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (outer?.aborted) return reject(onAborted(outer.reason));
    const controller = new AbortController();
    const stop = (error: unknown): void => {
      settle();
      reject(error);
      controller.abort(error);
    };
    const abort = (): void => stop(onAborted(outer?.reason));
    const timer = ms === false ? undefined : setTimeout(() => stop(onExpired()), ms);
    const settle = (): void => {
      if (timer !== undefined) clearTimeout(timer);
      outer?.removeEventListener("abort", abort);
    };
    outer?.addEventListener("abort", abort);
    work(controller.signal).finally(settle).then(resolve, reject);
  });
}

/** Waits; rejects with the signal's reason. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal.addEventListener("abort", abort, { once: true });
  });
}
