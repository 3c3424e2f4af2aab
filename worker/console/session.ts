/** The tokens and the EUID, which all views share. They are kept in this page's memory only. */
import { type Client, createClient } from "../../src/index.ts";
import type { paths } from "../generated/gateway.ts";

interface Shared {
  read(): string;
  write(value: string): void;
}

const listeners = new Set<() => void>();

/** Registers a callback for changes of the EUID or a token. */
export function onChange(listener: () => void): void {
  listeners.add(listener);
}

/** Keeps all inputs of a class at the same value, trimmed. */
function share(className: string): Shared {
  const inputs = Array.from(document.querySelectorAll<HTMLInputElement>(`input.${className}`));
  let value = "";
  const update = (text: string, source?: HTMLInputElement) => {
    if (text.trim() === value) return;
    value = text.trim();
    for (const input of inputs) if (input !== source) input.value = value;
    for (const listener of listeners) listener();
  };
  for (const input of inputs) {
    input.addEventListener("input", () => update(input.value, input));
    input.addEventListener("change", () => {
      input.value = value;
    });
  }
  return { read: () => value, write: update };
}

const token = share("token");
const operatorToken = share("operator-token");
export const euid: Shared = share("euid");

/** A client that makes one attempt, so that the page shows exactly that response. */
function connect(bearer: string): Client<paths> {
  const headers = bearer === "" ? {} : { Authorization: `Bearer ${bearer}` };
  return createClient<paths>({ baseUrl: location.origin, headers, maxRetries: 0 });
}

export const asCaller = (): Client<paths> => connect(token.read());
export const asOperator = (): Client<paths> => connect(operatorToken.read());
/** Operators may also read the state of any user. */
export const asReader = (): Client<paths> => connect(token.read() || operatorToken.read());
export const hasOperatorToken = (): boolean => operatorToken.read() !== "";

/**
 * `npm start` opens the console with tokens in the fragment, which no server sees. Loopback only:
 * elsewhere a link could plant somebody else's tokens.
 */
export function fillFromFragment(): void {
  const given = new URLSearchParams(location.hash.slice(1));
  if (!given.has("token")) return;
  history.replaceState(null, "", location.pathname);
  if (!["127.0.0.1", "localhost", "[::1]"].includes(location.hostname)) return;
  token.write(given.get("token") ?? "");
  operatorToken.write(given.get("operator") ?? "");
  euid.write(given.get("euid") ?? "");
}
