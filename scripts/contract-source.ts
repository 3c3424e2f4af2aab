/** The part of the contract that is read at run time: server, operations with the schemas of their bodies, error codes. */
import { fileURLToPath } from "node:url";
import { bundle, createConfig } from "@redocly/openapi-core";

type Json = { readonly [key: string]: unknown };

const HEADER = `import type { Contract, Examples } from "../contract.ts";
import type { paths } from "./schema.ts";
`;

/** The keywords that validate.ts knows. */
const KEYWORDS = new Set([
  ...["type", "format", "enum", "minimum", "maximum", "pattern", "minLength", "maxLength"],
  ...["properties", "required", "additionalProperties", "minProperties", "items", "minItems", "maxItems"],
]);
const ANNOTATIONS =
  /^(description|title|summary|examples?|default|deprecated|readOnly|writeOnly|externalDocs|\$comment|x-.*)$/;
const NESTED = new Set(["items", "additionalProperties"]);
const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/** Told what of the contract goes unchecked. */
type Warn = (problem: string) => void;

/** The schema without its prose. One with a keyword that is not known becomes a schema that allows everything. */
function checkable(schema: Json, where: string, warn: Warn): Json {
  // `true` is the schema that allows everything, as its absence does.
  const entries = Object.entries(schema).filter(
    ([keyword, value]) => !ANNOTATIONS.test(keyword) && !(value === true && NESTED.has(keyword)),
  );
  const unknown = entries.map(([keyword]) => keyword).filter((keyword) => !KEYWORDS.has(keyword));
  if (unknown.length > 0) {
    warn(`${where} is sent without a check: src/validate.ts does not know ${unknown.join(", ")}`);
    return {};
  }
  return Object.fromEntries(
    entries.map(([keyword, value]) => {
      const at = `${where}.${keyword}`;
      if (keyword === "properties") {
        const properties = Object.entries(value as Record<string, Json>);
        return [
          keyword,
          Object.fromEntries(properties.map(([name, child]) => [name, checkable(child, `${at}.${name}`, warn)])),
        ];
      }
      if (NESTED.has(keyword)) {
        return [keyword, value === false ? value : checkable(value as Json, at, warn)];
      }
      return [keyword, value];
    }),
  );
}

interface Description {
  servers: { url: string }[];
  paths: Record<string, Record<string, OperationObject>>;
  components: {
    "x-error-codes": Record<string, { code: number; message: string } & Json>;
  };
}

interface OperationObject {
  "x-repeatable"?: boolean | Record<string, string[]>;
  "x-error-codes"?: string[];
  responses: Record<string, { content?: Record<string, { examples?: Record<string, { value: { code: number } }> }> }>;
  requestBody?: { required?: boolean; content: Record<string, { schema?: Json }> };
}

function bodySchema({ requestBody }: OperationObject, name: string, warn: Warn): Json | undefined {
  if (requestBody === undefined) return undefined;
  const media = requestBody.content["application/json"];
  if (media === undefined) throw new Error(`${name}: only a body of application/json can be sent`);
  return checkable(media.schema ?? {}, name, warn);
}

/** Nothing is repeated that the contract does not say so of. */
function repeatable(operation: OperationObject, body: Json | undefined, name: string): boolean | Json {
  const value = operation["x-repeatable"] ?? false;
  if (typeof value === "boolean") return value;
  const properties = body?.properties as Record<string, { enum?: unknown[] }> | undefined;
  for (const [member, values] of Object.entries(value)) {
    const unknown = values.filter((each) => !properties?.[member]?.enum?.includes(each));
    if (unknown.length > 0) throw new Error(`${name}: x-repeatable: ${member} is never ${unknown.join(" or ")}`);
  }
  return value;
}

/** Each code that an operation names must stand in the components of one of these, itself or as a `$ref`. */
function checkReasons(operation: OperationObject, name: string, descriptions: readonly Description[]): void {
  for (const reason of operation["x-error-codes"] ?? []) {
    if (!descriptions.some(({ components }) => reason in components["x-error-codes"])) {
      throw new Error(
        `${name}: components, x-error-codes has no ${reason} (ma.yaml must refer to those of contact.yaml)`,
      );
    }
  }
}

async function load(description: URL): Promise<Description> {
  const config = await createConfig({});
  const { bundle: loaded } = await bundle({ ref: fileURLToPath(description), config, dereference: true });
  return loaded.parsed as Description;
}

/** @param api the vendor's description; `gateway` adds codes of its own, but no operations */
export async function contractSource(api: URL, gateway: URL, warn: Warn): Promise<string> {
  const [description, gatewayDescription] = await Promise.all([load(api), load(gateway)]);

  const operations: Record<string, Json> = {};
  const successes: Record<string, Json> = {};
  for (const [path, item] of Object.entries(description.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation === undefined) continue;
      const name = `${method.toUpperCase()} ${path}`;
      checkReasons(operation, name, [description]);
      const body = bodySchema(operation, name, warn);
      const examples = Object.values(operation.responses["200"]?.content?.["application/json"]?.examples ?? {});
      const success = examples.find(({ value }) => value.code === 0);
      if (success) successes[name] = success.value;
      operations[name] = {
        repeatable: repeatable(operation, body, name),
        ...(body && { body }),
        ...(body && !operation.requestBody?.required && { bodyOptional: true }),
      };
    }
  }

  for (const [path, item] of Object.entries(gatewayDescription.paths)) {
    for (const operation of Object.values(item))
      checkReasons(operation, `gateway: ${path}`, [description, gatewayDescription]);
  }
  const codes = [description, gatewayDescription].flatMap(({ components }) =>
    Object.entries(components["x-error-codes"]),
  );
  const errorCodes = Object.fromEntries(
    codes.map(([reason, { code, solution, retryable, inDoubt }]) => [
      code,
      { reason, solution, retryable: retryable || undefined, inDoubt },
    ]),
  );
  if (Object.keys(errorCodes).length !== codes.length) throw new Error("x-error-codes: a code stands there twice");
  const reasons = codes.map(([reason]) => reason);
  const failures = Object.fromEntries(codes.map(([reason, { code, message }]) => [reason, { code, message }]));

  const servers = description.servers.map(({ url }) => url);
  return [
    HEADER,
    "/** The names of the codes, and `unknown` for a code that is not in the contract. New ones may come with a minor version. */",
    `export type ErrorReason =${[...reasons, "unknown"].map((reason) => `\n  | ${JSON.stringify(reason)}`).join("")};\n`,
    "/** What the client reads. */",
    `export const contract: Contract<paths> = ${JSON.stringify({ servers, operations, errorCodes }, null, 2)};\n`,
    "/** The first example of success of each operation, for servers. Kept apart: a client has no use for it. */",
    `export const successes: Examples["successes"] = ${JSON.stringify(successes, null, 2)};\n`,
    "/** The envelopes of failures, for servers. */",
    `export const failures = ${JSON.stringify(failures, null, 2)} as const;\n`,
  ].join("\n");
}
