import { expect, test } from "vitest";
import { createClient } from "../../src/index.ts";
import { BODY, failure, stubbed } from "./support.ts";

const ok = () => Response.json({ code: 0, message: "success" });

/** A client with paths beyond the package's contract, and the URLs that it calls. */
function setUp(baseUrl = "https://ma-api.engagelab.com/prefix") {
  const urls: string[] = [];
  const { client } = stubbed([ok], {
    baseUrl,
    fetch: async (url) => {
      urls.push(url.slice(baseUrl.length));
      return ok();
    },
  });
  return {
    client: client as unknown as Record<"DELETE" | "GET", (path: string, init?: object) => Promise<object>>,
    urls,
  };
}

test.each<[string, unknown]>([
  ["an empty string", ""],
  [".", "."],
  ["..", ".."],
  ["null", null],
  ["undefined", undefined],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["an integer that has lost digits", 2 ** 53],
  ["a symbol", Symbol("s")],
  ["a function", () => 1],
  ["an object", {}],
  ["an empty list", []],
  ["a list of nothing", [null]],
  ["a list in a list", [[1]]],
  ["a Date", new Date(0)],
  ["a Map", new Map([["a", 1]])],
  ["half a character", "\ud800"],
])("a path parameter that is %s is refused", async (_, euid) => {
  const { client, urls } = setUp();
  const error = await failure(client.DELETE("/v1/user/contact/{euid}", { params: { path: { euid } } }));
  expect(error).toMatchObject({ kind: "validation", outcome: "not_sent", attempts: 0 });
  expect(error).toHaveProperty("path", expect.stringMatching(/^params/));
  expect(urls).toEqual([]);
});

test("a missing or inherited path parameter is refused", async () => {
  const { client, urls } = setUp();
  for (const init of [undefined, {}, { params: {} }, { params: { path: { id: 1 } } }]) {
    expect(await failure(client.GET("/v1/{euid}", init))).toMatchObject({
      kind: "validation",
      path: "params.path.euid",
    });
  }
  const inherited = { params: { path: {} } };
  expect(await failure(client.GET("/v1/{constructor}", inherited))).toMatchObject({ kind: "validation" });
  expect(urls).toEqual([]);
});

test("two parameters can't form a dot segment", async () => {
  const { client, urls } = setUp();
  for (const path of ["/v1/{a}{b}/x", "/v1/.{a}", "/v1/{a}%2e"]) {
    const error = await failure(client.GET(path, { params: { path: { a: ".", b: "." } } }));
    expect(error).toMatchObject({ kind: "validation", path: "params.path" });
  }
  expect(urls).toEqual([]);
});

test("an accepted path parameter is one segment, in every OpenAPI style", async () => {
  const { client, urls } = setUp();
  const values = ["a/b", "%2e%2e", "...", "a?b#c", "中", 0, 1.5, 2n ** 63n, false, [1, "b"], { a: 1 }];
  for (const id of values) await client.GET("/v1/{id}", { params: { path: { id } } });
  await client.GET("/v1/{;id*}/{.id}", { params: { path: { id: "x" } } });
  expect(urls).toEqual([
    "/v1/a%2Fb",
    "/v1/%252e%252e",
    "/v1/...",
    "/v1/a%3Fb%23c",
    "/v1/%E4%B8%AD",
    "/v1/0",
    "/v1/1.5",
    "/v1/9223372036854775808",
    "/v1/false",
    "/v1/1,b",
    "/v1/a,1",
    "/v1/;id=x/.x",
  ]);
});

test.each([
  "",
  "v1",
  "//evil/..",
  "/v1/../x",
  "/v1/..",
  "/./x",
  "/v1/%2E./x",
  "/v1/.\t./x",
  "/v1\\..\\x",
  "/v1/x?y=1",
  "/v1/x#y",
  5,
  null,
])("a path that could leave that of baseUrl is refused (%s)", async (path) => {
  const { client, urls } = setUp();
  const error = await failure(client.GET(path as string));
  expect(error).toMatchObject({ kind: "configuration", option: "path", outcome: "not_sent" });
  expect(error.message).toMatch(/^path must begin with \/ /);
  expect(urls).toEqual([]);
});

test("the query: null and undefined are left out, lists and objects are written as openapi-fetch does", async () => {
  const { client, urls } = setUp();
  const query = { a: 1, b: null, c: undefined, d: ["x", "y"], e: { f: "/../" } };
  await client.GET("/v1/x", { params: { query } });
  await client.GET("/v1/x", { params: { query }, querySerializer: { array: { style: "form", explode: false } } });
  await client.GET("/v1/x", { params: { query }, querySerializer: () => "?q=/../" });
  expect(urls).toEqual(["/v1/x?a=1&d=x&d=y&e[f]=%2F..%2F", "/v1/x?a=1&d=x,y&e[f]=%2F..%2F", "/v1/x?q=/../"]);
  const querySerializer = () => {
    throw "unable";
  };
  const error = await failure(client.GET("/v1/x", { querySerializer }));
  expect(error).toMatchObject({ kind: "validation", path: "params", outcome: "not_sent" });
});

test.each(["@evil.example/x", ".evil.example/x", "//evil.example/x", "v1"])(
  "a path %s names no other host",
  async (path) => {
    const { client, sent } = stubbed([ok]);
    const urls: string[] = [];
    const other = createClient({
      fetch: async (url) => {
        urls.push(url);
        return ok();
      },
    });
    await client.POST(path as "/v1/user/contact", { body: BODY }).catch(() => {});
    await other.POST(path as "/v1/user/contact", { body: BODY }).catch((error: unknown) => {
      expect(error).toMatchObject({ kind: "configuration", option: "path", outcome: "not_sent" });
    });
    for (const url of urls) expect(new URL(url).host).toBe("ma-api.engagelab.com");
    expect(sent.length).toBe(path.startsWith("/") ? 1 : 0);
  },
);

