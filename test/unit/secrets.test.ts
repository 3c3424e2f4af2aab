import { Console } from "node:console";
import { Writable } from "node:stream";
import { inspect } from "node:util";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { type AnyEngageLabError, type ClientOptions, createClient, isEngageLabError } from "../../src/index.ts";
import { BODY, failure } from "./support.ts";

/** With characters that JSON and regular expressions treat apart, and that base64 and UTF-8 change. */
const SECRETS = { apiKey: 'key"\\1é', apiSecret: "s$&c/ret(中" };
const BASE64 = Buffer.from(`${SECRETS.apiKey}:${SECRETS.apiSecret}`).toString("base64");
const TOKEN = "tok3n-of-a-gateway";

const RAW = [SECRETS.apiKey, SECRETS.apiSecret, BASE64, TOKEN];

/** Everything that must not be seen, as it is and as JSON or an inspector would quote it. */
const FORBIDDEN = RAW.flatMap((secret) => [
  ...[secret, ascii(secret), slashed(secret), tagless(secret), capital(secret), small(secret)],
  encodeURIComponent(secret),
]).flatMap((form) => [form, JSON.stringify(form).slice(1, -1), inspect(form).slice(1, -1)]);

/** As Python writes JSON. */
function ascii(text: string): string {
  const quoted = JSON.stringify(text).slice(1, -1);
  return quoted.replace(/[^ -~]/g, (unit) => `\\u${hex(unit)}`);
}

/** As PHP writes JSON. */
function slashed(text: string): string {
  return JSON.stringify(text).slice(1, -1).replaceAll("/", "\\/");
}

/** As Go writes JSON. */
function tagless(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replace(/[<>&]/g, (unit) => `\\u${hex(unit)}`);
}

/** As .NET writes JSON. */
function capital(text: string): string {
  return text.replace(/["\\<>&'+]|[^ -~]/g, (unit) => `\\u${hex(unit).toUpperCase()}`);
}

/** As some encode a URL. */
function small(text: string): string {
  return encodeURIComponent(text).replace(/%../g, (escaped) => escaped.toLowerCase());
}

function hex(unit: string): string {
  return unit.charCodeAt(0).toString(16).padStart(4, "0");
}

/** Each way in which a caller may print a value. */
function printed(value: unknown): string[] {
  const log: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      log.push(String(chunk));
      done();
    },
  });
  const console = new Console(sink);
  console.log(value);
  console.dir(value, { depth: null, showHidden: true });
  expect(log).toHaveLength(2);
  const deep = { showHidden: true, depth: Number.POSITIVE_INFINITY, maxArrayLength: null, maxStringLength: null };
  const texts = [...log, inspect(value, deep), inspect({ ...Object(value) }, deep), String(value)];
  texts.push(JSON.stringify(value), JSON.stringify({ ...Object(value) }));
  if (value instanceof Error) {
    texts.push(inspect(structuredClone(value), deep), value.stack ?? "", value.message);
    for (const cause of chain(value)) texts.push(inspect(cause, deep), String(cause), JSON.stringify(cause) ?? "");
  }
  return texts;
}

function chain(value: unknown): unknown[] {
  return value instanceof Error && value.cause !== undefined ? [value.cause, ...chain(value.cause)] : [];
}

function expectNoSecret(value: unknown): void {
  for (const text of printed(value)) {
    for (const secret of FORBIDDEN) expect(text.includes(secret), `${secret} in ${text}`).toBe(false);
  }
}

test("the matrix bites: each secret is found in each form", () => {
  for (const secret of RAW) {
    expect(() => expectNoSecret(new Error(secret))).toThrow();
    expect(() => expectNoSecret(new Error("x", { cause: new Error("y", { cause: { deep: [secret] } }) }))).toThrow();
  }
});

type Fetch = NonNullable<ClientOptions["fetch"]>;
const quote = (init: RequestInit) => JSON.stringify(init.headers);
const headerOf = (init: RequestInit) => new Headers(init.headers).get("authorization") ?? "";
/** All that the headers hold, and the pair that is encoded there. */
function plain(init: RequestInit): string {
  const pair = /^Basic (.+)/.exec(headerOf(init))?.[1] ?? "";
  return `${Object.values(init.headers ?? {}).join(" ")} ${Buffer.from(pair, "base64").toString().replace(":", " ")}`;
}

const BLIND: ProxyHandler<Error> = {
  ownKeys: () => {
    throw new Error("not for you");
  },
};

class Boxed extends Error {
  readonly #init: RequestInit;
  constructor(init: RequestInit) {
    super("boxed");
    this.#init = init;
  }
  get headers(): RequestInit["headers"] {
    return this.#init.headers;
  }
  get broken(): never {
    throw new Error("an accessor that throws");
  }
}

