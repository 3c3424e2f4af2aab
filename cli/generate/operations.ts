/** The operations of a spec, as the client calls them. */
import type { Compiled } from "./compiled.ts";
import { allowsJson, toContentType } from "./media-type.ts";
import type { Problem } from "./problem.ts";
import type { SchemaCompiler } from "./schema.ts";
import type { SpecNode } from "./spec-node.ts";

/** TypeScript checks the type of a parameter. Nothing checks these keywords. */
const UNCHECKED_OF_PARAMETERS = new Set([
  ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern"],
  ...["minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "not"],
]);

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

export interface CompiledOperation {
  /** Whether sending a request again leaves the same state: always, never, or for these values of body members. */
  readonly repeatable: boolean | Readonly<Record<string, readonly string[]>>;
  /** `false`: no body can be sent. */
  readonly body?: Compiled | false;
  readonly bodyOptional?: true;
  /** Set if it is not `application/json`. */
  readonly contentType?: string;
  /** A successful response from the examples of the spec. */
  readonly success?: unknown;
}

/** The operations, by method and path (`POST /v1/user/contact`), each with the path item that it is in. */
export function operationsOf(root: SpecNode): Map<string, { readonly operation: SpecNode; readonly item: SpecNode }> {
  const paths = root.get("paths");
  const entries = (paths?.entries() ?? []).flatMap(([path]) => {
    const item = paths?.get(path);
    if (item === undefined || path.startsWith("x-")) return [];
    return METHODS.flatMap((method) => {
      const operation = item.get(method);
      return operation === undefined ? [] : [[`${method.toUpperCase()} ${path}`, { operation, item }] as const];
    });
  });
  return new Map(entries);
}

/**
 * @param reasons the names of the error codes
 * @param warn called with what is not checked or can't be called
 * @returns by method and path
 * @throws SpecError
 */
export function compileOperations(
  root: SpecNode,
  schemas: SchemaCompiler,
  reasons: ReadonlySet<string>,
  warn: (problem: Problem) => void,
): Map<string, CompiledOperation> {
  const operations = operationsOf(root);
  if (operations.size === 0) throw (root.get("paths") ?? root).fault("has no operations");
  checkIds(operations);
  return new Map(
    [...operations].map(([name, { operation, item }]) => {
      for (const each of [item, operation]) warnOfIgnored(each, warn);
      checkReasons(operation, reasons);
      const body = compileBody(operation, name, schemas, warn);
      const success = findSuccess(operation);
      const repeatable = compileRepeatable(operation, body.body);
      return [name, { repeatable, ...body, ...(success !== undefined && { success }) }];
    }),
  );
}

function checkIds(operations: ReturnType<typeof operationsOf>): void {
  const owners = new Map<unknown, { readonly name: string; readonly place: string }>();
  for (const [name, { operation }] of operations) {
    const id = operation.get("operationId");
    const owner = owners.get(id?.value);
    // Several paths may refer to one path item.
    if (id && owner && owner.place !== id.id) {
      throw id.fault(`the operationId ${id.value} is also that of ${owner.name}`);
    }
    if (id) owners.set(id.value, { name, place: id.id });
  }
}

/** Warns of parts of an operation or a path item that have no effect. */
function warnOfIgnored(node: SpecNode, warn: (problem: Problem) => void): void {
  const servers = node.member("servers");
  if (servers) warn(servers.problem("servers of single operations are ignored: baseUrl holds for all", true));
  for (const [, entry] of node.get("parameters")?.entries() ?? []) {
    const parameter = entry.target ?? entry;
    const schema = parameter.get("schema");
    const keywords = (schema?.entries() ?? [])
      .map(([keyword]) => keyword)
      .filter((keyword) => UNCHECKED_OF_PARAMETERS.has(keyword));
    const name = parameter.member("name")?.value;
    if (parameter.member("in")?.value === "cookie") warn(parameter.problem(`the cookie ${name} is not sent`));
    else if (schema && keywords.length > 0) {
      warn(schema.problem(`${keywords.join(", ")} of the parameter ${name} is not checked before a request is sent`));
    }
  }
}

function checkReasons(operation: SpecNode, reasons: ReadonlySet<string>): void {
  const list = operation.get("x-error-codes");
  if (list === undefined) return;
  if (!Array.isArray(list.value)) throw list.fault("x-error-codes must be a list of names");
  for (const [, entry] of list.entries()) {
    if (!reasons.has(String(entry.value))) {
      throw entry.fault(`${entry.value} is not in components, x-error-codes`);
    }
  }
}

/** An operation is not repeatable unless the spec says so. */
function compileRepeatable(operation: SpecNode, body: CompiledOperation["body"]): CompiledOperation["repeatable"] {
  const node = operation.get("x-repeatable");
  if (node === undefined) return false;
  if (typeof node.value === "boolean") return node.value;
  if (typeof node.value !== "object" || Array.isArray(node.value)) {
    throw node.fault(
      "x-repeatable must be true, false, or an object from a member of the body to a list of its values",
    );
  }
  const entries = node.entries().map(([name, list]) => {
    if (!Array.isArray(list.value)) throw list.fault("must be a list of values");
    const isObject = body && !body.anyOf && !body.oneOf;
    const schema = isObject || body === undefined ? body?.properties?.get(name) : {};
    if (!schema) throw list.fault(`the body has no member ${name}`, true);
    const values = list.entries().map(([, each]) => {
      if (typeof each.value !== "string") throw each.fault("must be a string");
      if (schema.enum && !schema.enum.includes(each.value)) throw each.fault(`${name} is never ${each.value}`);
      return each.value;
    });
    return [name, values] as const;
  });
  return Object.fromEntries(entries);
}

function compileBody(
  operation: SpecNode,
  name: string,
  schemas: SchemaCompiler,
  warn: (problem: Problem) => void,
): Pick<CompiledOperation, "body" | "bodyOptional" | "contentType"> {
  const requestBody = operation.get("requestBody");
  if (requestBody === undefined) return {};
  if (/^(GET|HEAD|TRACE) /.test(name)) warn(requestBody.problem(`fetch can't send a body with ${name}`, true));
  const optional = requestBody.member("required")?.value === true ? {} : ({ bodyOptional: true } as const);
  const [mediaType, media] = jsonOf(requestBody) ?? [];
  if (mediaType === undefined || media === undefined) {
    const types =
      requestBody
        .get("content")
        ?.entries()
        .map(([type]) => type) ?? [];
    warn(requestBody.problem(`a body of ${types.join(" or ")} can't be sent: the client sends JSON only`, true));
    return { body: false, ...optional };
  }
  const schema = media.member("schema");
  const contentType = toContentType(mediaType);
  return {
    body: schema === undefined ? {} : schemas.compile(schema),
    ...optional,
    ...(contentType !== "application/json" && { contentType }),
  };
}

/** The media type for JSON. Prefers `application/json` to a range or a related type. */
function jsonOf(node: SpecNode): [mediaType: string, media: SpecNode] | undefined {
  const content = node.get("content");
  const types = (content?.entries() ?? []).map(([type]) => type).filter(allowsJson);
  const type =
    types.find((each) => each === "application/json") ?? types.find((each) => !each.includes("*")) ?? types[0];
  const media = type === undefined ? undefined : content?.get(type);
  return type === undefined || media === undefined ? undefined : [type, media];
}

/** The first example of a response with code 0, unless it is the plain envelope. */
function findSuccess(operation: SpecNode): unknown {
  for (const [status] of operation.get("responses")?.entries() ?? []) {
    if (!/^(2|default$)/.test(status)) continue;
    const response = operation.get("responses")?.get(status);
    const media = response && jsonOf(response)?.[1];
    const named = media?.get("examples");
    const examples = [
      media?.get("example"),
      ...(named?.entries() ?? []).map(([name]) => named?.get(name)?.get("value")),
    ];
    for (const example of examples) {
      if (example?.get("code")?.value !== 0) continue;
      const names = example.entries().map(([name]) => name);
      return names.length === 2 && example.get("message")?.value === "success" ? undefined : toValue(example);
    }
  }
  return undefined;
}

/** A value of the document, with all digits of its integers. */
function toValue(node: SpecNode): unknown {
  if (Array.isArray(node.value)) return node.entries().map(([, item]) => toValue(item));
  if (typeof node.value !== "object" || node.value === null) return node.exactNumber ?? node.value;
  return Object.fromEntries(node.entries().map(([name, member]) => [name, toValue(member)]));
}
