/** Gateways with one promise broken, to show that the kill test notices. */
import type { Edit } from "../support/edited.ts";

const ACCEPT = "const accepted = this.#store.accept(letter, Date.now());";

export const BITES: Readonly<Record<string, readonly Edit[]>> = {
  "settled without the sequence condition": [
    { file: "worker/store.ts", from: 'row?.state !== "pending" || row.seq !== seq', to: 'row?.state !== "pending"' },
  ],
  // The lease, which is stored for a successor, would keep the lane, too.
  "no lane": [
    { file: "worker/mailbox.ts", from: "do this.#busyUntil = Date.now() + LEASE;", to: "do this.#busyUntil = 0;" },
    { file: "worker/mailbox.ts", from: "this.#busyUntil = started + LEASE;", to: "" },
    { file: "worker/mailbox.ts", from: "quiet: { until: this.#busyUntil, seq: unit.seq }, ", to: "" },
  ],
  "answered before the write": [
    {
      file: "worker/mailbox.ts",
      from: ACCEPT,
      to: `if (!atOnce) {
        setTimeout(() => {
          this.#store.accept(letter, Date.now());
          this.#schedule();
        }, 250);
        return STORED;
      }
      ${ACCEPT}`,
    },
  ],
};
