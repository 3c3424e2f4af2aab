/** A difference between two specs, as a caller of the API sees it. */
export interface Change {
  /** Whether calls that worked may fail, or code that compiled may not compile. */
  readonly breaking: boolean;
  /** `POST /v1/user/contact, request, contacts.email`. */
  readonly where: string;
  readonly message: string;
  /** The absolute path of the new file, or of the old one if something was removed. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export function toLine({ breaking, where, message, file, line, column }: Change): string {
  return `${breaking ? "breaking" : "ok      "}  ${where}: ${message} (${file}:${line}:${column})`;
}
