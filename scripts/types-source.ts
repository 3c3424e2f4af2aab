/** The TypeScript types of one description, by openapi-typescript. */
import openapiTS, { astToString, type SchemaObject } from "openapi-typescript";
import ts from "typescript";

/** int64 does not fit into a JavaScript number: the type is `number | bigint`, in both directions. */
function int64(schema: SchemaObject): ts.TypeNode | undefined {
  if (!("format" in schema) || schema.format !== "int64") return undefined;
  return ts.factory.createUnionTypeNode([
    ts.factory.createKeywordTypeNode(ts.SyntaxKind.NumberKeyword),
    ts.factory.createKeywordTypeNode(ts.SyntaxKind.BigIntKeyword),
  ]);
}

export async function typesSource(description: URL): Promise<string> {
  return astToString(await openapiTS(description, { transform: int64 }));
}
