/** What the generator reads from a spec besides schemas: media types, servers, examples, codes. */
import { describe, expect, test } from "vitest";
import { specWith } from "../support/spec.ts";
import { generateFrom, generateWith } from "../support/spec-check.ts";

describe("bodies", () => {
  const requestBody = (content: object) => {
    const spec = JSON.parse(specWith({}));
    spec.paths["/v1/things"].post.requestBody = { content };
    return generateWith(JSON.stringify(spec));
  };

  test.each([
    ["application/json", undefined],
    ["application/json; charset=utf-8", "application/json; charset=utf-8"],
    ["Application/Vnd.Things+JSON", "Application/Vnd.Things+JSON"],
    ["application/*+json", undefined],
    ["application/*", undefined],
    ["*/*", undefined],
  ])("%s is JSON", async (mediaType, contentType) => {
    const { operation, warnings } = await requestBody({ "text/csv": {}, [mediaType]: { schema: { type: "string" } } });
    expect(operation).toEqual({
      repeatable: false,
      bodyOptional: true,
      body: { type: "string" },
      ...(contentType && { contentType }),
    });
    expect(warnings).toEqual([]);
  });

  test("application/json takes precedence over other JSON types", async () => {
    const content = {
      "*/*": {},
      "application/vnd.things+json": {},
      "application/json": { schema: { type: "string" } },
    };
    expect((await requestBody(content)).operation).toMatchObject({ body: { type: "string" } });
  });

  test("of another kind can't be sent, with a warning", async () => {
    const { operation, warnings } = await requestBody({ "multipart/form-data": {}, "text/csv": {} });
    expect(operation?.body).toBe(false);
    expect(warnings).toEqual(["a body of multipart/form-data or text/csv can't be sent: the client sends JSON only"]);
  });
});

const change = async (edit: (spec: Record<string, unknown>, post: Record<string, unknown>) => void) => {
  const spec = JSON.parse(specWith({}));
  edit(spec, spec.paths["/v1/things"].post);
  const { contract, warnings } = await generateFrom({ "spec.json": JSON.stringify(spec) });
  return { ...contract, warnings: warnings.map(({ message }) => message) };
};

test("variables of servers are replaced by their defaults", async () => {
  const { servers } = await change((spec) => {
    spec.servers = [
      { url: "https://{host}/{version}", variables: { host: { default: "a.example" }, version: { default: "v2" } } },
    ];
  });
  expect(servers).toEqual(["https://a.example/v2"]);
});

test("without a server that has an absolute URL, baseUrl has no default", async () => {
  expect((await change((spec) => delete spec.servers)).servers).toEqual([]);
  const { servers, warnings } = await change((spec) => {
    spec.servers = [{ url: "/v1" }];
  });
  expect(servers).toEqual([]);
  expect(warnings).toEqual(["/v1 is no absolute URL, so it can't be the default of baseUrl"]);
});

test.each(["200", "2XX", "default"])("the emulator answers with the example of %s", async (status) => {
  const example = { code: 0, message: "success", id: 1 };
  const { examples } = await change((_, post) => {
    post.responses = { [status]: { description: "A thing", content: { "application/json": { example } } } };
  });
  expect(examples?.successes).toEqual({ "POST /v1/things": example });
});

test("a spec without codes gives a contract without codes", async () => {
  expect((await change(() => {})).errorCodes).toEqual({});
});

test("parts of a spec that have no effect give a warning", async () => {
  const { warnings } = await change((spec, post) => {
    post.servers = [{ url: "https://b.example" }];
    post.parameters = [
      { name: "session", in: "cookie", schema: { type: "string" } },
      { name: "page", in: "query", schema: { type: "integer", minimum: 1 } },
      { name: "sort", in: "query", schema: { type: "string", enum: ["a", "b"] } },
    ];
    Object.assign(Object(spec.paths), {
      "/v1/{id}": { get: { requestBody: { content: { "*/*": {} } }, responses: {} } },
    });
  });
  expect(warnings).toEqual([
    expect.stringContaining("`{id}`"),
    "servers of single operations are ignored: baseUrl holds for all",
    "the cookie session is not sent",
    "minimum of the parameter page is not checked before a request is sent",
    "fetch can't send a body with GET /v1/{id}",
  ]);
});
