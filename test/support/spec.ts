/** Specs for tests, in a folder of their own. */
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { transform } from "esbuild";
import type { Contract } from "../../src/contract.ts";

/** A spec with one operation, `POST /v1/things`, whose body has the given schema. */
export function specWith(schema: unknown, version = "3.1.0"): string {
  return JSON.stringify({
    openapi: version,
    info: { title: "Things", version: "1" },
    servers: [{ url: "https://api.example.com" }],
    paths: {
      "/v1/things": {
        post: {
          operationId: "setThing",
          requestBody: { required: true, content: { "application/json": { schema } } },
          responses: { "200": { description: "An envelope" } },
        },
      },
    },
    components: {
      schemas: {
        Id: { type: "integer", format: "int64" },
        Node: {
          type: "object",
          required: ["id"],
          properties: {
            id: { $ref: "#/components/schemas/Id" },
            next: version.startsWith("3.0")
              ? { allOf: [{ $ref: "#/components/schemas/Node" }], nullable: true }
              : { oneOf: [{ $ref: "#/components/schemas/Node" }, { type: "null" }] },
            children: { type: "array", items: { $ref: "#/components/schemas/Node" } },
          },
        },
        Named: {
          type: "object",
          required: ["name"],
          properties: {
            name: { type: "string" },
            children: { type: "array", items: { $ref: "#/components/schemas/Named" } },
          },
        },
      },
    },
  });
}

export interface SpecFolder {
  readonly path: string;
  /** @returns the path of the first file */
  write(files: Readonly<Record<string, string>>): Promise<string>;
  remove(): Promise<void>;
}

export async function createSpecFolder(): Promise<SpecFolder> {
  // With a blank, as on many people's machines.
  const path = await realpath(await mkdtemp(join(tmpdir(), "engagelab-ma spec-")));
  return {
    path,
    write: async (files) => {
      for (const [name, text] of Object.entries(files)) {
        await mkdir(dirname(join(path, name)), { recursive: true });
        await writeFile(join(path, name), text);
      }
      return join(path, Object.keys(files)[0] ?? "");
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

/** The contract of a generated module. */
export async function loadContract(source: string): Promise<Contract> {
  const { code } = await transform(source, { loader: "ts", format: "cjs" });
  const module: { exports: { contract?: Contract } } = { exports: {} };
  new Function("module", code)(module);
  const { contract } = module.exports;
  if (contract === undefined) throw new Error("the module has no contract");
  return contract;
}
