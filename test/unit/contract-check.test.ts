import { expect, test } from "vitest";
import { createEmulator, VENDOR_CREDENTIALS } from "../../src/emulator.ts";
import { createClient } from "../../src/index.ts";
import { checked } from "../support/contract-check.ts";

const VALID = '{"euid":9223372036854775807,"contacts":{"email":"a"}}';

/** A server that answers every request with this. */
function server(answer: string) {
  const emulator = createEmulator();
  const { fetch } = checked({ ...emulator, fetch: async () => new Response(answer) });
  return (body: string) => fetch("http://localhost/v1/user/contact", { method: "POST", body });
}

test("requests and answers that fit the contract pass", async () => {
  expect((await server('{"code":0,"message":"success"}')(VALID)).status).toBe(200);
});

test.each([
  ['{"code":"0","message":"success"}', VALID, "The answer to POST /v1/user/contact"],
  ['{"code":0}', VALID, "The answer to POST /v1/user/contact"],
  ['{"code":0,"message":""}', '{"euid":"7","contacts":{"email":"a"}}', "The request POST /v1/user/contact"],
  ['{"code":0,"message":""}', '{"euid":9223372036854775808,"contacts":{"email":"a"}}', "beyond 64 bits"],
  ['{"code":0,"message":""}', '{"euid":7,"contacts":{}}', "The request POST /v1/user/contact"],
])("what is not rejects: %s to %s", async (answer, body, what) => {
  await expect(server(answer)(body)).rejects.toThrow(what);
});

test("a fault is exempt, and the next answer is checked again", async () => {
  const emulator = checked(createEmulator());
  const client = createClient({ ...VENDOR_CREDENTIALS, fetch: emulator.fetch, maxRetries: 0 });
  emulator.fail({ body: "<html>" });
  const body = { euid: 7, contacts: { email: "a" } };
  await expect(client.setContact(body)).rejects.toMatchObject({ kind: "response" });
  await expect(client.setContact(body)).resolves.toMatchObject({ code: 0 });
});
