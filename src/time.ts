/** The maximum delay of `setTimeout`, in ms. It fires at once for a longer one. */
export const MAX_DELAY: number = 2 ** 31 - 1;

/** In ms. Monotonic if the runtime has a monotonic clock. */
export function now(): number {
  return typeof performance === "undefined" ? Date.now() : performance.now();
}

/** One listener per signal, fanned out: Node warns if a signal has more than ten. */
const watched = new WeakMap<AbortSignal, { readonly callbacks: (() => void)[]; readonly listener: () => void }>();

/** Calls back when the signal is aborted. Returns a function that removes the callback. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  let watch = watched.get(signal);
  if (watch === undefined) {
    const callbacks: (() => void)[] = [];
    watch = { callbacks, listener: () => [...callbacks].forEach((each) => void each()) };
    watched.set(signal, watch);
    signal.addEventListener("abort", watch.listener);
  }
  const { callbacks, listener } = watch;
  callbacks.push(callback);
  return () => {
    // An array, because adding to and deleting from a Set in every call costs much garbage collection.
    const index = callbacks.indexOf(callback);
    if (index >= 0) callbacks.splice(index, 1);
    if (index < 0 || callbacks.length > 0) return;
    watched.delete(signal);
    signal.removeEventListener("abort", listener);
  };
}

/** Calls back once, after `ms` or when the signal is aborted. Returns a function that cancels it. */
function onEnd(ms: number, signal: AbortSignal | null | undefined, callback: (aborted: boolean) => void): () => void {
  const unwatch = signal && onAbort(signal, () => end(true));
  const timer = ms === Infinity ? undefined : setTimeout(end, ms);
  function cancel(): void {
    if (timer !== undefined) clearTimeout(timer);
    unwatch?.();
  }
  function end(aborted = false): void {
    cancel();
    callback(aborted);
  }
  return cancel;
}

/** Registers cleanup for a timeout or abort. Cheaper than a listener on the signal. */
export type OnStop = (cleanUp: () => void) => void;

/**
 * Runs `work` until it settles, `ms` have passed, or `outer` is aborted, whichever comes first. Leaves no timer and no
 * listener behind.
 *
 * @param ms `Infinity` for no limit
 * @param toError creates the error for a timeout or an abort of `outer`
 * @param work gets a signal that is aborted with the same error
 */
export function within<T>(
  ms: number,
  outer: AbortSignal | undefined,
  toError: (aborted: boolean) => unknown,
  work: (signal: AbortSignal, onStop: OnStop) => Promise<T>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (outer?.aborted || ms <= 0) return reject(toError(outer?.aborted === true));
    const controller = new AbortController();
    let cleanUp: (() => void) | undefined;
    const cancel = onEnd(ms, outer, (aborted) => {
      const error = toError(aborted);
      reject(error);
      controller.abort(error);
      cleanUp?.();
    });
    // Hot path: an extra promise costs about 10 % of a call.
    work(controller.signal, (callback) => {
      cleanUp = callback;
      if (controller.signal.aborted) callback();
    }).then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error) => {
        cancel();
        reject(error);
      },
    );
  });
}

/** Waits. If the signal is aborted, rejects with its reason. */
export function sleep(ms: number, signal?: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    onEnd(ms, signal, (aborted) => (aborted ? reject(signal?.reason) : resolve()));
  });
}
