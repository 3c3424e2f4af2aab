/** A shorter secret is a placeholder. Removing it would only garble the text. */
const MIN_LENGTH = 4;

/** How deep a chain of causes is copied, and how far up a member is looked for. */
const MAX_DEPTH = 10;

/** Removes secrets from what an error shows: credentials, and the values of request headers that may contain one. */
export class Redactor {
  readonly #forms: readonly string[];

  constructor(secrets: Iterable<string>) {
    const forms = [...secrets]
      .flatMap((secret) => [secret, secret.replace(/^\S+ +/, "")]) // also the token without its scheme
      .flatMap((text) => [text, text.replace(/=+$/, ""), encodeURIComponent(text)]);
    // The longest first: a secret may contain another.
    this.#forms = [...new Set(forms)].filter((form) => form.length >= MIN_LENGTH).sort((a, b) => b.length - a.length);
  }

  text(text: string): string {
    const redact = (from: string): string =>
      this.#forms.reduce((rest, form) => rest.replaceAll(form, "[redacted]"), from);
    const plain = redact(text);
    const unquoted = unquote(plain);
    const clean = redact(unquoted);
    return clean === unquoted ? plain : clean;
  }

  /** A copy of what was thrown, without secrets. No code of the thrown object is run, apart from traps of a Proxy. */
  cause(thrown: unknown, depth = 0): unknown {
    if (typeof thrown === "string") return this.text(thrown);
    if ((typeof thrown !== "object" && typeof thrown !== "function") || thrown === null) {
      return typeof thrown === "symbol" ? undefined : thrown;
    }
    const read = (key: string): unknown => {
      const value = readData(thrown, key);
      return typeof value === "string" ? this.text(value) : value;
    };
    const [name, message, code] = ["name", "message", "code"].map(read);
    // Runtimes write the stack when it is first read, and ask the object for its name and its message then.
    const stack = typeof name === "string" && typeof message === "string" ? read("stack") : undefined;
    // Node's error of a host with several addresses has no message of its own.
    const errors = message ? undefined : readData(thrown, "errors");
    const parts = Array.isArray(errors) ? errors.map((each) => describe(this.cause(each, MAX_DEPTH))) : [message];
    const inner = depth < MAX_DEPTH ? readData(thrown, "cause") : undefined;
    const text = parts.filter((part) => typeof part === "string" && part).join(", ");
    const copy = name === "TypeError" ? new TypeError(text) : new Error(text);
    define(copy, "name", name, "string");
    define(copy, "stack", stack ?? String(copy), "string");
    define(copy, "code", code, "string", "number");
    if (inner !== undefined) define(copy, "cause", this.cause(inner, depth + 1), "string", "object", "number");
    return copy;
  }
}

function define(copy: Error, key: string, value: unknown, ...types: string[]): void {
  if (types.includes(typeof value)) Object.defineProperty(copy, key, { value, configurable: true, writable: true });
}

/** What a cause says, with what it was caused by: `fetch failed: connect ECONNREFUSED 127.0.0.1:8788`. */
export function describe(cause: unknown): string {
  const parts: string[] = [];
  for (let each = cause; each !== undefined; each = each instanceof Error ? each.cause : undefined) {
    const {
      message = String(each),
      name = "",
      code,
    }: { message?: string; name?: string; code?: unknown } = Object(each);
    const text = message || String(code ?? name);
    if (!parts.some((part) => part.includes(text))) parts.push(text);
    if (typeof code === "string" && !parts.some((part) => part.includes(code))) parts.push(code);
  }
  return parts.join(": ");
}

/** Accessors of the runtime itself: some keep `message` or `stack` of an error behind one. */
function isPlatformGetter(key: string, getter: unknown): boolean {
  const { DOMException } = globalThis as { DOMException?: unknown };
  const owners = [new Error(), Error.prototype, Object(DOMException).prototype];
  return owners.some((owner) => Object.getOwnPropertyDescriptor(Object(owner), key)?.get === getter);
}

/** A member, own or inherited, unless foreign code would have to be run for it. */
function readData(value: object, key: string): unknown {
  try {
    let owner: object | null = value;
    for (let depth = 0; owner && depth < MAX_DEPTH; depth++, owner = Object.getPrototypeOf(owner)) {
      const found = Object.getOwnPropertyDescriptor(owner, key);
      if (found?.get && isPlatformGetter(key, found.get)) return found.get.call(value);
      if (found) return found.value;
    }
  } catch {
    // A revoked Proxy, or an accessor that the runtime made for another object.
  }
  return undefined;
}

/** Undoes the escapes of JSON and URLs. Writers differ in which characters they escape. */
function unquote(text: string): string {
  return text.replace(/\\u([\da-f]{4})|\\(["\\/])|%[\da-f]{2}/gi, (escaped, hex?: string, char?: string) =>
    hex ? String.fromCharCode(Number.parseInt(hex, 16)) : (char ?? escaped.toUpperCase()),
  );
}
