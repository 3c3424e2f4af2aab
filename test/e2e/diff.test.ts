/** Which changes of the spec break callers. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Document, parseDocument } from "yaml";
import { compare } from "../../cli/diff/compare.ts";
import { root } from "../support/node.ts";
import { createSpecFolder, type SpecFolder } from "../support/spec.ts";

const FILES = ["ma.yaml", "contact.yaml"];
const texts = await Promise.all(FILES.map((name) => readFile(join(root, "openapi", name), "utf8")));

let folder: SpecFolder;
beforeAll(async () => {
  folder = await createSpecFolder();
  for (const [i, name] of FILES.entries()) {
    await folder.write({ [`old/${name}`]: texts[i] ?? "", [`new/${name}`]: texts[i] ?? "" });
  }
});
afterAll(() => folder.remove());

async function changesOf(edit: (spec: Document) => void) {
  const spec = parseDocument(texts[0] ?? "");
  edit(spec);
  await writeFile(join(folder.path, "new/ma.yaml"), String(spec));
  const changes = await compare(join(folder.path, "old/ma.yaml"), join(folder.path, "new/ma.yaml"));
  return changes.map(({ breaking, where, message }) => `${breaking ? "breaking" : "ok"} ${where}: ${message}`);
}

type Path = (string | number)[];
const set = (path: Path, value: unknown) => (spec: Document) => spec.setIn(path, spec.createNode(value));
const add = (path: Path, value: unknown) => (spec: Document) => spec.addIn(path, spec.createNode(value));
const remove = (path: Path) => (spec: Document) => void spec.deleteIn(path);

const PROPERTY = ["paths", "/v1/user/property", "post"];
const schema = (...path: Path) => ["components", "schemas", ...path];
const TYPE = schema("SetPropertiesRequest", "properties", "type", "enum");
const APP_KEY = schema("ReportEventsRequest", "properties", "app_key");
const EUID = schema("Event", "properties", "euid");
const DATA = schema("GetEuidsResult", "allOf", 1, "properties", "data");
const CODE = ["components", "x-error-codes", "invalid_user_attributes"];
const ID = "contact.yaml#/components/schemas/Euid";

test.each<[string, (spec: Document) => void, RegExp]>([
  ["a path less", remove(["paths", "/v1/event/report"]), /\/v1\/event\/report.* removed/],
  [
    "a parameter that is required",
    set([...PROPERTY, "parameters"], [{ name: "a", in: "query", required: true, schema: {} }]),
    /Required `a`/,
  ],
  [
    "a member of a request that is required",
    add(schema("ReportEventsRequest", "required"), "app_key"),
    /request: .*required.*app_key/,
  ],
  ["a member of a request less", remove(APP_KEY), /request, app_key: removed/],
  ["a member that requests can't have any more", set([...APP_KEY, "readOnly"], true), /request, app_key: readOnly/],
  [
    "a narrower bound",
    set(schema("GetEuidsRequest", "properties", "identity_values", "maxItems"), 50),
    /identity_values.*'100' to '50'/,
  ],
  ["a new bound", set([...APP_KEY, "maxLength"], 5), /app_key.*maxLength/],
  ["a value less, on which a retry rule stands", remove([...TYPE, 0]), /request, type: .*'set'/],
  ["another type", set([...APP_KEY, "type"], "integer"), /app_key.*'string' to 'integer'/],
  [
    "a member of a response less",
    remove([...DATA, "items", "properties", "identity_value"]),
    /response 200, data\[\]\.identity_value/,
  ],
  [
    "a member of a response that may be null",
    set([...DATA, "items", "properties", "identity_value", "type"], ["string", "null"]),
    /null/,
  ],
  ["a code less, which an operation names", remove(CODE), /error code invalid_user_attributes: 55102 was removed/],
  [
    "another number of a code",
    set([...CODE, "code"], 55103),
    /error code invalid_user_attributes: changed from 55102 to 55103/,
  ],
  ["a code that may mean that it was done", set([...CODE, "inDoubt"], true), /no longer means that nothing was done/],
  [
    "fewer retries",
    set([...PROPERTY, "x-repeatable"], { type: ["set"] }),
    /POST \/v1\/user\/property: x-repeatable changed/,
  ],
  [
    "no retries",
    remove(["paths", "/v1/user/register", "post", "x-repeatable"]),
    /x-repeatable changed from true to false/,
  ],
  [
    "another server",
    set(["servers", 0, "url"], "https://b.example.org"),
    /servers: the default of baseUrl is https:\/\/b/,
  ],
  ["another authentication", set([...PROPERTY, "security"], [{ other: [] }]), /security: /],
  [
    "another media type",
    (spec) => {
      const media = spec.getIn([...PROPERTY, "requestBody", "content", "application/json"]);
      spec.setIn([...PROPERTY, "requestBody", "content"], spec.createNode({ "application/vnd.a+json": media }));
    },
    /Media type/,
  ],
])("breaking: %s", async (_, edit, change) => {
  const breaking = (await changesOf(edit)).filter((each) => each.startsWith("breaking"));
  expect(breaking).toContainEqual(expect.stringMatching(change));
});

test.each<[string, (spec: Document) => void, RegExp | undefined]>([
  [
    "an operation more",
    set([...PROPERTY.slice(0, 2), "get"], { responses: { "200": { description: "a" } } }),
    /GET \/v1\/user\/property: added/,
  ],
  ["a member of a request more", set([...APP_KEY.slice(0, -1), "more"], { type: "string" }), /request, more: added/],
  ["a member that is not required any more", remove(schema("SetPropertiesRequest", "required", 0)), /required changed/],
  [
    "a wider bound",
    set(schema("GetEuidsRequest", "properties", "identity_values", "maxItems"), 200),
    /maxItems changed/,
  ],
  ["a value more", add(TYPE, "multiply"), /type: enum changed/],
  ["null is allowed", set([...APP_KEY, "type"], ["string", "null"]), /type changed/],
  ["null is allowed by oneOf", set(EUID, { oneOf: [{ $ref: ID }, { type: "null" }] }), /oneOf/],
  ["a description by allOf", set(EUID, { description: "The user", allOf: [{ $ref: ID }] }), /allOf/],
  [
    "a media type with a parameter",
    (spec) => {
      const media = spec.getIn([...PROPERTY, "requestBody", "content", "application/json"]);
      spec.setIn(
        [...PROPERTY, "requestBody", "content"],
        spec.createNode({ "application/json; charset=utf-8": media }),
      );
    },
    /Media type/,
  ],
  ["a code more", set(["components", "x-error-codes", "teapot"], { code: 1 }), /error code teapot: 1 was added/],
  [
    "a code that an operation may answer",
    add([...PROPERTY, "x-error-codes"], "contact_already_set"),
    /may answer with contact_already_set/,
  ],
  ["a code that is retried", set([...CODE, "retryable"], true), /is retried/],
  [
    "more retries",
    set(["paths", "/v1/event/report", "post", "x-repeatable"], true),
    /x-repeatable changed from false to true/,
  ],
  ["another server beside", add(["servers"], { url: "https://b.example.org" }), /servers 1: added/],
  ["prose", set([...PROPERTY, "description"], "Something else"), undefined],
  ["the name of an operation", set([...PROPERTY, "operationId"], "changeProperties"), undefined],
  [
    "an example",
    set([...PROPERTY, "requestBody", "content", "application/json", "examples", "set", "value", "euid"], 1),
    undefined,
  ],
  ["the version", set(["info", "version"], "2"), undefined],
])("not breaking: %s", async (_, edit, change) => {
  const changes = await changesOf(edit);
  expect(changes.filter((each) => each.startsWith("breaking"))).toEqual([]);
  if (change) expect(changes).toContainEqual(expect.stringMatching(change));
  else expect(changes).toEqual([]);
});

test("another name of a path parameter is another path", async () => {
  const spec = (name: string) => `openapi: 3.1.0
info: { title: Things, version: "1" }
paths:
  /things/{${name}}:
    parameters: [{ name: ${name}, in: path, required: true, schema: { type: string } }]
    get: { responses: { "200": { description: A thing } } }
`;
  await folder.write({ "id.yaml": spec("id"), "key.yaml": spec("key") });
  const changes = await compare(join(folder.path, "id.yaml"), join(folder.path, "key.yaml"));
  expect(changes).toContainEqual(expect.objectContaining({ breaking: true, where: "/things/{key}" }));
});
