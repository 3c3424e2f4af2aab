/** One line of JSON. Never contact values, tokens, or words of the upstream. */
export function log(fields: Readonly<Record<string, unknown>>): void {
  console.log(JSON.stringify(fields));
}
