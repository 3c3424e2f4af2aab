/** The TypeScript types of one description, by openapi-typescript. */
import openapiTS, { astToString } from "openapi-typescript";
import ts from "typescript";
import { int64 } from "../src/codegen.ts";

export async function typesSource(description: URL): Promise<string> {
  return astToString(await openapiTS(description, { transform: int64(ts) }));
}
