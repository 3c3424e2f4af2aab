/** The longest delay that `setTimeout` knows, in ms; a longer one would fire at once. */
export const MAX_DELAY: number = 2 ** 31 - 1;

/** Says what else is to be done when work is stopped; it costs less than a listener on the signal. */
export type OnStop = (cleanUp: () => void) => void;

/**
 * Runs `work` until it settles, `ms` have passed, or `outer` is aborted, whichever comes first; leaves no timer and no
 * listener behind.
 *
 * @param ms `Infinity` for no limit
 * @param work gets a signal that is aborted with the same error
 */
export function within<T>(
  ms: number,
  outer: AbortSignal | undefined,
  onExpired: () => unknown,
  onAborted: (reason: unknown) => unknown,
  work: (signal: AbortSignal, onStop: OnStop) => Promise<T>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (outer?.aborted) return reject(onAborted(outer.reason));
    if (ms <= 0) return reject(onExpired());
    const controller = new AbortController();
    let cleanUp: (() => void) | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const leave = (): void => {
      if (timer !== undefined) clearTimeout(timer);
      outer?.removeEventListener("abort", abort);
    };
    const stop = (error: unknown): void => {
      leave();
      reject(error);
      controller.abort(error);
      cleanUp?.();
    };
    const abort = (): void => stop(onAborted(outer?.reason));
    if (ms !== Infinity) timer = setTimeout(() => stop(onExpired()), ms);
    outer?.addEventListener("abort", abort);
    const onStop: OnStop = (told) => {
      cleanUp = told;
    };
    // One `then` and no `finally`: it is the way of every call, and each promise more takes a tenth of its time.
    work(controller.signal, onStop).then(
      (value) => {
        leave();
        resolve(value);
      },
      (error) => {
        leave();
        reject(error);
      },
    );
  });
}

/** Waits; rejects with the signal's reason as soon as it is aborted. */
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
