import { getLineColLocation, type resolveDocument, type Source } from "@redocly/openapi-core";
import { type Problem, problemAt, SpecError } from "./problem.ts";

/** The targets of each `$ref`, by file. */
export type Refs = Awaited<ReturnType<typeof resolveDocument>>;

/** A value in a spec, with its place. */
export class SpecNode {
  readonly value: unknown;
  readonly #source: Source;
  readonly #pointer: string;
  readonly #refs: Refs;

  constructor(value: unknown, source: Source, pointer: string, refs: Refs) {
    this.value = value;
    this.#source = source;
    this.#pointer = pointer;
    this.#refs = refs;
  }

  /** The same, whichever `$ref` leads to the value. */
  get id(): string {
    return this.#source.absoluteRef + this.#pointer;
  }

  /** The last part of its path in the document. */
  get name(): string {
    const [last = ""] = this.#pointer.split("/").slice(-1);
    return last.replaceAll("~1", "/").replaceAll("~0", "~");
  }

  /** The target of a value that is a `$ref`. */
  get target(): SpecNode | undefined {
    const { $ref } = this.#members;
    if (typeof $ref !== "string") return undefined;
    const ref = this.#refs.get(`${this.#source.absoluteRef}::${$ref}`);
    if (!ref?.resolved || ref.node === undefined) throw this.fault(`can't resolve the $ref ${$ref}`);
    return new SpecNode(ref.node, ref.document.source, ref.nodePointer, this.#refs);
  }

  get #members(): Readonly<Record<string, unknown>> {
    return typeof this.value === "object" && this.value !== null ? (this.value as Record<string, unknown>) : {};
  }

  /** A member as it is in the document, a `$ref` too. */
  member(name: string): SpecNode | undefined {
    const members = this.#members;
    if (!Object.hasOwn(members, name) || members[name] === undefined) return undefined;
    const pointer = `${this.#pointer.replace(/\/$/, "")}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    return new SpecNode(members[name], this.#source, pointer, this.#refs);
  }

  /** A member, or what it refers to. */
  get(name: string): SpecNode | undefined {
    const member = this.member(name);
    return member?.target ?? member;
  }

  /** What a path of names leads to, with each `$ref` followed. */
  find(...names: readonly string[]): SpecNode | undefined {
    return names.reduce<SpecNode | undefined>((node, name) => node?.get(name), this);
  }

  /** All members or items, as they are in the document. */
  entries(): [name: string, node: SpecNode][] {
    return Object.keys(this.#members).flatMap((name) => {
      const member = this.member(name);
      return member === undefined ? [] : [[name, member]];
    });
  }

  /** An integer that a number does not hold exactly becomes a bigint: the document has all its digits. */
  get exactNumber(): number | bigint | undefined {
    if (typeof this.value !== "number") return undefined;
    if (!Number.isInteger(this.value) || Number.isSafeInteger(this.value)) return this.value;
    const { start, end } = getLineColLocation({ source: this.#source, pointer: this.#pointer });
    const literal = this.#source.getLines()[start.line - 1]?.slice(start.col - 1, end && end.col - 1) ?? "";
    return /^[+-]?\d+$/.test(literal) ? BigInt(literal) : this.value;
  }

  /** @param onKey whether to point at its name instead of its value */
  problem(message: string, onKey = false): Problem {
    return problemAt({ source: this.#source, pointer: this.#pointer, reportOnKey: onKey }, message);
  }

  fault(message: string, onKey = false): SpecError {
    return new SpecError([this.problem(message, onKey)]);
  }
}
