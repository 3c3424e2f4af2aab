/**
 * An emulator of EngageLab on http://127.0.0.1:8788, to try things without an account:
 *
 *     node emulator.ts                 (or `bun emulator.ts`, or `deno run -A emulator.ts`)
 */
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { createEmulator, VENDOR_CREDENTIALS } from "engagelab-ma/emulator";

const emulator = createEmulator({ unique: ["email"] });

createServer(async (incoming, outgoing) => {
  const { method = "GET", url = "/", headers } = incoming;
  const { authorization = "", "content-type": type = "" } = headers;
  const body = (await text(incoming)) || null;
  const init = { method, headers: { authorization, "content-type": type }, body };
  // The target may also be "*", or a URL.
  const response = await emulator.fetch(new URL(url, "http://127.0.0.1:8788"), init);
  outgoing.writeHead(response.status, { "content-type": "application/json" }).end(await response.text());
}).listen(8788, "127.0.0.1", () => {
  const { apiKey, apiSecret } = VENDOR_CREDENTIALS;
  console.log("EngageLab's emulator listens. For its callers:");
  console.log(
    `export ENGAGELAB_BASE_URL=http://127.0.0.1:8788 ENGAGELAB_API_KEY=${apiKey} ENGAGELAB_API_SECRET=${apiSecret}`,
  );
});
