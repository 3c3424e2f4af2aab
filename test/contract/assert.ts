/** The few assertions that the suite needs, in plain JavaScript: no test framework runs everywhere. */

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** Equality of what JSON can write, whatever the order of members. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [show(actual), show(expected)];
  assert(a === b, `${what}: expected ${b}, got ${a}`);
}

function show(value: unknown): string {
  return (
    JSON.stringify(value, (_key, member: unknown) => {
      if (typeof member === "bigint") return `${member}n`;
      if (typeof member !== "object" || member === null || Array.isArray(member)) return member;
      return Object.fromEntries(Object.entries(member).sort(([x], [y]) => (x < y ? -1 : 1)));
    }) ?? "undefined"
  );
}
