import type { Middleware } from "openapi-fetch";
import { expect, test } from "vitest";
import { BODY, failure, setUp, stubbed } from "./support.ts";

const again = { "retry-after": "0" };
const SENT = JSON.stringify(BODY);

test("it sees each call once, not each attempt, and without the credentials", async () => {
  const { client, emulator } = setUp({ headers: { "x-token": "of the client" } });
  const seen: Request[] = [];
  client.use({
    onRequest: ({ request, schemaPath }) => {
      expect(schemaPath).toBe("/v1/user/contact");
      seen.push(request.clone());
    },
  });
  emulator.fail({ status: 503, headers: again }, 2);
  await client.setContact(BODY);
  expect(seen).toHaveLength(1);
  expect(Object.fromEntries(seen[0]?.headers ?? [])).toEqual({
    "content-type": "application/json",
    "x-token": "of the client",
  });
  expect(emulator.requests).toHaveLength(3);
  const authorization = expect.stringMatching(/^Basic /);
  expect(emulator.requests[2]?.headers).toMatchObject({ "x-token": "of the client", authorization });
});

test("middleware of openapi-fetch can set headers", async () => {
  const { client, emulator } = setUp({ headers: { "x-a": "client" } });
  const middleware: Middleware = { onRequest: ({ request }) => request.headers.set("x-a", "middleware") };
  client.use(middleware);
  await client.setContact(BODY);
  expect(emulator.requests[0]?.headers["x-a"]).toBe("middleware");
});

test("middleware can't override the credentials with its own Authorization", async () => {
  const { client, emulator } = setUp();
  client.use({ onRequest: ({ request }) => request.headers.set("authorization", "Bearer x") });
  await client.setContact(BODY);
  expect(emulator.contacts.size).toBe(1);
});

test("if one of several is refused, those before it stay registered", async () => {
  const { client } = setUp();
  const seen: string[] = [];
  const good = { onRequest: async ({ request }: { request: Request }) => void seen.push(await request.clone().text()) };
  expect(() => client.use(good, 5 as never)).toThrow();
  await client.setContact(BODY);
  expect(seen).toEqual([SENT]);
});

test("new Request(request) without a body is sent without one", async () => {
  const { client, sent } = stubbed([() => new Response('{"code":0,"message":"success"}')]);
  client.use({ onRequest: ({ request }) => new Request(request) });
  await client.GET("/v1/other" as never);
  expect(sent).toMatchObject([{ body: null }]);
});

test("new Request(request) keeps body and policy", async () => {
  const { client, emulator } = setUp();
  client.use({ onRequest: ({ request }) => new Request(request, { headers: { "x-a": "new" } }) });
  emulator.fail({ status: 503, headers: again });
  await client.setContact(BODY);
  expect(emulator.requests.map(({ body }) => body)).toEqual([SENT, SENT]);
  expect(emulator.requests[1]?.headers).toMatchObject({ "x-a": "new", "content-type": "application/json" });
});

test("a Request with another body sends that body in each attempt", async () => {
  const { client, emulator } = setUp();
  const other = SENT.replace("12@gmail.com", "13@gmail.com");
  client.use({ onRequest: ({ request }) => new Request(request, { body: other, headers: request.headers }) });
  emulator.fail({ status: 503, headers: again });
  await client.setContact(BODY);
  expect(emulator.requests.map(({ body }) => body)).toEqual([other, other]);
});

test("a Request with another body that was consumed sends nothing", async () => {
  const { client, emulator } = setUp();
  client.use(
    {
      onRequest: ({ request }) => new Request(request, { body: SENT.replace("12@", "13@"), headers: request.headers }),
    },
    {
      onRequest: async ({ request }) => {
        await request.text();
      },
    },
  );
  expect(await failure(client.setContact(BODY))).toMatchObject({
    kind: "configuration",
    option: "middleware",
    outcome: "not_sent",
  });
  expect(emulator.requests).toHaveLength(0);
});

test("a Request with another path or query on the same origin is sent there", async () => {
  const { client, emulator } = setUp();
  client.use({ onRequest: ({ request }) => new Request(`${request.url}?trace=1`, request) });
  await client.setContact(BODY);
  expect(emulator.requests[0]?.url).toBe("https://ma-api.engagelab.com/v1/user/contact?trace=1");
});

test("a Request to another origin is refused: the secret would travel", async () => {
  const { client, emulator } = setUp();
  client.use({ onRequest: ({ request }) => new Request("https://evil.example/v1/user/contact", request) });
  const error = await failure(client.setContact(BODY));
  expect(error).toMatchObject({ kind: "configuration", option: "middleware", outcome: "not_sent", attempts: 0 });
  expect(error.message).toMatch(/origin/);
  expect(emulator.requests).toHaveLength(0);
});

test("middleware can read the request, with or without clone()", async () => {
  const { client, emulator } = setUp();
  const read: string[] = [];
  client.use({
    onRequest: async ({ request }) => {
      read.push(await request.clone().text(), await request.text());
    },
  });
  await client.setContact(BODY);
  expect(read).toEqual([SENT, SENT]);
  expect(emulator.requests[0]?.body).toBe(SENT);
});

