import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse, parseDocument } from "yaml";
import { node, root, tsc } from "../support/node.ts";

const documentation = await readFile(join(root, "docs/your-own-spec.md"), "utf8");

/** The block that the walk-through prints for a file. */
function block(file: string): string {
  const [, code] = documentation.split(new RegExp(`^\`\`\`\\w+ ${file}\\n`, "m"));
  if (code === undefined) throw new Error(`docs/your-own-spec.md has no block for ${file}`);
  return code.slice(0, code.indexOf("\n```"));
}

const TSCONFIG = {
  compilerOptions: {
    ...{ target: "ES2022", lib: ["ES2024", "DOM", "DOM.Iterable"], module: "NodeNext", strict: true, noEmit: true },
    ...{ allowImportingTsExtensions: true, verbatimModuleSyntax: true, types: ["node"] },
    skipLibCheck: true, // the declarations of openapi-typescript need more than is installed
  },
  files: ["generate.ts", "main.ts"],
};

let project: string;

async function addYaml(file: string, at: string[]): Promise<void> {
  const path = join(project, file);
  const document = parseDocument(await readFile(path, "utf8"));
  for (const [key, value] of Object.entries(parse(block(file))))
    document.setIn([...at, key], document.createNode(value));
  await writeFile(path, String(document));
}

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "your-own-spec-"));
  const modules = join(project, "node_modules");
  const installed = join(modules, "engagelab-ma");
  await mkdir(installed, { recursive: true });
  for (const name of ["openapi-fetch", "openapi-typescript-helpers", "openapi-typescript", "typescript", "@types"]) {
    await symlink(join(root, "node_modules", name), join(modules, name), "junction");
  }
  await cp(join(root, "package.json"), join(installed, "package.json"));
  await cp(join(root, "openapi"), join(installed, "openapi"), { recursive: true });
  const built = await node(root, [tsc, "--outDir", join(installed, "dist")]);
  expect(built).toEqual({ code: 0, stdout: "", stderr: "" });

  for (const file of ["ma.yaml", "contact.yaml"]) await cp(join(installed, "openapi", file), join(project, file));
  await addYaml("contact.yaml", ["components", "schemas", "SetContactRequest", "properties"]);
  await addYaml("ma.yaml", ["paths"]);
  await writeFile(join(project, "package.json"), '{ "type": "module" }');
  await writeFile(join(project, "tsconfig.json"), JSON.stringify(TSCONFIG));
  await writeFile(join(project, "generate.ts"), block("generate.ts"));
  await writeFile(join(project, "main.ts"), block("main.ts"));
  const generated = await node(project, ["generate.ts"]);
  expect(generated.stderr).toBe("");
  expect(generated.code).toBe(0);
}, 120_000);

afterAll(() => rm(project, { recursive: true, force: true }));

test("the printed program has full types", async () => {
  expect(await node(project, [tsc, "-p", "."])).toEqual({ code: 0, stdout: "", stderr: "" });
});

test("they are full: what does not fit is an error, on its line", async () => {
  const wrong = block("main.ts")
    .replace('source: "crm"', "source: 7")
    .replace("into: 9223372036854775807n", 'into: "7"')
    .replace("const euid: Euid", "const euid: string");
  await writeFile(join(project, "wrong.ts"), wrong);
  await writeFile(join(project, "wrong.json"), JSON.stringify({ ...TSCONFIG, files: ["wrong.ts"] }));
  const { stdout } = await node(project, [tsc, "-p", "wrong.json"]);
  const line = (part: string): number => wrong.split("\n").findIndex((each) => each.includes(part)) + 1;
  const reported = [...stdout.matchAll(/^wrong\.ts\((\d+),/gm)].map(([, number]) => Number(number));
  expect(reported).toEqual([line("source: 7"), line('into: "7"'), line("const euid")]);
});

test("it runs: the field and the endpoint arrive, digit for digit", async () => {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    bodies.push(`${request.url} ${await text(request)}`);
    response.setHeader("content-type", "application/json");
    response.end('{"code":0,"message":"success","euid":9223372036854775807}');
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  try {
    const { stdout, stderr } = await node(project, ["main.ts"], {
      ENGAGELAB_API_KEY: "key",
      ENGAGELAB_API_SECRET: "secret",
      ENGAGELAB_BASE_URL: `http://127.0.0.1:${address.port}`,
    });
    expect({ stdout, stderr }).toEqual({ stdout: "9223372036854775807\n", stderr: "" });
  } finally {
    server.close();
  }
  expect(bodies).toEqual([
    '/v1/user/contact {"euid":10362473,"contacts":{"email":"12@gmail.com"},"source":"crm"}',
    '/v1/user/merge {"from":10362473,"into":9223372036854775807}',
  ]);
});
