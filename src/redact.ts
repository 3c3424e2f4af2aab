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
      .flatMap((text) => [text, text.replace(/=+$/, ""), encodeURIComponent(text)])
      // As the body of an answer quotes it: some escape slashes, and all that is not ASCII.
      .flatMap((text) => {
        const quoted = JSON.stringify(text).slice(1, -1);
        const slashed = quoted.replaceAll("/", "\\/");
        return [text, quoted, slashed, toAscii(quoted), toAscii(slashed)];
      });
    // The longest first, or a secret that holds another would remain in part.
    this.#forms = [...new Set(forms)].filter((form) => form.length >= MIN_LENGTH).sort((a, b) => b.length - a.length);
  }

  text(text: string): string {
    return this.#forms.reduce((rest, form) => rest.replaceAll(form, "[redacted]"), text);
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
    if (typeof value === "string") return this.#forms.some((form) => value.includes(form));
    if (typeof value === "symbol") return this.#quotes(value.description, seen);
    if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) return false;
    if (seen.add(value).size > MAX_OBJECTS) return true;
    for (const member of members(value)) if (this.#quotes(member, seen)) return true;
    return false;
  }
}

function toAscii(text: string): string {
  return text.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
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
