import { EXIT } from "./errors.ts";

const controller = new AbortController();

/** Aborted by Ctrl-C (SIGINT) and by SIGTERM. A second signal ends the program at once. */
export const interrupt: AbortSignal = controller.signal;

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    if (interrupt.aborted) process.exit(EXIT.interrupted);
    controller.abort();
  });
}
