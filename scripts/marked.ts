/** The parts of a document that a run writes: between `<!-- name: … -->` and `<!-- name: end -->`. */
export function replaceMarked(text: string, name: string, lines: readonly string[]): string {
  const part = new RegExp(`(<!-- ${name}: .+? -->\n).*?(?=<!-- ${name}: end -->)`, "s");
  if (!part.test(text)) throw new Error(`the document has no marks ${name}`);
  return text.replace(part, (_part, mark: string) => `${mark}\n${lines.map((line) => `${line}\n`).join("")}\n`);
}
