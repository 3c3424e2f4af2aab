/** Serves the emulator over HTTP on loopback. A malformed request gets an envelope, too. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { createEmulator } from "../../src/emulator.ts";
import { CommandError } from "../errors.ts";
import { answerControl, isControl } from "./control.ts";
import { envelope, problem } from "./problem.ts";

export interface EmulatorServer {
  readonly url: string;
  close(): void;
}

/** Methods that `Request` refuses. CONNECT never becomes a request. */
const FORBIDDEN_METHODS = new Set(["TRACE", "TRACK", "CONNECT"]);

/** @throws CommandError if the port can't be used */
export async function serveEmulator(options: {
  readonly port: number;
  readonly unique: readonly string[];
  /** Called with one line per request. */
  readonly log: (line: string) => void;
}): Promise<EmulatorServer> {
  const { port, unique, log } = options;
  const emulator = createEmulator({ unique });

  async function answer(incoming: IncomingMessage, signal: AbortSignal): Promise<Response> {
    const { method = "GET", url = "/", headersDistinct } = incoming;
    const body = await text(incoming);
    const base = `http://127.0.0.1:${incoming.socket.localPort}`;
    if (!URL.canParse(url, base)) return problem(400, "the target of the request is not a URL");
    const target = new URL(url, base);
    if (isControl(target.pathname)) return answerControl(emulator, method, target.pathname, body);
    if (FORBIDDEN_METHODS.has(method)) return problem(405, `${method} is not supported`);
    const headers = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
      values.map((value): [string, string] => [name, value]),
    );
    const hasBody = method !== "GET" && method !== "HEAD";
    return emulator.fetch(target, { method, headers, signal, ...(hasBody && { body }) });
  }

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const started = performance.now();
    const { method, url = "/" } = incoming;
    const path = url.replace(/[?#].*/, "");
    const gone = new AbortController();
    outgoing.once("close", () => gone.abort());
    let result = "the caller hung up";
    try {
      const response = await answer(incoming, gone.signal);
      const copy = isControl(path)
        ? ""
        : await response
            .clone()
            .text()
            .catch(() => "the body breaks off");
      result = `${response.status} ${copy.length > 200 ? `${copy.slice(0, 200)}…` : copy}`.trimEnd();
      outgoing.writeHead(response.status, Object.fromEntries(response.headers));
      if (method !== "HEAD") {
        for await (const chunk of response.body ?? []) {
          // A body that is to break off must have begun, so each chunk is flushed.
          await new Promise((resolve) => outgoing.write(chunk, resolve));
        }
      }
      outgoing.end();
    } catch (error) {
      if (!gone.signal.aborted) result = `no answer: ${error instanceof Error ? error.message : error}`;
      incoming.socket.destroy();
    }
    log(`${method} ${path} ${result} (${Math.round(performance.now() - started)} ms)`);
  }

  const server = createServer({ requireHostHeader: false }, handle);
  server.on("checkExpectation", handle);
  server.on("connect", (_request, socket) => refuse(socket, 405, "CONNECT is not supported", log));
  server.on("clientError", (error: Error & { code?: string }, socket) => {
    if (error.code === "ECONNRESET" || !socket.writable) return socket.destroy();
    refuse(socket, error.code === "HPE_HEADER_OVERFLOW" ? 431 : 400, "this is not HTTP", log);
  });
  server.listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (error) {
    throw new CommandError(listenProblem(error, port));
  }
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Answers a connection that never became a request. */
function refuse(socket: Duplex, status: number, reason: string, log: (line: string) => void): void {
  const body = JSON.stringify(envelope(status, reason));
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-type: application/json`;
  socket.end(`${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  log(`${status} ${body}`);
}

function listenProblem(error: unknown, port: number): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return `Port ${port} is busy: choose another with --port, or 0 for a free one.`;
  if (code === "EACCES") return `Port ${port} needs more permissions: choose one above 1023 with --port.`;
  return `Can't listen on port ${port}: ${error instanceof Error ? error.message : error}`;
}
