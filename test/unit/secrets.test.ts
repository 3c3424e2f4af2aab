import { inspect } from "node:util";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { type AnyEngageLabError, type ClientOptions, createClient, isEngageLabError } from "../../src/index.ts";
import {
  ascii,
  base64,
  bytewise,
  capital,
  expectNoSecret,
  html,
  numeric,
  printed,
  RAW,
  SECRETS,
  slashed,
  small,
  TOKEN,
  tagless,
} from "./secrets.ts";
import { BODY, failure } from "./support.ts";

test("the check finds each secret in each form", () => {
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
  ["a page that escapes HTML", "response", answer((init) => `<html>${html(plain(init))}`)],
  ["a page that escapes HTML as Go does", "response", answer((init) => `<html>${numeric(plain(init))}`)],
  ["a page that encodes each byte of a URL", "response", answer((init) => bytewise(plain(init)))],
  ["a page that encodes a URL as encodeURI does", "response", answer((init) => `%ff ${encodeURI(plain(init))}`)],
  [
    "an error that writes the secret in base64",
    "network",
    reject((init) => new Error(plain(init).split(" ").map(base64).join(" "))),
  ],
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

test("our errors contain no contact values, and the server's messages keep theirs", async () => {
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

test("a timeout contains no secret", async () => {
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

test("a headers function that returns a bad value or throws a secret reveals nothing", async () => {
  for (const headers of [
    () => ({ authorization: `\n${TOKEN}\n${TOKEN}` }),
    () => Promise.reject(new Error(`no token ${TOKEN}`)),
  ]) {
    expectNoSecret(await failure(createClient({ ...SECRETS, apiSecret: TOKEN, headers }).setContact(BODY)));
  }
  const headers = () => Promise.reject(new Error(SECRETS.apiSecret));
  expectNoSecret(await failure(createClient({ ...SECRETS, headers }).setContact(BODY)));
});

test("printing the client reveals nothing", () => {
  expectNoSecret(createClient({ ...SECRETS, headers: { "x-token": TOKEN } }));
});
