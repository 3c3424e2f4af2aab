/** Reads a spec with all files that it refers to, and checks it. */
import {
  BaseResolver,
  createConfig,
  type Document,
  detectSpec,
  getTypes,
  lintDocument,
  normalizeTypes,
  resolveDocument,
  YamlParseError,
} from "@redocly/openapi-core";
import { endlessRef, toProblems, unreadable } from "./faults.ts";
import { type Problem, problemAt, SpecError } from "./problem.ts";
import { SpecNode } from "./spec-node.ts";

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
  "operation-parameters-unique": "error",
  "no-identical-paths": "error",
  "no-undefined-server-variable": "error",
  "path-parameters-defined": "warn",
} as const;

/** The texts of files by absolute path; `undefined` if a file can't be read. */
export type Files = Map<string, string | undefined>;

/**
 * @param files filled with all files that the spec refers to, even if it has faults
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
  const { Root } = normalizeTypes(types);
  if (Root === undefined) throw new Error("Redocly knows no OpenAPI");
  const refs = await resolveDocument({ rootDocument: document, rootType: Root, externalRefResolver: resolver }).catch(
    async () => {
      throw new SpecError([endlessRef(await loadedBy(resolver), resolver)]);
    },
  );
  const { styleguide } = await createConfig({ rules: RULES });
  const found = await lintDocument({
    document,
    config: styleguide,
    customTypes: types,
    externalRefResolver: resolver,
  });
  const faults = toProblems(found, "error");
  if (faults.length > 0) throw new SpecError(faults);
  const hasMarks = (await loadedBy(resolver)).some(({ source }) => /\b(readOnly|writeOnly)\b/.test(source.body));
  const root = new SpecNode(document.parsed, document.source, "#/", refs);
  return { root, is30, hasMarks, warnings: toProblems(found, "warn") };
}

function isDocument(value: unknown): value is Document {
  return typeof value === "object" && value !== null && "parsed" in value;
}

async function loadedBy({ cache }: BaseResolver): Promise<Document[]> {
  const loaded = await Promise.all([...cache.values()].map((document) => document.catch(() => undefined)));
  return loaded.filter(isDocument);
}

/** @returns whether it is 3.0 */
function checkVersion({ parsed, source }: Document): boolean {
  const version: unknown = Object(parsed).openapi;
  if (typeof version === "string" && /^3\.[01]\./.test(version)) return version.startsWith("3.0");
  const pointer = version === undefined ? "#/" : "#/openapi";
  throw new SpecError([problemAt({ source, pointer }, "must be OpenAPI 3.0 or 3.1: a document with `openapi: 3.1.0`")]);
}

/** Schemas may have any keyword: the compiler reports those that are not checked. */
function lenientTypes({ parsed }: Document): ReturnType<typeof getTypes> {
  const types = getTypes(detectSpec(parsed));
  const { Schema } = types;
  if (Schema === undefined) return types;
  const properties = { ...Schema.properties, $ref: { type: "string" }, nullable: null } as const;
  return { ...types, Schema: { ...Schema, properties, additionalProperties: {} } };
}
