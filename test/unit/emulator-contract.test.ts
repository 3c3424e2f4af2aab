/** The emulator with a user's own contract. */
import { expect, test } from "vitest";
import type { Contract, Operation } from "../../src/contract.ts";
import { createEmulator, VENDOR_CREDENTIALS } from "../../src/emulator.ts";
import { contract as ownContract } from "../../src/generated/contract.ts";

const plain: Operation = { repeatable: false };
const answer = (what: string) => ({ code: 0, message: "success", what });
const SET_CONTACT = "POST /v1/user/contact";

function contractOf(operations: Record<string, Operation>, more: Partial<Contract> = {}): Contract {
  const successes = Object.fromEntries(Object.keys(operations).map((name) => [name, answer(name)]));
  return { servers: [], operations, errorCodes: {}, examples: { successes, failures: {} }, ...more };
}

function ask(contract: Contract, name: string, body?: string, headers: Record<string, string> = {}) {
  const emulator = createEmulator({ contract });
  const [method = "", path = ""] = name.split(" ");
  const { apiKey, apiSecret } = VENDOR_CREDENTIALS;
  const request = new Request(`http://localhost${path}`, {
    method,
    headers: {
      authorization: `Basic ${btoa(`${apiKey}:${apiSecret}`)}`,
      "content-type": "application/json",
      ...headers,
    },
    ...(body !== undefined && { body }),
  });
  return emulator.fetch(request).then(async (response) => ({ status: response.status, ...(await response.json()) }));
}

test.each([
  ["GET /v1/user/contact", "GET /v1/user/contact"],
  ["GET /v1/user/7", "GET /v1/user/{euid}"],
  ["GET /v1/user/7/state", "GET /v1/user/{euid}/state"],
  ["GET /v1/user/contact/state", "GET /v1/user/{euid}/state"],
  ["GET /v1/files/a.json", "GET /v1/files/{name}.json"],
  ["GET /v1/files/a.xml", "GET /v1/files/{name}"],
  ["GET /v1/report-12", "GET /v1/report-{id}"],
  ["GET /v1/report-12/page", undefined],
  ["GET /v1/report-", undefined],
  ["GET /v1/user/", undefined],
  ["GET /v1/filesXaXjson", undefined],
  ["POST /v1/user/contact", undefined],
])("%s is %s", async (asked, name) => {
  const names = [
    ...["GET /v1/user/{euid}", "GET /v1/user/{euid}/state", "GET /v1/user/contact", "GET /v1/files/{name}"],
    ...["GET /v1/files/{name}.json", "GET /v1/report-{id}"],
  ];
  const contract = contractOf(Object.fromEntries(names.map((each) => [each, plain])));
  const expected = name === undefined ? { status: 404, code: 99000404 } : { status: 200, ...answer(name) };
  expect(await ask(contract, asked)).toMatchObject(expected);
});

test("it answers with and without the path of a server", async () => {
  const servers = ["https://api.example.com/eu/v2/", "https://api.example.org"];
  const contract = contractOf({ "GET /thing": plain }, { servers });
  expect(await ask(contract, "GET /eu/v2/thing")).toMatchObject({ code: 0 });
  expect(await ask(contract, "GET /thing")).toMatchObject({ code: 0 });
  expect(await ask(contract, "GET /other/thing")).toMatchObject({ status: 404 });
});

test.each([
  ["application/json", "application/json; charset=utf-8", true],
  ["application/json; charset=utf-8", "application/json", true],
  ["application/vnd.things+json", "Application/Vnd.Things+JSON", true],
  ["application/vnd.things+json", "application/json", false],
  ["application/json", "application/json-patch+json", false],
  ["application/json", "", false],
])("of %s, %s is accepted: %s", async (contentType, sent, accepted) => {
  const contract = contractOf({ "POST /thing": { ...plain, body: {}, contentType } });
  expect(await ask(contract, "POST /thing", "{}", { "content-type": sent })).toMatchObject(
    accepted ? { code: 0 } : { status: 415 },
  );
});

test("bodies are checked; an optional one may be missing, and one that is not JSON is not checked", async () => {
  const body = { type: "object", required: ["a"] } as const;
  const contract = contractOf({
    "POST /thing": { ...plain, body },
    "POST /optional": { ...plain, body, bodyOptional: true },
    "POST /upload": { ...plain, body: false },
  });
  expect(await ask(contract, "POST /thing", "{}")).toMatchObject({ status: 400, message: "(emulator) a is required" });
  expect(await ask(contract, "POST /thing", '{"a":1}')).toMatchObject({ code: 0 });
  expect(await ask(contract, "POST /optional")).toMatchObject({ code: 0 });
  expect(await ask(contract, "POST /optional", "{}")).toMatchObject({ status: 400 });
  expect(await ask(contract, "POST /upload", "a,b", { "content-type": "text/csv" })).toMatchObject({ code: 0 });
});

test("without an example it answers a plain success", async () => {
  const { examples: _, ...contract } = contractOf({ "GET /thing": plain });
  expect(await ask(contract, "GET /thing")).toEqual({ status: 200, code: 0, message: "success" });
});

test("known operations have their effects, with the codes of the contract", async () => {
  const failures = { contact_already_set: { code: 7, message: "Taken" } };
  const contract = { ...ownContract, examples: { successes: {}, failures } };
  const { apiKey, apiSecret } = VENDOR_CREDENTIALS;
  const emulator = createEmulator({ contract, unique: ["email"] });
  const set = async (euid: number) => {
    const response = await emulator.fetch("http://localhost/v1/user/contact", {
      method: "POST",
      headers: { authorization: `Basic ${btoa(`${apiKey}:${apiSecret}`)}`, "content-type": "application/json" },
      body: JSON.stringify({ euid, contacts: { email: "a" } }),
    });
    return response.json();
  };
  expect(await set(1)).toMatchObject({ code: 0 });
  expect(await set(2)).toEqual({ code: 7, message: "Taken" });
});

test("a body that differs from the package's contract has no effect", async () => {
  const contract = contractOf({ [SET_CONTACT]: { ...plain, body: { type: "object" } } });
  expect(await ask(contract, SET_CONTACT, '{"user":1}')).toMatchObject(answer(SET_CONTACT));
  expect(await ask(contract, SET_CONTACT, '{"euid":1,"contacts":{"email":"a"}}')).toMatchObject({ code: 0 });
});
