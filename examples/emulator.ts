/**
 * An emulator of EngageLab on http://127.0.0.1:8788, to try things without an account:
 *
 *     node emulator.ts                 (or `bun emulator.ts`, or `deno run -A emulator.ts`)
 */
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { createEmulator, VENDOR_CREDENTIALS } from "engagelab-ma/emulator";

const emulator = createEmulator({ unique: ["email"] });

const BASE = "http://127.0.0.1:8788";

createServer(async (incoming, outgoing) => {
  const { method = "GET", url = "/", headers } = incoming;
  const { authorization = "", "content-type": type = "" } = headers;
  try {
    const body = (await text(incoming)) || null;
    // The target of a request may also be "*", or a URL, or neither.
    const target = URL.canParse(url, BASE) ? new URL(url, BASE) : BASE;
    const response = await emulator.fetch(target, { method, headers: { authorization, "content-type": type }, body });
    outgoing.writeHead(response.status, { "content-type": "application/json" }).end(await response.text());
  } catch {
    outgoing.destroy(); // the caller hung up
  }
}).listen(8788, "127.0.0.1", () => {
  const { apiKey, apiSecret } = VENDOR_CREDENTIALS;
  console.log("EngageLab's emulator listens. For its callers:");
  console.log(
    `export ENGAGELAB_BASE_URL=http://127.0.0.1:8788 ENGAGELAB_API_KEY=${apiKey} ENGAGELAB_API_SECRET=${apiSecret}`,
  );
});
