/** A shorter secret is taken for a placeholder: removing it would garble the text. */
const MIN_LENGTH = 4;

/** Maximum depth of a chain of causes, and of a prototype chain. */
const MAX_DEPTH = 10;

/** Removes secrets from a text. */
export type Redact = (text: string) => string;

/** The pattern of the latest secrets: a call has several texts, and a client many calls. */
let latest: { readonly key: string; readonly redact: Redact } | undefined;

/** @param secrets credentials, and values of request headers that may contain credentials */
export function toRedact(secrets: readonly string[]): Redact {
  const key = secrets.join("\n");
  latest = latest?.key === key ? latest : { key, redact: compile(secrets) };
  return latest.redact;
}

function compile(secrets: readonly string[]): Redact {
  const forms = secrets
    // Also without the scheme (`Bearer `), and each value of a cookie or of Digest credentials.
    .flatMap((secret) => [secret, secret.replace(/^\S+ +/, ""), ...secret.split(/[\s,;"]*[\w-]+="?|[",;]/)])
    .map((form) => form.replace(/=+$/, ""))
    .filter((form) => form.length >= MIN_LENGTH)
    .sort((a, b) => b.length - a.length); // longest first: a secret may contain another
  if (forms.length === 0) return (text) => text;
  const pattern = new RegExp(forms.map((form) => `${Array.from(form, spellings).join("")}=*`).join("|"), "giu");
  return (text) => text.replace(pattern, "[redacted]");
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos" };

/** A pattern for a character, also as JSON, HTML and URLs escape it. Bounded, so that matching stays linear. */
function spellings(char: string): string {
  const code = Number(char.codePointAt(0));
  const hex = code.toString(16);
  const units = char.split("").map((unit) => unit.charCodeAt(0).toString(16).padStart(4, "0"));
  const entity = char in ENTITIES ? `|${ENTITIES[char]}` : "";
  const percent = code < 128 ? `%${hex.padStart(2, "0")}` : encodeURIComponent(char);
  return `(?:${[
    `\\\\{0,4}\\u{${hex}}`,
    units.map((unit) => `\\\\{1,4}u${unit}`).join(""),
    percent.replaceAll("%", "%(?:25){0,4}"),
    `&(?:#0{0,6}${code}|#x0{0,6}${hex}${entity});`,
    ...(char === " " ? ["\\+"] : []),
  ].join("|")})`;
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
  const errors = message || depth === MAX_DEPTH ? undefined : read("errors");
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
