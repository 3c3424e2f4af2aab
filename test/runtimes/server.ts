/** The emulator over HTTP, with a door for the suite to queue faults and to look at what came. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { createEmulator } from "../../src/emulator.ts";
import { checked } from "../contract-check.ts";

export interface EmulatorServer {
  readonly url: string;
  close(): void;
}

export async function startEmulator(): Promise<EmulatorServer> {
  const emulator = checked(createEmulator({ unique: ["email"], partialSuccess: false }));

  async function control(name: string, request: Request): Promise<Response> {
    switch (name) {
      case "reset":
        emulator.reset();
        return Response.json({});
      case "fail": {
        const { fault, times } = await request.json();
        emulator.fail(fault, times);
        return Response.json({});
      }
      case "requests":
        return Response.json(emulator.requests);
      case "contacts":
        return Response.json(
          Object.fromEntries([...emulator.contacts].map(([euid, names]) => [euid, Object.fromEntries(names)])),
        );
      default:
        return new Response(null, { status: 404 });
    }
  }

  const server = createServer(async (incoming, outgoing) => {
    try {
      const { url = "", method = "", headers } = incoming;
      const [, name] = /^\/control\/(\w+)$/.exec(url) ?? [];
      const body = method === "GET" ? null : await text(incoming);
      const request = new Request(`http://${headers.host}${url}`, {
        method,
        headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
        body,
      });
      const response = await (name === undefined ? emulator.fetch(request) : control(name, request));
      outgoing.writeHead(response.status, Object.fromEntries(response.headers));
      for await (const chunk of response.body ?? []) await new Promise((resolve) => outgoing.write(chunk, resolve));
      outgoing.end();
    } catch {
      incoming.socket.destroy(); // what is broken is broken for real
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
