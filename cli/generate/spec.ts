/** Reads a spec with all files that it refers to, and finds its faults. */
import { basename } from "node:path";
import {
  BaseResolver,
  createConfig,
  type Document,
  detectSpec,
  getLineColLocation,
  getTypes,
  lintDocument,
  type NormalizedProblem,
  normalizeTypes,
  ResolveError,
  resolveDocument,
  type Source,
  YamlParseError,
} from "@redocly/openapi-core";
import { type Problem, SpecError } from "./problem.ts";

type Refs = Awaited<ReturnType<typeof resolveDocument>>;

/** A value in a spec, and where it is. */
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

  /** The same for all ways that lead to a value. */
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

  /** @param onKey whether its name is to blame, not its value */
  problem(message: string, onKey = false): Problem {
    const { start } = getLineColLocation({ source: this.#source, pointer: this.#pointer, reportOnKey: onKey });
    return { file: this.#source.absoluteRef, line: start.line, column: start.col, message };
  }

  fault(message: string, onKey = false): SpecError {
    return new SpecError([this.problem(message, onKey)]);
  }
}

/** A spec without faults. */
export interface Spec {
  readonly root: SpecNode;
  /** Whether it is OpenAPI 3.0, whose schemas differ from JSON Schema. */
  readonly is30: boolean;
  /** Whether members may be marked as `readOnly` or `writeOnly`. */
  readonly hasMarks: boolean;
  readonly warnings: readonly Problem[];
}

const RULES = {
  struct: "error",
  "no-unresolved-refs": "error",
  "operation-operationId-unique": "error",
  "operation-parameters-unique": "error",
  "no-identical-paths": "error",
  "no-undefined-server-variable": "error",
  "path-parameters-defined": "warn",
} as const;

/** The texts of files by absolute path; `undefined` if a file can't be read. */
export type Files = Map<string, string | undefined>;

/**
 * @param files gets all files that the spec refers to, also if it has faults
 * @throws SpecError
 */
export async function loadSpec(path: string, files: Files): Promise<Spec> {
  const resolver = new BaseResolver();
  try {
    return await load(path, resolver);
  } finally {
    for (const [file, document] of resolver.cache) files.set(file, await document.then(textOf, textOf));
  }
}

function textOf(loaded: unknown): string | undefined {
  return isDocument(loaded) || loaded instanceof YamlParseError ? loaded.source.body : undefined;
}

async function load(path: string, resolver: BaseResolver): Promise<Spec> {
  const document = await resolver.resolveDocument(null, path, true).catch((error: unknown) => error);
  if (!isDocument(document)) throw new SpecError([unreadable(document, path)]);
  const is30 = checkVersion(document);
  const types = lenientTypes(document);
  const refs = await resolveDocument({
    rootDocument: document,
    rootType: normalizeTypes(types).Root as NonNullable<ReturnType<typeof normalizeTypes>[string]>,
    externalRefResolver: resolver,
  }).catch(async () => {
    throw new SpecError([await endlessRef(resolver)]);
  });
  const config = await createConfig({ rules: RULES });
  const problems = await lintDocument({
    document,
    config: config.styleguide,
    customTypes: types,
    externalRefResolver: resolver,
  });
  const told = problems.filter((problem) => !isMappingByName(problem) && !isEcho(problem));
  const faults = told.filter(({ severity }) => severity === "error").map(fromRedocly);
  if (faults.length > 0) throw new SpecError(faults);
  const warnings = told.map(fromRedocly);
  const hasMarks = (await loadedBy(resolver)).some(({ source }) => /\b(readOnly|writeOnly)\b/.test(source.body));
  return { root: new SpecNode(document.parsed, document.source, "#/", refs), is30, hasMarks, warnings };
}

function isDocument(value: unknown): value is Document {
  return typeof value === "object" && value !== null && "parsed" in value;
}

async function loadedBy(resolver: BaseResolver): Promise<Document[]> {
  const loaded = await Promise.all([...resolver.cache.values()].map((document) => document.catch(() => undefined)));
  return loaded.filter(isDocument);
}

/** A file that can't be read, or is no YAML. */
function unreadable(error: unknown, file: string): Problem {
  if (error instanceof YamlParseError) {
    return { file: error.source.absoluteRef, line: error.line, column: error.col, message: yamlReason(error) };
  }
  const { code, message } = (error instanceof ResolveError ? error.originalError : error) as NodeJS.ErrnoException;
  return { file, line: 1, column: 1, message: code === "ENOENT" ? "there is no such file" : message };
}

/** Its message names the file and the place a second time. */
function yamlReason({ originalError }: YamlParseError): string {
  return "reason" in originalError ? String(originalError.reason) : originalError.message;
}

/** @returns whether it is 3.0 */
function checkVersion({ parsed, source }: Document): boolean {
  const version: unknown = Object(parsed).openapi;
  if (typeof version === "string" && /^3\.[01]\./.test(version)) return version.startsWith("3.0");
  const pointer = version === undefined ? "#/" : "#/openapi";
  const { start } = getLineColLocation({ source, pointer });
  const message = "must be OpenAPI 3.0 or 3.1: a document with `openapi: 3.1.0`";
  throw new SpecError([{ file: source.absoluteRef, line: start.line, column: start.col, message }]);
}

/** Schemas may have any keyword: who compiles them tells which are not checked. */
function lenientTypes({ parsed }: Document): ReturnType<typeof getTypes> {
  const types = getTypes(detectSpec(parsed));
  const { Schema } = types;
  if (Schema === undefined) return types;
  const properties = { ...Schema.properties, nullable: null };
  return { ...types, Schema: { ...Schema, properties, additionalProperties: {} } };
}

/** A discriminator may map to the name of a schema; Redocly takes it for a file. */
function isMappingByName({ ruleId, location: [location] }: NormalizedProblem): boolean {
  return ruleId === "no-unresolved-refs" && /\/discriminator\/mapping\/[^/]+$/.test(location?.pointer ?? "");
}

/** A file that is no YAML is told at its own place, and a second time where it is referred to. */
function isEcho({ ruleId, message }: NormalizedProblem): boolean {
  return ruleId === "no-unresolved-refs" && /^Can't resolve.* \(\d+:\d+\)$/m.test(message);
}

function fromRedocly({ message, suggest, location: [location] }: NormalizedProblem): Problem {
  if (location === undefined) throw new Error(message);
  const { source, start } = getLineColLocation(location);
  const said = message
    .replace(/ENOENT.*'(.+)'/, (_, missing: string) => `there is no file ${basename(missing)}`)
    .replace(/^Failed to parse: ([^]*) in "[^"]*" \(\d+:\d+\)[^]*/, "$1")
    .replace(/\.$/, "")
    .replaceAll("\n", " ");
  const [best] = suggest;
  const hint = best === undefined ? "" : `; did you mean \`${best}\`?`;
  return {
    file: source.absoluteRef,
    line: start.line,
    column: start.col,
    message: said.charAt(0).toLowerCase() + said.slice(1) + hint,
  };
}

/** A `$ref` that leads to itself and never to a value. */
async function endlessRef(resolver: BaseResolver): Promise<Problem> {
  const documents = await loadedBy(resolver);
  for (const { source, parsed } of documents) {
    for (const [pointer, ref] of refsIn(parsed, "#")) {
      const seen = new Set<string>();
      let file = source.absoluteRef;
      let at: string | undefined = ref;
      while (at !== undefined && !seen.has(`${file} ${at}`)) {
        seen.add(`${file} ${at}`);
        const [uri = "", target = ""] = at.split("#");
        if (uri) file = resolver.resolveExternalRef(file, uri);
        const there = documents.find((each) => each.source.absoluteRef === file);
        at = refsIn(there?.parsed, "#").get(`#${target}`);
      }
      if (at === undefined) continue;
      const { start } = getLineColLocation({ source, pointer });
      const message = `the $ref ${ref} leads back to itself`;
      return { file: source.absoluteRef, line: start.line, column: start.col, message };
    }
  }
  throw new Error("a $ref leads back to itself");
}

/** From JSON pointer to `$ref`. */
function refsIn(value: unknown, pointer: string): Map<string, string> {
  const refs = new Map<string, string>();
  if (typeof value !== "object" || value === null) return refs;
  if ("$ref" in value && typeof value.$ref === "string") refs.set(pointer, value.$ref);
  for (const [name, member] of Object.entries(value)) {
    const below = `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    for (const entry of refsIn(member, below)) refs.set(...entry);
  }
  return refs;
}
