import type { Command } from "@commander-js/extra-typings";
import { VENDOR_CREDENTIALS } from "../../src/emulator.ts";
import { integer } from "../arguments.ts";
import { interrupt } from "../interrupt.ts";
import { serveEmulator } from "./server.ts";

const EXAMPLE = `
Example:
  $ npx engagelab-ma emulator --unique email

Control routes, for tests in any language:
  GET  /__emulator/requests   the requests so far: [{ "method", "url", "headers", "body" }]
  POST /__emulator/faults     queues a fault: { "status": 503, "times": 2 }, also delay (ms), applied,
                              headers, body, broken ("connection" or "body")
  POST /__emulator/reset      removes all users, requests and faults`;

export function emulatorCommand(program: Command): void {
  program
    .command("emulator")
    .description("Run EngageLab's API in memory, for tests and local work.")
    .option("--port <number>", "port on 127.0.0.1; 0 takes a free one", integer(0, 65_535), 8788)
    .option("--unique <name>", "a contact name whose values are unique; repeatable", collect, [])
    .addHelpText("after", EXAMPLE)
    .action(async ({ port, unique }) => {
      const server = await serveEmulator({ port, unique, log: console.log });
      console.log(`The emulator listens on ${server.url}. Ctrl-C stops it.

ENGAGELAB_BASE_URL=${server.url}
ENGAGELAB_API_KEY=${VENDOR_CREDENTIALS.apiKey}
ENGAGELAB_API_SECRET=${VENDOR_CREDENTIALS.apiSecret}
`);
      await new Promise((resolve) => interrupt.addEventListener("abort", resolve, { once: true }));
      server.close();
    });
}

function collect(name: string, names: readonly string[]): string[] {
  return [...names, name];
}
