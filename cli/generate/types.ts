/** Generates the TypeScript types of a spec with openapi-typescript. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { bundle, createConfig } from "@redocly/openapi-core";
import type { OpenAPI3 } from "openapi-typescript";
import type ts from "typescript";

/** openapi-typescript or TypeScript is not installed, or not in a version that works. */
export class PeerError extends Error {}

type OpenapiTypescript = typeof import("openapi-typescript");

interface Peers {
  readonly openapi: OpenapiTypescript;
  readonly typescript: typeof ts;
}

/** The user installs both: next to this package, or, with `npx`, in the current folder. */
function loadPeers(): Peers {
  for (const from of [import.meta.url, join(process.cwd(), "noname.js")]) {
    const load = createRequire(from);
    try {
      const openapi: OpenapiTypescript = load("openapi-typescript");
      const typescript: typeof ts = createRequire(load.resolve("openapi-typescript"))("typescript");
      if ("factory" in typescript) return { openapi, typescript };
    } catch {}
  }
  throw new PeerError("generate needs two more packages: npm install --save-dev openapi-typescript@7 typescript@5");
}

/**
 * @param path a spec without faults
 * @param marked whether members are marked as read-only or write-only, by types of openapi-typescript
 * @throws PeerError
 */
export async function generateTypes(path: string, marked: boolean): Promise<string> {
  const { openapi, typescript } = loadPeers();
  // Without rules: the spec has been checked already, and schemas may have any keyword.
  const config = await createConfig({}, { extends: [] });
  const { bundle: document } = await bundle({ ref: path, config, dereference: false });
  const options = {
    redocly: config,
    silent: true,
    emptyObjectsUnknown: true,
    readWriteMarkers: marked,
    transform: (schema: object) => transformInt64(schema, typescript),
  };
  try {
    const types = openapi.astToString(await openapi.default(toTypeable(document.parsed), options));
    return types
      .replace(/^export interface paths /m, "/** The operations of the spec, by path and method. */\n$&")
      .replace(/^export interface components /m, "/** The schemas of the spec, by name. */\n$&");
  } catch (error) {
    throw new Error(`openapi-typescript has no types for ${path}: ${error}`);
  }
}

/** Rewrites what openapi-typescript would misread. */
function toTypeable(value: unknown): OpenAPI3 {
  return JSON.parse(JSON.stringify(value), (_key, member: unknown) => {
    if (typeof member !== "object" || member === null) return member;
    // It ignores keywords beside a $ref.
    if ("$ref" in member && BESIDE_REF.some((keyword) => keyword in member)) {
      const { $ref, ...beside } = member;
      return { allOf: [{ $ref }], ...beside };
    }
    // It mistakes the name of a schema for a file.
    if ("mapping" in member && "propertyName" in member && typeof member.mapping === "object") {
      const mapping = Object.entries(Object(member.mapping)).map(([value, to]) => [value, toRef(String(to))]);
      return { ...member, mapping: Object.fromEntries(mapping) };
    }
    return member;
  });
}

const BESIDE_REF = ["nullable", "properties", "required", "type", "enum", "const", "allOf", "anyOf", "oneOf"];

function toRef(schema: string): string {
  return /[/#.]/.test(schema) ? schema : `#/components/schemas/${schema}`;
}

/** int64 does not fit into a JavaScript number, so its type is `number | bigint`, in both directions. */
function transformInt64(schema: object, { factory, SyntaxKind }: typeof ts): ts.TypeNode | undefined {
  if (!("format" in schema) || schema.format !== "int64" || "const" in schema) return undefined;
  const types = "type" in schema ? [schema.type].flat() : ["integer"];
  // For several types, openapi-typescript calls this once for each.
  if (types.some((type) => type !== "integer" && type !== "null") || !types.includes("integer")) return undefined;
  if ("enum" in schema) return undefined;
  const nullable = types.includes("null") || ("nullable" in schema && schema.nullable === true);
  return factory.createUnionTypeNode([
    factory.createKeywordTypeNode(SyntaxKind.NumberKeyword),
    factory.createKeywordTypeNode(SyntaxKind.BigIntKeyword),
    ...(nullable ? [factory.createLiteralTypeNode(factory.createNull())] : []),
  ]);
}