/** It shows what it holds only to one kind of printer. */
class Sealed {
  readonly #init: RequestInit;
  constructor(printer: PropertyKey, init: RequestInit) {
    this.#init = init;
    Object.defineProperty(this, printer, { value: () => plain(this.#init) });
  }
}

const reject =
  (make: (init: RequestInit) => unknown): Fetch =>
  async (_url, init) => {
    throw make(init);
  };
const answer =
  (
    make: (init: RequestInit) => string,
    status = 200,
    headers: (init: RequestInit) => Record<string, string> = () => ({}),
  ) =>
  async (_url: string, init: RequestInit) =>
    new Response(make(init), { status, headers: headers(init) });

function circular(init: RequestInit): Error {
  const error: Error & { self?: unknown; init?: unknown } = new Error("circular");
  error.self = error;
  error.init = { nested: new Map([["init", [{ init }]]]) };
  return error;
}

/** How a secret may come back, and the kind of error in which it does. */
const WAYS: Array<[what: string, kind: AnyEngageLabError["kind"], fetch: Fetch]> = [
  ["a fetch that quotes the headers", "network", reject((init) => new Error(quote(init)))],
  ["a cause of a cause that does", "network", reject((init) => new Error("x", { cause: new Error(plain(init)) }))],
  ["a fetch that rejects with a string", "network", reject(plain)],
  ["a fetch that rejects with the init", "network", reject((init) => init)],
  ["a fetch that rejects with the Request", "network", reject((init) => new Request("https://x.example", init))],
  ["an error with the init in a member", "network", reject((init) => Object.assign(new Error("x"), { init }))],
  [
    "an error with the init behind a symbol",
    "network",
    reject((init) => Object.assign(new Error("x"), { [Symbol("i")]: init })),
  ],
  [
    "an error with a hidden member",
    "network",
    reject((init) => Object.defineProperty(new Error("x"), "init", { value: init })),
  ],
  ["an error with an accessor", "network", reject((init) => new Boxed(init))],
  ["a circular error", "network", reject(circular)],
  ["an AggregateError", "network", reject((init) => new AggregateError([new Error(plain(init))]))],
  [
    "an error with Headers",
    "network",
    reject((init) => Object.assign(new Error("x"), { h: new Headers(init.headers) })),
  ],
  [
    "an error with a function that holds it",
    "network",
    reject((init) => Object.assign(new Error("x"), { f: Object.assign(() => {}, { init }) })),
  ],
  [
    "an error with a member named by it",
    "network",
    reject((init) => Object.assign(new Error("x"), { seen: { [headerOf(init)]: 1, [plain(init)]: 1 } })),
  ],
  ...["toString", "toJSON", inspect.custom].map((printer): (typeof WAYS)[number] => [
    `an error with an object that tells it to ${String(printer)}`,
    "network",
    reject((init) => Object.assign(new Error("x"), { sealed: new Sealed(printer, init) })),
  ]),
  [
    "an error with an object that can't be printed",
    "network",
    reject((init) => Object.assign(new Error("x"), { toJSON: () => "", boxed: new Boxed(init), toString: 5 })),
  ],
  [
    "an error with search parameters",
    "network",
    reject((init) => Object.assign(new Error("x"), { sent: new URLSearchParams({ token: plain(init) }) })),
  ],
  [
    "an error with a form",
    "network",
    reject((init) => {
      const form = new FormData();
      form.set("token", plain(init));
      return Object.assign(new Error("x"), { form });
    }),
  ],
  [
    "an error with a Map of another realm",
    "network",
    reject((init) =>
      Object.assign(new Error("x"), { map: runInNewContext("new Map([[1, text]])", { text: plain(init) }) }),
    ),
  ],
  [
    "an error with a boxed string",
    "network",
    reject((init) => Object.assign(new Error("x"), { s: Object(plain(init)) })),
  ],
  ["a symbol", "network", reject((init) => Symbol(plain(init)))],
  ["an error that can't be looked through", "network", reject((init) => new Proxy(new Error(plain(init)), BLIND))],
  ["a page that writes JSON as Python does", "response", answer((init) => ascii(plain(init)))],
  ["a page that writes JSON as PHP does", "response", answer((init) => slashed(plain(init)))],
  ["a page that writes JSON as Go does", "response", answer((init) => tagless(plain(init)))],
  ["a page that writes JSON as .NET does", "response", answer((init) => capital(plain(init)))],
  [
    "a page that echoes a URL in small letters",
    "response",
    answer((init) => plain(init).split(" ").map(small).join("&")),
  ],
  ["a page that echoes a URL", "response", answer((init) => plain(init).split(" ").map(encodeURIComponent).join("&"))],
  ["a very large cause", "network", reject((init) => [...Array.from({ length: 20_000 }, () => ({})), init])],
  [
    "an API error that echoes",
    "api",
    answer((init) => JSON.stringify({ code: 40050, message: `no ${plain(init)}` }), 401),
  ],
  [
    "an API error of an unknown code that echoes",
    "api",
    answer((init) => JSON.stringify({ code: 5, message: quote(init) }), 400),
  ],
  ["a page that echoes", "response", answer((init) => `<html>${plain(init)}${quote(init)}`)],
  ["JSON that echoes", "response", answer((init) => JSON.stringify({ echo: plain(init) }))],
  [
    "a Content-Type that echoes",
    "response",
    answer(
      () => "",
      200,
      (init) => ({ "content-type": `text/${headerOf(init).replace(" ", "-")}` }),
    ),
  ],
  ["an echo at the edge of the excerpt", "response", answer((init) => `${"x".repeat(250)}${headerOf(init)}`)],
  [
    "a body cut off by an error that quotes",
    "response",
    async (_url, init) => {
      const stream = new ReadableStream({ pull: (controller) => controller.error(new Error(plain(init))) });
      return new Response(stream);
    },
  ],
];

for (const [name, credentials] of [
  ["a key and a secret", SECRETS],
  ["a gateway's token", { headers: { Authorization: `Bearer ${TOKEN}` } }],
  ["a token from a function", { headers: async () => ({ "x-api-key": TOKEN }) }],
] as const) {
  test.each(WAYS)(`${name}: %s`, async (_, kind, fetch) => {
    const client = createClient({ ...credentials, fetch, maxRetries: 0 });
    const error = await failure(client.setContact(BODY));
    expect(error.kind).toBe(kind);
    expectNoSecret(error);
    const result = await client.POST("/v1/user/contact", { body: BODY }).catch((error: unknown) => ({ error }));
    expectNoSecret(result.error);
  });
}

test("a token of an earlier attempt is taken out, too", async () => {
  let asked = 0;
  const client = createClient({
    headers: () => ({ authorization: `Bearer token-${++asked}` }),
    fetch: async () => {
      if (asked === 1) return new Response("", { status: 503, headers: { "retry-after": "0" } });
      return new Response('{"code":5,"message":"token-1 was replaced by token-2"}', { status: 400 });
    },
  });
  expect((await failure(client.setContact(BODY))).message).toBe("[redacted] was replaced by [redacted]");
});

test("a cause is not used up by looking through it, and a large one does not take long", async () => {
  let steps = 0;
  const endless = (function* () {
    for (;;) yield steps++;
  })();
  const cause = Object.assign(new Error("x"), { endless, bytes: new Uint8Array(5_000_000), type: Map });
  const client = createClient({ ...SECRETS, fetch: reject(() => cause), maxRetries: 0 });
  expect(await failure(client.setContact(BODY))).toMatchObject({ kind: "network" });
  expect(steps).toBe(0);
});

test("a large cause that quotes nothing is kept", async () => {
  const reason = { rows: Array.from({ length: 5_000 }, (_, i) => ({ i })) };
  const client = createClient({ ...SECRETS, fetch: async () => new Response() });
  expect((await failure(client.setContact(BODY, { signal: AbortSignal.abort(reason) }))).cause).toBe(reason);
});

test.each(["Api-Key", "AWS4-HMAC-SHA256", "Bearer "])("a token after the scheme %s is taken out", async (scheme) => {
  const fetch = answer(() => `{"code":5,"message":"unknown token ${TOKEN}"}`);
  const client = createClient({ headers: { authorization: `${scheme} ${TOKEN}` }, fetch });
  expect((await failure(client.setContact(BODY))).message).toBe("unknown token [redacted]");
});

test("of a cause is kept what identifies it", async () => {
  const cause = Object.assign(new Error("ECONNREFUSED"), {
    code: "ECONNREFUSED",
    self: new Date(),
    bytes: new Uint8Array(9),
  });
  const client = createClient({ ...SECRETS, fetch: reject(() => cause), maxRetries: 0 });
  const { cause: copy } = await failure(client.setContact(BODY));
  expect(copy).toBeInstanceOf(Error);
  expect(copy).not.toBe(cause);
  expect(copy).toMatchObject({ message: "ECONNREFUSED", code: "ECONNREFUSED", stack: cause.stack });
  expect(Object.keys(copy as Error)).toEqual([]);
});

test("contact values are not in an error of ours, and in the server's words they stay", async () => {
  const bad = createClient({ ...SECRETS, fetch: reject(() => new Error("x")), maxRetries: 0 });
  const fails = [
    failure(bad.setContact(BODY)),
    failure(bad.setContact({ ...BODY, contacts: { email: ["12@gmail.com"] as never } })),
    failure(bad.setContact({ euid: "12@gmail.com", contacts: {} })),
  ];
  for (const error of await Promise.all(fails))
    for (const text of printed(error)) expect(text).not.toContain("12@gmail.com");
  const echo = createClient({ ...SECRETS, fetch: answer(() => '{"code":55014,"message":"12@gmail.com exists"}') });
  expect((await failure(echo.setContact(BODY))).message).toBe("12@gmail.com exists");
});

test("an abort reason is the caller's own, and stays the very object", async () => {
  const client = createClient({ ...SECRETS, fetch: async () => new Response() });
  const reason = Object.freeze(new Error(SECRETS.apiSecret));
  const error = await failure(client.setContact(BODY, { signal: AbortSignal.abort(reason) }));
  expect(error.cause).toBe(reason);
});

test("a timeout", async () => {
  const client = createClient({ ...SECRETS, fetch: () => new Promise(() => {}), timeout: 1, maxRetries: 0 });
  expectNoSecret(await failure(client.setContact(BODY)));
});

test.each<[string, object]>([
  ["a bad key", { ...SECRETS, apiKey: `${SECRETS.apiKey}:` }],
  ["a bad secret", { ...SECRETS, apiSecret: `${SECRETS.apiSecret}\n` }],
  ["a header value that HTTP does not allow", { headers: { authorization: `Bearer\n${TOKEN}` } }],
  ["a header beside a key", { ...SECRETS, headers: { authorization: TOKEN } }],
  ["credentials in baseUrl", { ...SECRETS, baseUrl: `https://a:${TOKEN}@example.com` }],
  ["a token in the query of baseUrl", { ...SECRETS, baseUrl: `https://example.com?token=${TOKEN}` }],
])("%s", (_, options) => {
  let thrown: unknown;
  try {
    createClient(options as ClientOptions);
  } catch (error) {
    thrown = error;
  }
  expect(isEngageLabError(thrown, "configuration")).toBe(true);
  expectNoSecret(thrown);
});

test("a headers function that returns a bad value, or throws a secret", async () => {
  for (const headers of [
    () => ({ authorization: `\n${TOKEN}\n${TOKEN}` }),
    () => Promise.reject(new Error(`no token ${TOKEN}`)),
  ]) {
    expectNoSecret(await failure(createClient({ ...SECRETS, apiSecret: TOKEN, headers }).setContact(BODY)));
  }
  const headers = () => Promise.reject(new Error(SECRETS.apiSecret));
  expectNoSecret(await failure(createClient({ ...SECRETS, headers }).setContact(BODY)));
});

test("the client itself", () => {
  expectNoSecret(createClient({ ...SECRETS, headers: { "x-token": TOKEN } }));
});

test("a secret shorter than four characters is no secret: text is not garbled for it", async () => {
  const fetch = answer(() => '{"code":5,"message":"a b is bad"}');
  const error = await failure(createClient({ apiKey: "a", apiSecret: "b", fetch }).setContact(BODY));
  expect(error.message).toBe("a b is bad");
});

test("a secret that holds another is taken out whole", async () => {
  const fetch = answer(() => '{"code":5,"message":"abcd abcdefgh"}');
  const error = await failure(createClient({ apiKey: "abcd", apiSecret: "abcdefgh", fetch }).setContact(BODY));
  expect(error.message).toBe("[redacted] [redacted]");
});

test("headers that hold no secret are left as they are", async () => {
  const fetch = answer(() => '{"code":5,"message":"application/json of trace-1234"}');
  const client = createClient({ ...SECRETS, headers: { "x-trace": "trace-1234" }, fetch });
  expect((await failure(client.setContact(BODY))).message).toBe("application/json of trace-1234");
});

test("an excerpt without a secret stays as it was, whatever it quotes", async () => {
  const page = String.raw`{"a":"\u00e9 %2f \/ \"x\""}`;
  const client = createClient({ ...SECRETS, fetch: async () => new Response(page), maxRetries: 0 });
  expect(await failure(client.setContact(BODY))).toMatchObject({ kind: "response", excerpt: page });
});

test("a secret is taken out without its padding, too", async () => {
  const pair = { apiKey: "key1", apiSecret: "secret12" }; // its base64 ends in ==
  const unpadded = btoa("key1:secret12").replace("==", "");
  const client = createClient({ ...pair, fetch: async () => new Response(`<${unpadded}>`), maxRetries: 0 });
  expect(await failure(client.setContact(BODY))).toMatchObject({ excerpt: "<[redacted]>" });
});
