/**
 * For users whose description of the API has moved on: what openapi-typescript needs to know of int64.
 *
 * ```ts
 * import openapiTS, { astToString } from "openapi-typescript";
 * import ts from "typescript";
 * import { int64 } from "engagelab-ma/codegen";
 *
 * const types = astToString(await openapiTS(new URL("my.yaml", import.meta.url), { transform: int64(ts) }));
 * ```
 *
 * @module
 */
import type ts from "typescript";

/**
 * A `transform` for openapi-typescript: int64 does not fit into a JavaScript number, so its type is `number | bigint`,
 * in both directions.
 *
 * @param typescript the module that openapi-typescript uses
 */
export function int64(typescript: typeof ts): (schema: object) => ts.TypeNode | undefined {
  const { factory, SyntaxKind } = typescript;
  return (schema) => {
    if (!("format" in schema) || schema.format !== "int64") return undefined;
    const types = "type" in schema ? [schema.type].flat() : ["integer"];
    // Of anything else than a plain integer openapi-typescript knows more.
    if (!types.includes("integer") || types.some((type) => type !== "integer" && type !== "null")) return undefined;
    if ("enum" in schema || "const" in schema) return undefined;
    const nullable = types.includes("null") || ("nullable" in schema && schema.nullable === true);
    return factory.createUnionTypeNode([
      factory.createKeywordTypeNode(SyntaxKind.NumberKeyword),
      factory.createKeywordTypeNode(SyntaxKind.BigIntKeyword),
      ...(nullable ? [factory.createLiteralTypeNode(factory.createNull())] : []),
    ]);
  };
}
