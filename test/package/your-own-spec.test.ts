/** docs/your-own-spec.md, step by step, as printed: with the tarball alone. */
import { execFile } from "node:child_process";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { parse, parseDocument } from "yaml";
import { RUNTIMES } from "../support/cli.ts";
import { COMPILERS, node, root } from "../support/node.ts";
import { createUserFolder, type UserFolder } from "../support/user-folder.ts";

const guide = await readFile(join(root, "docs/your-own-spec.md"), "utf8");

/** A block of the guide: the name of its file, and `#` with a name of its own if a file has several. */
function block(name: string): string {
  const [, code] = guide.split(new RegExp(`^\`\`\`\\w+ ${name}\\n`, "m"));
  if (code === undefined) throw new Error(`the guide has no block ${name}`);
  return code.slice(0, code.indexOf("\n```"));
}

/** What the guide says that a program prints: the block without a language that contains `text`. */
function output(text: string): string {
  const blocks = [...guide.matchAll(/^```\n(.+?)^```$/gms)].map(([, content = ""]) => content);
  return blocks.find((content) => content.includes(text)) ?? "";
}

const CONFIG = {
  compilerOptions: {
    ...{ target: "es2022", lib: ["es2024", "dom", "dom.iterable"], module: "nodenext", strict: true, noEmit: true },
    ...{ allowImportingTsExtensions: true, verbatimModuleSyntax: true, isolatedDeclarations: false, types: [] },
    ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, noUnusedLocals: true, skipLibCheck: false },
  },
};

let user: UserFolder;
const path = (name: string): string => join(user.folder, name);

async function addYaml(file: string, at: readonly string[], name = file): Promise<void> {
  const document = parseDocument(await readFile(path(file), "utf8"), { intAsBigInt: true });
  for (const [key, value] of Object.entries(parse(block(name), { intAsBigInt: true }))) {
    document.setIn([...at, key], document.createNode(value));
  }
  await writeFile(path(file), String(document));
}

async function typeCheck(compiler: string, file: string) {
  await writeFile(path("tsconfig.json"), JSON.stringify({ ...CONFIG, files: [file] }));
  return node(user.folder, [compiler, "-p", "."]);
}

beforeAll(async () => {
  user = await createUserFolder(inject("packed").project, ["openapi-typescript", "typescript", "@redocly/cli"]);
  const openapi = path("node_modules/engagelab-ma/openapi");
  for (const file of ["ma.yaml", "contact.yaml"]) await cp(join(openapi, file), path(file));
  await addYaml("contact.yaml", ["components", "schemas", "SetContactRequest", "properties"]);
  await addYaml("ma.yaml", ["paths"]);
  await addYaml("ma.yaml", ["components", "x-error-codes"], "ma.yaml#codes");
  await writeFile(path("package.json"), '{ "type": "module" }');
  await writeFile(path("main.ts"), block("main.ts"));
  const generated = await user.run(["generate", "ma.yaml", "-o", "engagelab.ts", "--strict"]);
  expect(generated).toMatchObject({ code: 0, stdout: "engagelab.ts written\n", stderr: "" });
});
afterAll(() => user.remove());

/** Each line below a mark must be an error; if it is none, the mark is one. */
const MISUSE = `
import { createClient } from "engagelab-ma";
import { contract, type components, type paths } from "./engagelab.ts";

const engagelab = createClient({ contract });
const contacts = { email: "12@gmail.com" };

engagelab.setContact({ euid: 1, contacts, source: "crm" });
// @ts-expect-error a field of another type
engagelab.setContact({ euid: 1, contacts, source: 7 });
// @ts-expect-error no such field
engagelab.setContact({ euid: 1, contacts, origin: "crm" });
// @ts-expect-error a member that is required
engagelab.POST("/v1/user/merge", { body: { from: 1 } });
// @ts-expect-error an id of another type
engagelab.POST("/v1/user/merge", { body: { from: 1, into: true } });
// @ts-expect-error no such path
engagelab.POST("/v1/user/unmerge", { body: { from: 1, into: 2 } });
// @ts-expect-error no such method
engagelab.GET("/v1/user/merge");
export const merge = async (): Promise<number | bigint | undefined> => {
  const { data } = await engagelab.POST("/v1/user/merge", { body: { from: 1n, into: 2 } });
  // @ts-expect-error an id that a string does not hold
  const text: string | undefined = data?.euid;
  return text === undefined ? data?.euid : undefined;
};
type IsAny<T> = 0 extends 1 & T ? true : false;
export const none: [IsAny<paths>, IsAny<components>, IsAny<typeof contract>, IsAny<typeof engagelab>] = [false, false, false, false];
`;

describe.each(Object.entries(COMPILERS))("%s", (_, compiler) => {
  test("the printed program has types", async () => {
    expect(await typeCheck(compiler, "main.ts")).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("they are full", async () => {
    await writeFile(path("misuse.ts"), MISUSE);
    expect(await typeCheck(compiler, "misuse.ts")).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});

// The oldest Node does not run TypeScript.
test.each(RUNTIMES.filter(([name]) => name !== "the machine's Node"))(
  "%s prints what the guide says",
  async (_, runtime) => {
    const [command, ...args] = runtime;
    const { stdout } = await promisify(execFile)(command, [...args, "main.ts"], { cwd: user.folder });
    expect(stdout).toBe(output("users_already_merged Use"));
  },
);

test("checks, retries and codes follow the spec", async () => {
  await writeFile(
    path("behaviour.ts"),
    `${block("main.ts")}
const merge = (body: unknown) => engagelab.POST("/v1/user/merge", { body } as never);
emulator.fail({ status: 503, headers: { "retry-after": "0" } });
const before = emulator.requests.length;
await merge({ from: "9223372036854775807", into: 7 });
const refused = [{ from: 1.5, into: 7 }, { from: 1 }, { from: "x", into: 7 }].map((body) => merge(body).catch((error) => error.path));
const long = await engagelab.setContact({ euid: 1, contacts: { email: "a" }, source: "x".repeat(21) }).catch((error) => error.path);
const sent = emulator.requests.slice(before).map(({ body }) => body);
console.log(JSON.stringify({ sent, refused: await Promise.all(refused), long, set: emulator.requests[0]?.body }));
`,
  );
  const { stdout, stderr } = await node(user.folder, ["behaviour.ts"]);
  const merged = '{"from":9223372036854775807,"into":7}';
  expect({ stderr, ...JSON.parse(stdout.trim().split("\n").at(-1) ?? "") }).toEqual({
    stderr: "",
    sent: [merged, merged],
    refused: ["from", "into", "from"],
    long: "source",
    set: '{"euid":10362473,"contacts":{"email":"12@gmail.com"},"source":"crm"}',
  });
});

test("diff prints what the guide says, but for the lines", async () => {
  const { code, stdout } = await user.run(["diff", "node_modules/engagelab-ma/openapi/ma.yaml", "ma.yaml"]);
  const withoutLines = (text: string) => text.replaceAll(/:\d+:\d+\)/g, ")");
  expect({ code, stdout: withoutLines(stdout) }).toEqual({ code: 0, stdout: withoutLines(output("not breaking.")) });
});
