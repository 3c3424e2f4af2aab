/** Shorter than this, a secret is a placeholder, and taking it out would only garble the text. */
const MIN_LENGTH = 4;

/** More objects than this in a cause are not looked through. */
const MAX_OBJECTS = 1000;

/** Takes secrets out of what an error shows: the credentials and the values of request headers. */
export class Redactor {
  readonly #forms: readonly string[];

  constructor(secrets: Iterable<string>) {
    const forms = [...secrets]
      .flatMap((secret) => [secret, secret.replace(/^\w+ /, "")]) // also the token without its scheme
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

/** What an inspector could show of an object: its own members, its class's accessors, the entries of a collection. */
function* members(value: object): Iterable<unknown> {
  if (ArrayBuffer.isView(value)) return; // its numbers quote nothing
  // Not any iterable: to read a generator is to use it up.
  if (value instanceof Map || value instanceof Set || value instanceof Headers) yield* value;
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
