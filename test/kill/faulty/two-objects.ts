import type { Env } from "../../../worker/config.ts";
import { Outbox, Registry, default as sound } from "../../../worker/index.ts";

export { Outbox, Registry };

let calls = 0;

export default {
  fetch(request: Request, env: Env, ctx: ExecutionContext) {
    const getByName = (euid: string) => env.OUTBOX.getByName(calls++ % 2 === 0 ? euid : `${euid} again`);
    return sound.fetch(request, { ...env, OUTBOX: { getByName } as Env["OUTBOX"] }, ctx);
  },
};
