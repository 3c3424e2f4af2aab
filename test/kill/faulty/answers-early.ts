import gateway, { Registry, Outbox as Sound } from "../../../worker/index.ts";
import { createBox } from "../../../worker/outbox.ts";

export default gateway;
export { Registry };

const DELAY_MS = 250;

/** Says 202 first, and stores later. */
export class Outbox extends Sound {
  override submit(...args: Parameters<Sound["submit"]>): ReturnType<Sound["submit"]> {
    const [euid, , wait] = args;
    if (wait) return super.submit(...args);
    setTimeout(() => super.submit(...args), DELAY_MS);
    return Promise.resolve({ box: createBox(euid), seq: 1, messages: new Map() });
  }
}
