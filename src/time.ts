/** The longest delay that `setTimeout` knows, in ms; a longer one would fire at once. */
export const MAX_DELAY: number = 2 ** 31 - 1;

/** Registers cleanup for a timeout or abort. It costs less than a listener on the signal. */
export type OnStop = (cleanUp: () => void) => void;

/** In ms. Monotonic, if the runtime has such a clock. */
export function now(): number {
  return typeof performance === "undefined" ? Date.now() : performance.now();
}

/** One listener per signal, fanned out: Node warns if a signal has more than ten. */
const watched = new WeakMap<AbortSignal, { readonly callbacks: Set<() => void>; readonly listener: () => void }>();

/** Calls back when the signal is aborted. Returns what takes the callback away. */
function onAbort(signal: AbortSignal, callback: () => void): () => void {
  let watch = watched.get(signal);
  if (watch === undefined) {
    const callbacks = new Set<() => void>();
    watch = { callbacks, listener: () => callbacks.forEach((each) => void each()) };
    watched.set(signal, watch);
    signal.addEventListener("abort", watch.listener);
  }
  const { callbacks, listener } = watch;
  callbacks.add(callback);
  return () => {
    if (!callbacks.delete(callback) || callbacks.size > 0) return;
    watched.delete(signal);
    signal.removeEventListener("abort", listener);
  };
}

/**
 * Runs `work` until it settles, `ms` have passed, or `outer` is aborted, whichever comes first. Leaves no timer and no
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
      unwatch?.();
    };
    const stop = (error: unknown): void => {
      leave();
      reject(error);
      controller.abort(error);
      cleanUp?.();
    };
    if (ms !== Infinity) timer = setTimeout(() => stop(onExpired()), ms);
    const unwatch = outer && onAbort(outer, () => stop(onAborted(outer.reason)));
    const onStop: OnStop = (told) => {
      cleanUp = told;
      if (controller.signal.aborted) told();
    };
    // Hot path: an extra promise costs about 10 % of a call.
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
export function sleep(ms: number, signal?: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const timer = setTimeout(() => {
      unwatch?.();
      resolve();
    }, ms);
    const unwatch =
      signal &&
      onAbort(signal, () => {
        clearTimeout(timer);
        unwatch?.();
        reject(signal.reason);
      });
  });
}
