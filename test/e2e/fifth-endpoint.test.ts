/** The promise of the project: edit the contract, regenerate, and the client, the errors and the emulator follow. */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseDocument } from "yaml";
import { node, root, tsc } from "../support/node.ts";

const OPERATION = {
  operationId: "transferPoints",
  summary: "Transfer points",
  tags: ["user"],
  "x-repeatable": { mode: ["exact"] },
  "x-error-codes": ["authentication_failed", "points_exhausted"],
  requestBody: {
    required: true,
    content: {
      "application/json": {
        schema: {
          type: "object",
          required: ["from", "into", "mode"],
          additionalProperties: false,
          properties: {
            from: { $ref: "contact.yaml#/components/schemas/Euid" },
            into: { $ref: "contact.yaml#/components/schemas/Euid" },
            mode: { type: "string", enum: ["exact", "relative"] },
            points: { type: "integer", minimum: 1, maximum: 1000 },
            note: { type: "string", pattern: "^[a-z]+$" },
          },
        },
      },
    },
  },
  responses: {
    "200": {
      description: "An envelope with the number of the transfer",
      content: {
        "application/json": {
          schema: {
            type: "object",
            required: ["code", "message", "transfer"],
            properties: {
              code: { type: "integer" },
              message: { type: "string" },
              transfer: { type: "integer", format: "int64" },
            },
          },
          examples: { success: { value: { code: 0, message: "success", transfer: 4711 } } },
        },
      },
    },
  },
};

/** Of which the contract says less, and with a schema that can't be checked. */
const LOOSE = {
  get: { operationId: "getNote", summary: "Get the note", responses: OPERATION.responses },
  post: {
    operationId: "setNote",
    summary: "Set the note",
    requestBody: {
      content: {
        "application/json": {
          schema: { oneOf: [{ type: "object", properties: { text: { type: "string" } } }, { type: "integer" }] },
        },
      },
    },
    responses: OPERATION.responses,
  },
};

const CODE = {
  code: 60001,
  message: "Points exhausted",
  solution: "Buy points.",
  retryable: false,
  source: "invented",
};

/** What somebody would write who knows the contract only. Printed: what came of it. */
const CHECK = `
import { createEmulator, VENDOR_CREDENTIALS } from "./src/emulator.ts";
import { createClient, type ErrorReason, isEngageLabError } from "./src/index.ts";

const emulator = createEmulator();
const engagelab = createClient({ ...VENDOR_CREDENTIALS, fetch: emulator.fetch });
const body = { from: 9223372036854775807n, into: 7, mode: "exact" as const };

const { data } = await engagelab.POST("/v1/points/transfer", { body });
const transfer: number | bigint | undefined = data?.transfer;

emulator.fail({ body: '{"code":60001,"message":"Points exhausted"}' });
const { error } = await engagelab.POST("/v1/points/transfer", { body });
if (error?.kind !== "api") throw new Error("no ApiError");
const reason: ErrorReason = error.reason;
const named: boolean = reason === "points_exhausted";

emulator.fail({ status: 503, headers: { "retry-after": "0" } });
await engagelab.POST("/v1/points/transfer", { body });
emulator.fail({ status: 503, headers: { "retry-after": "0" } });
await engagelab.POST("/v1/points/transfer", { body: { ...body, mode: "relative" } });

emulator.fail({ status: 503, headers: { "retry-after": "0" } });
await engagelab.POST("/v1/points/note", { body: { text: "a" } });
await engagelab.POST("/v1/points/note", { body: 7 });
await engagelab.POST("/v1/points/note");
const loose = await engagelab.GET("/v1/points/note");

async function answered(raw: string): Promise<unknown> {
  const authorization = emulator.requests[0]?.headers.authorization ?? "";
  const headers = { authorization, "content-type": "application/json" };
  const response = await emulator.fetch("http://localhost/v1/points/transfer", { method: "POST", headers, body: raw });
  return [response.status, await response.text()];
}

const paths: unknown[] = [];
for (const fault of [{ into: 1.5 }, { points: 0 }, { points: 1001 }, { note: "A" }, { more: 1 }]) {
  const wrong = { ...body, ...fault };
  await engagelab.POST("/v1/points/transfer", { body: wrong }).catch((thrown: unknown) => {
    paths.push(isEngageLabError(thrown, "validation") && thrown.path);
  });
}

console.log(
  JSON.stringify({
    sent: emulator.requests.map((request) => request.body),
    transfer: String(transfer),
    reason,
    named,
    loose: loose.data?.code,
    solution: error.solution,
    paths,
    missing: await answered('{"from":1,"mode":"exact"}'),
    wrong: await answered('{"from":1,"into":"2","mode":"exact"}'),
  }),
);
`;

