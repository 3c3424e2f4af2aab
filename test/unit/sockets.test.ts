/** Tests that need sockets: a real server on loopback and the runtime's own fetch. */
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { VENDOR_CREDENTIALS } from "../../src/emulator.ts";
import { type ClientOptions, createClient } from "../../src/index.ts";
import { BODY, failure } from "./support.ts";

const OK = '{"code":0,"message":"success"}';
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function setUp(listener: RequestListener, options: ClientOptions = {}) {
  const baseUrl = await listen(listener);
  return { baseUrl, client: createClient({ ...VENDOR_CREDENTIALS, baseUrl, maxRetries: 0, ...options }) };
}

test("connection refused: network", async () => {
  const { baseUrl } = await setUp(() => {});
  servers.splice(0).map((server) => server.close());
  const client = createClient({ ...VENDOR_CREDENTIALS, baseUrl, maxRetries: 0 });
  expect(await failure(client.setContact(BODY))).toMatchObject({
    kind: "network",
    outcome: "unknown",
    retryable: true,
  });
});

test("reset before the headers: network, and the next attempt succeeds", async () => {
  let requests = 0;
  const { client } = await setUp(
    (request, response) => (requests++ ? response.end(OK) : request.socket.resetAndDestroy()),
    {
      maxRetries: 1,
    },
  );
  expect(await client.setContact(BODY)).toMatchObject({ code: 0 });
  requests = 0;
  expect(await failure(client.setContact(BODY, { maxRetries: 0 }))).toMatchObject({
    kind: "network",
    outcome: "unknown",
  });
});

test("reset in the body: cut off, unknown", async () => {
  let reset = () => {};
  const baseUrl = await listen((request, response) => {
    reset = () => request.socket.resetAndDestroy();
    response.writeHead(200, { "content-length": "100" });
    response.write('{"code":0,');
  });
  const client = createClient({
    ...VENDOR_CREDENTIALS,
    baseUrl,
    maxRetries: 0,
    async fetch(url, init) {
      const response = await fetch(url, init);
      reset();
      return response;
    },
  });
  const error = await failure(client.setContact(BODY));
  expect(error).toMatchObject({ kind: "response", outcome: "unknown" });
  expect(error.message).toMatch(/cut off/);
});

test("a body shorter than its Content-Length is cut off", async () => {
  const { client } = await setUp((request, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write(OK, () => request.socket.end());
  });
  expect(await failure(client.setContact(BODY))).toMatchObject({ kind: "response", outcome: "unknown" });
});

test("headers and then silence: timeout, and the connection is closed", async () => {
  let closed: Promise<unknown> = Promise.resolve();
  const { client } = await setUp(
    (request, response) => {
      closed = once(request.socket, "close");
      response.writeHead(200).flushHeaders();
    },
    { timeout: 100 },
  );
  expect(await failure(client.setContact(BODY))).toMatchObject({ kind: "timeout", timeout: 100, outcome: "unknown" });
  await closed;
});

test("a slow trickle of bytes: timeout", async () => {
  const { client } = await setUp(
    (_request, response) => {
      const timer = setInterval(() => response.write(" "), 20);
      response.on("close", () => clearInterval(timer));
    },
    { timeout: 150 },
  );
  expect(await failure(client.setContact(BODY))).toMatchObject({ kind: "timeout", outcome: "unknown" });
});

test("a redirect to another origin is not followed, and the secret does not travel", async () => {
  const reached: string[] = [];
  const elsewhere = await listen((request, response) => {
    reached.push(request.url ?? "");
    response.end(OK);
  });
  for (const status of [301, 302, 303, 307, 308]) {
    const { client } = await setUp((_request, response) => {
      response.writeHead(status, { location: `${elsewhere}/v1/user/contact` }).end();
    });
    expect(await failure(client.setContact(BODY))).toMatchObject({ kind: "response", status, outcome: "unknown" });
  }
  expect(reached).toEqual([]);
});

test("a gzip bomb is read up to 1 MiB and no further", async () => {
  const bomb = gzipSync(Buffer.alloc(256 * 1024 * 1024, "x"));
  const { client } = await setUp((_request, response) => {
    response.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
  });
  const before = process.memoryUsage().rss;
  const error = await failure(client.setContact(BODY));
  expect(error).toMatchObject({ kind: "response", excerpt: "x".repeat(256) });
  expect(error.message).toMatch(/1 MiB/);
  expect(process.memoryUsage().rss - before).toBeLessThan(128 * 1024 * 1024);
});

test("if the server closes a keep-alive connection, the next call succeeds", async () => {
  const sockets = new Set<Socket>();
  const { client } = await setUp(
    (request, response) => {
      sockets.add(request.socket);
      response.end(OK);
    },
    { maxRetries: 2 },
  );
  await client.setContact(BODY);
  for (const socket of sockets) socket.destroy();
  expect(await client.setContact(BODY)).toMatchObject({ code: 0 });
  expect(sockets.size).toBe(2);
});

test("connections are reused, even after a failure, because the body is read completely", async () => {
  const sockets = new Set<Socket>();
  let status = 200;
  const { client } = await setUp((request, response) => {
    sockets.add(request.socket);
    response.writeHead(status).end(OK);
  });
  for (status of [200, 400, 503, 200]) {
    await client.setContact(BODY).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 20)); // until the connection is back in the pool
  }
  expect(sockets.size).toBe(1);
});
