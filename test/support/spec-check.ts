/** Generates a contract from a spec and checks values with it. */
import { generate } from "../../cli/generate/index.ts";
import { encode } from "../../src/validate.ts";
import { createSpecFolder, loadContract, specWith } from "./spec.ts";

/** @param files the first one is the spec */
export async function generateFrom(files: Readonly<Record<string, string>>) {
  const folder = await createSpecFolder();
  try {
    const { source, warnings } = await generate(await folder.write(files));
    return { contract: await loadContract(source), warnings };
  } finally {
    await folder.remove();
  }
}

/** The operation of `specWith`, and the warnings. */
export async function generateWith(spec: string) {
  const { contract, warnings } = await generateFrom({ "spec.json": spec });
  return { operation: contract.operations["POST /v1/things"], warnings: warnings.map(({ message }) => message) };
}

/** The JSON sent for a value, or the path of the fault. */
export async function check(schema: unknown, value: unknown, version?: string) {
  const { operation, warnings } = await generateWith(specWith(schema, version));
  try {
    return { sent: encode(value, operation?.body), warnings };
  } catch (error) {
    return { refused: Object(error).path, warnings };
  }
}

export const ID = { $ref: "#/components/schemas/Id" };
export const NODE = { $ref: "#/components/schemas/Node" };
export const object = (properties: object, more: object = {}) => ({ type: "object", properties, ...more });
