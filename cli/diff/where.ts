const METHODS = /^(get|put|post|delete|options|head|patch|trace)$/;

/** Readable: `#/paths/~1v1~1user~1contact/post/requestBody/…` is `POST /v1/user/contact, request, contacts.email`. */
export function whereIs(pointer: string): string {
  const [first = "", ...rest] = pointer.replace(/^#\//, "").split("/").map(unescapePointer);
  if (first !== "paths") return [first, ...rest].join(" ");
  const [path = "", method = "", ...below] = rest;
  if (!METHODS.test(method)) return [path, ...[method, ...below].filter(Boolean)].join(", ");
  return [`${method.toUpperCase()} ${path}`, ...partOf(below)].join(", ");
}

function unescapePointer(part: string): string {
  return part.replaceAll("~1", "/").replaceAll("~0", "~");
}

function partOf(parts: readonly string[]): string[] {
  const [part, ...below] = parts;
  if (part === undefined) return [];
  const schema = below.indexOf("schema");
  if (part === "requestBody") return ["request", ...memberOf(schema < 0 ? [] : below.slice(schema + 1))];
  if (part === "responses")
    return [`response ${below[0] ?? ""}`, ...memberOf(schema < 0 ? [] : below.slice(schema + 1))];
  return [part];
}

/** From the parts of a schema to the members of a value: `data[].euid`. */
function memberOf(parts: readonly string[]): string[] {
  let member = "";
  for (let i = 0; i < parts.length; i++) {
    if (parts[i] === "properties") member += `${member && "."}${parts[++i] ?? ""}`;
    else if (parts[i] === "items") member += "[]";
    else if (parts[i] === "additionalProperties") member += "{}";
  }
  return member === "" ? [] : [member];
}
