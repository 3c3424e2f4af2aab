import { contract } from "../src/generated/contract.ts";

const body = contract.operations["POST /v1/user/contact"]?.body || {};
const contacts = body.properties?.contacts || {};

/** The contact names that the contract lists. Others can be sent too. */
export const KNOWN_CONTACTS: readonly string[] = Object.keys(contacts.properties ?? {});

/** A warning for a name that may be mistyped. */
export function unknownContact(name: string): string | undefined {
  if (KNOWN_CONTACTS.includes(name)) return undefined;
  return `Warning: the contact name ${name} is not one of ${KNOWN_CONTACTS.join(", ")}. It is sent as it is.`;
}
