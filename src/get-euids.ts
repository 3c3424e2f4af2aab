import type { Contract, Schema } from "./contract.ts";
import type { paths } from "./generated/contract.ts";
import { isInt64, parseJson } from "./int64.ts";
import type { Euids, GetEuidsBody } from "./types.ts";
import { encode } from "./validate.ts";

const REGISTER = "/v1/user/register" satisfies keyof paths;

/**
 * Asks for the EUIDs of a list of identities, each once, in as many requests as the limit of the contract demands.
 *
 * @param post sends one request and resolves to the envelope
 */
export async function getEuids(
  contract: Contract,
  post: (path: string, body: GetEuidsBody) => Promise<object>,
  body: GetEuidsBody,
): Promise<Euids> {
  const schema: Schema = contract.operations[`POST ${REGISTER}`]?.body || {};
  const { maxItems = Infinity, ...list }: Schema = schema.properties?.identity_values || {};
  const size = Math.max(1, maxItems);
  // The contract limits one request, not the list, which is split. The whole list is checked before the first request.
  const text = encode(body, { ...schema, properties: { ...schema.properties, identity_values: list } });
  const { identity_values, ...rest } = parseJson(text) as GetEuidsBody; // exactly what was checked
  const asked = [...new Set(identity_values)];
  const names = new Set(asked.map(String)); // another contract may have integers
  const euids = new Map<string, string>();
  for (let start = 0; start < asked.length; start += size) {
    const envelope = await post(REGISTER, { ...rest, identity_values: asked.slice(start, start + size) });
    for (const item of "data" in envelope && Array.isArray(envelope.data) ? envelope.data : []) {
      const { identity_value, euid }: { identity_value?: unknown; euid?: unknown } = Object(item);
      // The server may return any shape, even an object that can't be converted to a string.
      if (typeof identity_value === "object" || typeof euid === "object" || !isInt64(String(euid))) continue;
      if (names.has(String(identity_value))) euids.set(String(identity_value), String(euid));
    }
  }
  return Object.assign(euids, { missing: [...names].filter((name) => !euids.has(name)) });
}
