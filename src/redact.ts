/** Shorter than this, a secret is a placeholder, and taking it out would only garble the text. */
const MIN_LENGTH = 4;

/** More objects than this in a cause are not looked through. */
const MAX_OBJECTS = 10_000;

/** What a printer calls. */
const PRINTERS: readonly PropertyKey[] = ["toString", "toJSON", Symbol.for("nodejs.util.inspect.custom")];

/** Takes secrets out of what an error shows: the credentials, and the values of request headers that may hold one. */
export class Redactor {
  readonly #forms: readonly string[];

  constructor(secrets: Iterable<string>) {
    const forms = [...secrets]
      .flatMap((secret) => [secret, secret.replace(/^\S+ +/, "")]) // also the token without its scheme
      .flatMap((text) => [text, text.replace(/=+$/, ""), encodeURIComponent(text)]);
    // The longest first, or a secret that holds another would remain in part.
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

  /** The cause itself, or nothing where something in it, however deep, quotes a secret. */
  cause(cause: unknown): unknown {
    try {
      return this.#forms.length > 0 && this.#quotes(cause, new Set()) ? undefined : cause;
    } catch {
      return undefined; // nobody can tell what it shows
    }
  }

  #quotes(value: unknown, seen: Set<unknown>): boolean {
    if (typeof value === "string") return this.text(value) !== value;
    if (typeof value === "symbol") return this.#quotes(value.description, seen);
    if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) return false;
    if (seen.add(value).size > MAX_OBJECTS) return true;
    for (const member of members(value)) if (this.#quotes(member, seen)) return true;
    return false;
  }
}

/** What stands in a body as JSON or a URL quotes it: which characters they escape, and how, is up to their writer. */
function unquote(text: string): string {
  return text.replace(/\\u([\da-f]{4})|\\(["\\/])|%[\da-f]{2}/gi, (escaped, hex?: string, char?: string) =>
    hex ? String.fromCharCode(Number.parseInt(hex, 16)) : (char ?? escaped.toUpperCase()),
  );
}

/**
 * What a printer could show of an object: its own members, its class's accessors, the entries of a collection, and what it
 * says of itself.
 */
function* members(value: object): Iterable<unknown> {
  if (ArrayBuffer.isView(value)) return; // its numbers quote nothing
  // Not any iterable: to read a generator is to use it up. By the tag, since another realm has classes of its own.
  if (/ (Map|Set|Headers|URLSearchParams|FormData)\]$/.test(Object.prototype.toString.call(value))) {
    yield* value as Iterable<unknown>;
  }
  for (const printer of PRINTERS) {
    try {
      const print: unknown = Reflect.get(value, printer);
      if (typeof print === "function") yield print.call(value, 0, {}, String);
    } catch {
      // It shows nothing.
    }
  }
  for (let owner: object | null = value; owner && owner !== Object.prototype; owner = Object.getPrototypeOf(owner)) {
    for (const key of Reflect.ownKeys(owner)) {
      if (key === "constructor") continue;
      yield key;
      try {
        yield Reflect.get(owner, key, value);
      } catch {
        // An accessor that throws shows nothing.
      }
    }
  }
}
