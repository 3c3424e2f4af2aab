/** A shorter secret is taken for a placeholder: removing it would garble the text. */
const MIN_LENGTH = 4;

/** Maximum depth of a chain of causes, and of a prototype chain. */
const MAX_DEPTH = 10;

/** Removes secrets from a text. */
export type Redact = (text: string) => string;

/** @param secrets credentials, and values of request headers that may contain credentials */
export function toRedact(secrets: readonly string[]): Redact {
  const forms = secrets
    .flatMap((secret) => [secret, secret.replace(/^\S+ +/, "")]) // also without the scheme: `Bearer `
    .flatMap((text) => [text, text.replace(/=+$/, "")])
    .filter((form) => form.length >= MIN_LENGTH)
    .sort((a, b) => b.length - a.length); // longest first: a secret may contain another
  const redact: Redact = (text) => forms.reduce((rest, form) => rest.replaceAll(form, "[redacted]"), text);
  return (text) => {
    const plain = redact(text);
    const unquoted = unquote(plain);
    const clean = redact(unquoted);
    return clean === unquoted ? plain : clean;
  };
}

const ESCAPED = /\\(["\\/])|\\u([\da-f]{4})|&#x([\da-f]+);|&#(\d+);|&(amp|lt|gt|quot|apos);|(?:%[\da-f]{2})+/gi;
const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Undoes the escapes of JSON, HTML and URLs. Writers differ in which characters they escape. */
function unquote(text: string): string {
  return text.replace(
    ESCAPED,
    (escaped, char?: string, unit?: string, hex = unit, decimal?: string, entity?: string) => {
      if (hex || decimal) return String.fromCharCode(Number(hex ? `0x${hex}` : decimal));
      if (entity) return String(ENTITIES[entity.toLowerCase()]);
      return char ?? decodePercent(escaped);
    },
  );
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // not UTF-8
  }
}

/** A copy of a thrown value, without secrets. Runs no code of that value, apart from traps of a Proxy. */
export function copyCause(thrown: unknown, redact: Redact, depth = 0): unknown {
  if (typeof thrown === "string") return redact(thrown);
  if (Object(thrown) !== thrown) return typeof thrown === "symbol" ? undefined : thrown;
  const read = (key: string): unknown => {
    const value = readData(Object(thrown), key);
    return typeof value === "string" ? redact(value) : value;
  };
  const [name, message, code] = ["name", "message", "code"].map(read);
  // Runtimes build the stack when it is first read, from the object's name and message.
  const stack = typeof name === "string" && typeof message === "string" ? read("stack") : undefined;
  // Node's error for a host with several addresses has no message.
  const errors = message ? undefined : read("errors");
  const list = Array.from({ length: MAX_DEPTH }, (_, i) => readData(Object(errors), String(i)));
  const parts = [message, ...list.map((each) => each && describe(copyCause(each, redact, MAX_DEPTH)))];
  const text = parts.filter((part) => typeof part === "string" && part).join(", ");
  const copy = name === "TypeError" ? new TypeError(text) : new Error(text);
  const define = (key: string, value: unknown, types: RegExp): void => {
    if (types.test(typeof value)) Object.defineProperty(copy, key, { value, configurable: true, writable: true });
  };
  define("name", name, /string/);
  define("stack", stack ?? String(copy), /string/);
  define("code", code, /string|number/);
  if (depth < MAX_DEPTH) define("cause", copyCause(read("cause"), redact, depth + 1), /string|object|number/);
  return copy;
}

/** The messages of a cause and its own causes: `fetch failed: connect ECONNREFUSED 127.0.0.1:8788`. */
export function describe(cause: unknown): string {
  const parts: string[] = [];
  const add = (text: string): void => {
    if (!parts.some((part) => part.includes(text))) parts.push(text);
  };
  for (let each = cause; each !== undefined; each = each instanceof Error ? each.cause : undefined) {
    const { message = String(each), name = "", code }: Record<string, unknown> = Object(each);
    add(String(message || (code ?? name)));
    if (typeof code === "string") add(code);
  }
  return parts.join(": ");
}

/** Accessors of the runtime: in some, `message` or `stack` of an error is one. */
function isPlatformGetter(key: string, getter: unknown): boolean {
  const { DOMException } = globalThis as { DOMException?: unknown };
  const owners = [new Error(), Error.prototype, Object(DOMException).prototype];
  return owners.some((owner) => Object.getOwnPropertyDescriptor(Object(owner), key)?.get === getter);
}

/** An own or inherited member, unless reading it would run foreign code. */
function readData(value: object, key: string): unknown {
  try {
    let owner: object | null = value;
    for (let depth = 0; owner && depth < MAX_DEPTH; depth++, owner = Object.getPrototypeOf(owner)) {
      const found = Object.getOwnPropertyDescriptor(owner, key);
      if (found?.get && isPlatformGetter(key, found.get)) return found.get.call(value);
      if (found) return found.value;
    }
  } catch {
    // A revoked Proxy, or a runtime accessor called on an incompatible object.
  }
  return undefined;
}