test.each([undefined, null, 5])("a path that is %j is refused", async (path) => {
  const { client } = stubbed([ok]);
  expect(await failure(client.GET(path as never))).toMatchObject({ kind: "configuration", option: "path" });
});

test.each(["/.. ", "/.%2e ", "/v1/..\0", "/v1/.\u001f", "/v1/x\u0085"])(
  "a path whose end a URL parser would drop is refused (%j)",
  async (path) => {
    const { client, urls } = setUp();
    expect(await failure(client.GET(path))).toMatchObject({ kind: "configuration", option: "path" });
    expect(urls).toEqual([]);
  },
);

test.each<[string, unknown]>([
  ["a name with a slash", { "a/b": 1 }],
  ["a name with a question mark", { "a?b": 1 }],
  ["a name with half a character", { "\ud800": 1 }],
  ["a hole", new Array(2).fill("a", 1)],
])("a path parameter that holds %s is refused", async (_, id) => {
  const { client, urls } = setUp();
  const error = await failure(client.GET("/v1/{id}", { params: { path: { id } } }));
  expect(error).toMatchObject({ kind: "validation", path: "params.path.id" });
  expect(urls).toEqual([]);
});

test.each<[string, unknown, string]>([
  ["a Date", { since: new Date(0) }, "params.query.since"],
  ["a Set", { ids: new Set([1]) }, "params.query.ids"],
  ["a Map in a list", { ids: [new Map()] }, "params.query.ids"],
  ["an object in a list", { ids: [{ a: 1 }] }, "params.query.ids"],
  ["null in a list", { ids: [1, null, 2] }, "params.query.ids"],
  ["a list in a list", { ids: [1, [2, 3]] }, "params.query.ids"],
  ["an object in an object", { a: { b: { c: 1 } } }, "params.query.a"],
  ["NaN", { page: Number.NaN }, "params.query.page"],
  ["a number that has lost digits", { id: 2 ** 53 }, "params.query.id"],
  ["a function", { now: () => 1 }, "params.query.now"],
  ["a name that ends the query", { "a#b": 1, c: 2 }, "params.query"],
  ["a name that splits the query", { "a&b": 1 }, "params.query"],
  ["a name that would be decoded", { "100%": 1 }, "params.query"],
  ["such a name in an object", { filter: { "a=b": 1 } }, "params.query.filter"],
  ["no object of parameters but a Map", new Map([["a", 1]]), "params.query"],
  ["search parameters", new URLSearchParams("a=1"), "params.query"],
  ["a string", "a=1", "params.query"],
])("a query of %s is refused: openapi-fetch would leave it out, or write something else", async (_, query, path) => {
  const { client, urls } = setUp();
  for (const explode of [true, false]) {
    const querySerializer = { array: { style: "form", explode }, object: { style: "form", explode } } as const;
    const error = await failure(client.GET("/v1/x", { params: { query }, querySerializer }));
    expect(error).toMatchObject({ kind: "validation", path, outcome: "not_sent" });
    expect(error.message.slice(path.length)).toMatch(/^ (must be|has a name that) /);
  }
  expect(urls).toEqual([]);
  await client.GET("/v1/x", { params: { query }, querySerializer: () => "a=1" });
  expect(urls).toEqual(["/v1/x?a=1"]);
});

test("a reserved character that would end the query is refused", async () => {
  const { client, urls } = setUp();
  const init = { params: { query: { q: "x#y" } }, querySerializer: { allowReserved: true } };
  const error = await failure(client.GET("/v1/x", init));
  expect(error).toMatchObject({ kind: "validation", path: "params.query" });
  expect(error.message).toMatch(/^params.query must not contain #/);
  expect(urls).toEqual([]);
});

test.each(["/v1/{}", "/v1/{a*b}", "/v1/{id", "/v1/{id}}"])("braces are never sent (%s)", async (path) => {
  const { client, urls } = setUp();
  const error = await failure(client.GET(path, { params: { path: { id: 1, "": 1, "a*b": 1 } } }));
  expect(error).toMatchObject({ kind: "validation", path: "params.path", outcome: "not_sent" });
  expect(error.message).toBe("params.path lacks a parameter of the path");
  expect(urls).toEqual([]);
});

test("members of parameters that are undefined or null are left out, also in an object", async () => {
  const { client, urls } = setUp();
  const query = { filter: { a: 1, b: undefined, c: null } };
  await client.GET("/v1/x", { params: { query } });
  await client.GET("/v1/x", { params: { query }, querySerializer: { object: { style: "form", explode: false } } });
  expect(urls).toEqual(["/v1/x?filter[a]=1", "/v1/x?filter=a,1"]);
});

test("an object as a path parameter may have names of several characters", async () => {
  const { client, urls } = setUp();
  await client.GET("/v1/{id}", { params: { path: { id: { "a-b": 1, cd: 2 } } } });
  expect(urls).toEqual(["/v1/a-b,1,cd,2"]);
});

test("parameters are read once, and a getter may throw", async () => {
  const { client, urls } = setUp();
  let read = 0;
  const path = {
    get id() {
      return read++ === 0 ? "a" : "";
    },
  };
  const query = {
    get q(): string {
      throw new Error("secret");
    },
  };
  await client.GET("/v1/{id}", { params: { path } });
  expect(urls).toEqual(["/v1/a"]);
  const error = await failure(client.GET("/v1/x", { params: { query } }));
  expect(error).toMatchObject({ kind: "validation", path: "params", outcome: "not_sent" });
  expect(error.message).toBe("params can't be written into the URL");
});
