/** A fetch handler as an HTTP server on loopback. If the handler or the body fails, the connection breaks. */
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface LoopbackServer {
  readonly url: string;
  close(): void;
}

/** @param raw gives bytes for the socket, after which the connection ends */
export async function serve(
  answer: (request: Request) => Promise<Response>,
  raw: (incoming: IncomingMessage) => string | Buffer | undefined = () => undefined,
): Promise<LoopbackServer> {
  const server = createServer(async (incoming, outgoing) => {
    try {
      const { url = "", method = "", headers } = incoming;
      const body = method === "GET" ? null : await text(incoming);
      const bytes = raw(incoming);
      if (bytes !== undefined) return void incoming.socket.end(bytes);
      const request = new Request(`http://${headers.host}${url}`, {
        method,
        headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
        body,
      });
      const response = await answer(request);
      outgoing.writeHead(response.status, Object.fromEntries(response.headers));
      for await (const chunk of response.body ?? []) await new Promise((resolve) => outgoing.write(chunk, resolve));
      outgoing.end();
    } catch {
      incoming.socket.destroy();
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