test("middleware can read the response without changing the result", async () => {
  const { client } = setUp();
  const read: string[] = [];
  client.use({
    onResponse: async ({ response }) => {
      read.push(await response.clone().text());
    },
  });
  expect(await client.setContact(BODY)).toEqual({ code: 0, message: "success", status: 200 });
  expect(read).toEqual(['{"code":0,"message":"success"}']);
});

test("a response whose body middleware has consumed gives an error", async () => {
  const { client } = setUp();
  client.use({ onResponse: async ({ response }) => void (await response.text()) });
  const error = await failure(client.setContact(BODY));
  expect(error).toMatchObject({ kind: "configuration", option: "middleware", outcome: "unknown", attempts: 1 });
  expect(error.message).toMatch(/ has read the body of the response/);
});

test.each<[string, Response, object]>([
  ["success", Response.json({ code: 0, message: "mended" }, { status: 202 }), { status: 202, message: "mended" }],
  ["a code", Response.json({ code: 55014, message: "no" }, { status: 409 }), { kind: "api", code: 55014, status: 409 }],
  ["nothing", new Response(null, { status: 204 }), { kind: "response", status: 204 }],
  ["HTML", new Response("<html>", { status: 502 }), { kind: "response", status: 502, excerpt: "<html>" }],
  ["JSON", new Response('{"a":1}', { status: 502 }), { kind: "response", excerpt: '{"a":1}' }],
])("replacing the response by %s", async (_, replacement, expected) => {
  const { client, emulator } = setUp();
  client.use({ onResponse: () => replacement });
  const result = await client.setContact(BODY).catch((error: unknown) => error);
  expect(result).toMatchObject(expected);
  expect(emulator.requests).toHaveLength(1);
  // The write was applied; an error from middleware does not undo it.
  if (result instanceof Error) expect(result).toMatchObject({ outcome: "unknown" });
});

test("middleware that answers itself sends nothing", async () => {
  const { client, sent } = stubbed([]);
  client.use({ onRequest: () => Response.json({ code: 0, message: "from a cache" }) });
  expect(await client.setContact(BODY)).toMatchObject({ message: "from a cache" });
  expect(sent).toHaveLength(0);
});

test("a refusal made by middleware without a request has the outcome not_sent", async () => {
  const { client } = stubbed([]);
  client.use({ onRequest: () => Response.json({ code: 40050, message: "no" }, { status: 401 }) });
  expect(await failure(client.setContact(BODY))).toMatchObject({ kind: "api", outcome: "not_sent", attempts: 0 });
});

test("an error thrown in middleware reaches the caller unchanged", async () => {
  const fault = new Error("of the middleware");
  const thrower = () => {
    throw fault;
  };
  for (const middleware of [{ onRequest: thrower }, { onResponse: thrower }]) {
    const { client } = setUp();
    client.use(middleware);
    await expect(client.setContact(BODY)).rejects.toBe(fault);
  }
});

test("onError gets the typed error and may replace it with an answer", async () => {
  const { client, emulator } = setUp({ maxRetries: 0 });
  emulator.fail({ broken: "connection" });
  client.use({
    onError: ({ error }) => {
      expect(error).toMatchObject({ kind: "network", attempts: 1 });
      return Response.json({ code: 0, message: "queued" }, { status: 202 });
    },
  });
  expect(await client.setContact(BODY)).toEqual({ code: 0, message: "queued", status: 202 });
});

test("eject removes middleware, and one call may have its own", async () => {
  const { client, emulator } = setUp();
  const mark = (name: string) => ({
    onRequest: ({ request }: { request: Request }) => request.headers.append("x-mark", name),
  });
  const first = mark("first");
  client.use(first, mark("second"));
  await client.POST("/v1/user/contact", { body: BODY, middleware: [mark("call")] });
  client.eject(first);
  await client.setContact(BODY);
  expect(emulator.requests.map(({ headers }) => headers["x-mark"])).toEqual(["first, second, call", "second"]);
});

test("one call may have middleware if none is registered", async () => {
  const { client, emulator } = setUp();
  const onRequest = ({ request }: { request: Request }) => request.clone().headers.set("x-a", "lost");
  const set = ({ request }: { request: Request }) => request.headers.set("x-a", "b");
  const middleware = [{ onRequest }, { onRequest: set }];
  await client.POST("/v1/user/contact", { body: BODY, middleware });
  expect(emulator.requests[0]).toMatchObject({ body: SENT, headers: { "x-a": "b" } });
});

test("an answer that no Response can have (an opaque redirect) reaches middleware as an error response", async () => {
  const opaque = Object.defineProperty(new Response(), "status", { value: 0 });
  const { client } = stubbed([() => opaque]);
  let seen: Response | undefined;
  client.use({
    onResponse: ({ response }) => {
      seen = response;
    },
  });
  expect(await failure(client.setContact(BODY))).toMatchObject({ kind: "response", status: 0 });
  expect(seen?.type).toBe("error");
});

test("middleware does not add a body to a request", async () => {
  const { client, sent } = stubbed([() => Response.json({ code: 0, message: "success" })]);
  const path = "/v1/user/contact" as never;
  await client.GET(path);
  client.use({ onRequest: () => {} });
  await client.GET(path);
  expect(sent.map(({ method, body }) => [method, body])).toEqual([
    ["GET", null],
    ["GET", null],
  ]);
  expect(sent[0]?.headers).not.toHaveProperty("content-type");
});
