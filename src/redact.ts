/** Shorter than this, a secret is a placeholder, and taking it out would only garble the text. */
const MIN_LENGTH = 4;

/** More objects than this in a cause are not looked through. */
const MAX_OBJECTS = 1000;

/** Takes secrets out of what an error shows: the credentials and the values of request headers. */
export class Redactor {
  readonly #forms: readonly string[];

  constructor(secrets: Iterable<string>) {
    const forms = [...secrets].flatMap((secret) => [
      secret,
      JSON.stringify(secret).slice(1, -1), // as the body of an answer quotes it
      secret.replace(/^\w+ /, ""), // the token without its scheme
    ]);
    // The longest first, or a secret that holds another would remain in part.
    this.#forms = [...new Set(forms)].filter((form) => form.length >= MIN_LENGTH).sort((a, b) => b.length - a.length);
  }

  text(text: string): string {
    return this.#forms.reduce((rest, form) => rest.replaceAll(form, "[redacted]"), text);
  }

  /** The cause itself, or nothing where something in it, however deep, quotes a secret. */
  cause(cause: unknown): unknown {
    return this.#quoted(cause, new Set()) ? undefined : cause;
  }

  #quoted(value: unknown, seen: Set<unknown>): boolean {
    if (typeof value === "string") return this.#forms.some((form) => value.includes(form));
    if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) return false;
    if (seen.add(value).size > MAX_OBJECTS) return true;
    return [...members(value)].some((member) => this.#quoted(member, seen));
  }
}

/** What an inspector could show of an object: its own members, its class's accessors, the entries of a collection. */
function* members(value: object): Iterable<unknown> {
  if (Symbol.iterator in value && !ArrayBuffer.isView(value)) {
    const entries = value as Iterable<unknown>;
    yield* entries;
  }
  for (let owner: object | null = value; owner && owner !== Object.prototype; owner = Object.getPrototypeOf(owner)) {
    for (const key of Reflect.ownKeys(owner)) {
      if (key === "constructor") continue;
      try {
        yield Reflect.get(owner, key, value);
      } catch {
        // An accessor that throws shows nothing.
      }
    }
  }
}