let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), "fifth-endpoint-"));
  for (const name of ["openapi", "scripts", "src", "package.json", "tsconfig.json", "redocly.yaml"]) {
    await cp(join(root, name), join(copy, name), { recursive: true });
  }
  await symlink(join(root, "node_modules"), join(copy, "node_modules"), "junction");

  // Nothing but the contract is touched.
  const path = join(copy, "openapi/ma.yaml");
  const contract = parseDocument(await readFile(path, "utf8"));
  contract.setIn(["paths", "/v1/points/transfer"], contract.createNode({ post: OPERATION }));
  contract.setIn(["paths", "/v1/points/note"], contract.createNode(LOOSE));
  contract.setIn(["components", "x-error-codes", "points_exhausted"], contract.createNode(CODE));
  await writeFile(path, String(contract));
  const warning = "POST /v1/points/note is sent without a check: src/validate.ts does not know oneOf\n";
  expect(await node(copy, ["scripts/generate.ts"])).toMatchObject({ code: 0, stderr: warning });

  await writeFile(join(copy, "check.ts"), CHECK);
}, 120_000);

afterAll(() => rm(copy, { recursive: true, force: true }));

/** What the compiler says of a file in the copy. */
async function typeCheck(file: string): Promise<string> {
  const compilerOptions = { rootDir: ".", noEmit: true, allowImportingTsExtensions: true, isolatedDeclarations: false };
  const configuration = {
    extends: "./tsconfig.json",
    compilerOptions: { ...compilerOptions, declaration: false, declarationMap: false, types: ["node"] },
    include: [],
    files: [file],
  };
  await writeFile(join(copy, "check.json"), JSON.stringify(configuration));
  return (await node(copy, [tsc, "-p", "check.json"])).stdout;
}

test("the calls are typed", async () => {
  expect(await typeCheck("check.ts")).toBe("");
});

test("the check is really type-checked: an error in it is reported, on its line", async () => {
  const wrong = CHECK.replace("into: 7", 'into: "seven"').replace('"points_exhausted"', '"points_exausted"');
  await writeFile(join(copy, "wrong.ts"), wrong);
  const lines = wrong.split("\n");
  const reported = [...(await typeCheck("wrong.ts")).matchAll(/^wrong\.ts\((\d+),/gm)].map(
    ([, n]) => lines[Number(n) - 1],
  );
  expect(reported).toContainEqual(expect.stringContaining("points_exausted"));
  expect(reported).toContainEqual(expect.stringContaining("engagelab.POST"));
});

test("the copy as a whole is typed, and its contract passes the lint", async () => {
  expect(await node(copy, [tsc, "--noEmit"])).toEqual({ code: 0, stdout: "", stderr: "" });
  const redocly = join(root, "node_modules/@redocly/cli/bin/cli.js");
  const { code, stderr } = await node(copy, [redocly, "lint", "openapi/ma.yaml"]);
  expect({ code, valid: stderr.includes("Your API description is valid") }).toEqual({ code: 0, valid: true });
});

test("they run: validation, int64, the named reason, the retries, the emulator's answer", async () => {
  const { stdout, stderr } = await node(copy, ["check.ts"]);
  expect(stderr).toBe("");
  const exact = '{"from":9223372036854775807,"into":7,"mode":"exact"}';
  expect(JSON.parse(stdout)).toEqual({
    // A call, a call with the code, a call that is repeated, and one that is not; four that are loose.
    sent: [exact, exact, exact, exact, exact.replace("exact", "relative"), '{"text":"a"}', "7", "", ""],
    transfer: "4711",
    reason: "points_exhausted",
    named: true,
    loose: 0,
    solution: "Buy points.",
    paths: ["into", "points", "points", "note", "more"],
    missing: [400, '{"code":99000400,"message":"(emulator) into is required"}'],
    wrong: [400, '{"code":99000400,"message":"(emulator) an EUID must be a JSON integer"}'],
  });
});
