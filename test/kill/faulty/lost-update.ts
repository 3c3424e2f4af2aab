import gateway, { Registry, Outbox as Sound } from "../../../worker/index.ts";
import type { Box } from "../../../worker/outbox.ts";

export default gateway;
export { Registry };

/** Drops what is stored while a request is running, such as an object would that writes back what it read before. */
export class Outbox extends Sound {
  constructor(...args: ConstructorParameters<typeof Sound>) {
    super(...args);
    const { kv } = this.ctx.storage;
    const { put } = kv;
    kv.put = (key, value) => {
      const stored = kv.get<Box>(key);
      const isRunning = stored !== undefined && stored.holdUntil > Date.now();
      if (!isRunning || (value as Box).seq === stored.seq) put.call(kv, key, value);
    };
  }
}
