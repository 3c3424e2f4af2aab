import { expect, test } from "vitest";
import server, { createEmulator, VENDOR_CREDENTIALS } from "../../src/emulator.ts";
import { createClient } from "../../src/index.ts";
import { checked } from "../support/contract-check.ts";
import { BODY, failure, setUp } from "./support.ts";

const URL_OF_CONTACT = "https://ma-api.engagelab.com/v1/user/contact";
const AUTHORIZATION = "Basic N2Q0MzFlNDJkZmE2YTZkNjkzYWMyZDA0OjVlOTg3YWM2ZDJlMDRkOTVhOWQ4ZjBkMQ==";

function request(init: RequestInit = {}, url = URL_OF_CONTACT): Request {
  const headers = { authorization: AUTHORIZATION, "content-type": "application/json" };
  return new Request(url, { method: "POST", body: JSON.stringify(BODY), headers, ...init });
}

test("the vendor's request is answered with the vendor's answer", async () => {
  const emulator = checked(createEmulator());
  const response = await emulator.fetch(request());
  expect([response.status, await response.text()]).toEqual([200, '{"code":0,"message":"success"}']);
  expect(emulator.contacts).toEqual(new Map([["10362473", new Map(Object.entries(BODY.contacts))]]));
  expect(emulator.requests).toEqual([
    {
      method: "POST",
      url: URL_OF_CONTACT,
      headers: { authorization: AUTHORIZATION, "content-type": "application/json" },
      body: JSON.stringify(BODY),
    },
  ]);
});

test.each<[string, Request, number, number]>([
  ["an unknown path", request({}, "https://ma-api.engagelab.com/v1/user"), 404, 99000404],
  ["another method", request({ method: "PUT" }), 404, 99000404],
  ["no credentials", request({ headers: {} }), 401, 40050],
  ["other credentials", request({ headers: { authorization: "Basic eDp5" } }), 401, 40050],
  ["no Content-Type", request({ headers: { authorization: AUTHORIZATION }, body: new Uint8Array(2) }), 415, 99000415],
  [
    "another Content-Type",
    request({ headers: { authorization: AUTHORIZATION, "content-type": "application/jsonp" } }),
    415,
    99000415,
  ],
  ["no JSON", request({ body: "euid=1" }), 400, 99000400],
  ["no EUID", request({ body: '{"contacts":{"email":"a"}}' }), 400, 40007],
  ["a body that is no object", request({ body: "[]" }), 400, 99000400],
  ["an EUID as a string", request({ body: '{"euid":"1","contacts":{"email":"a"}}' }), 400, 99000400],
  ["an EUID that is null", request({ body: '{"euid":null,"contacts":{"email":"a"}}' }), 400, 99000400],
  ["no contacts", request({ body: '{"euid":1,"contacts":{}}' }), 400, 99000400],
])("%s", async (_, asked, status, code) => {
  const emulator = createEmulator();
  const response = await emulator.fetch(asked.clone());
  expect([response.status, await response.json()]).toMatchObject([status, { code, message: expect.any(String) }]);
  expect(emulator.contacts.size).toBe(0);
  const always200 = await createEmulator({ errorStatuses: false }).fetch(asked);
  expect([always200.status, await always200.json()]).toMatchObject([200, { code }]);
});

test("it accepts a charset after application/json, and a URL with an init", async () => {
  const emulator = createEmulator();
  const headers = { authorization: AUTHORIZATION, "content-type": "application/json; charset=utf-8" };
  const init = { method: "POST", body: JSON.stringify(BODY), headers };
  for (const input of [URL_OF_CONTACT, new URL(URL_OF_CONTACT)]) {
    expect(await (await emulator.fetch(input, init)).json()).toEqual({ code: 0, message: "success" });
  }
});

test("own credentials replace the vendor's", async () => {
  const credentials = { apiKey: "k", apiSecret: "s" };
  const { fetch } = createEmulator(credentials);
  expect(await createClient({ ...credentials, fetch }).setContact(BODY)).toMatchObject({ code: 0 });
  const error = await failure(createClient({ ...VENDOR_CREDENTIALS, fetch }).setContact(BODY));
  expect(error).toMatchObject({ kind: "api", reason: "authentication_failed", status: 401 });
});

test("faults are consumed one by one and can be combined", async () => {
  const emulator = createEmulator();
  emulator.fail({ status: 503 }, 2);
  emulator.fail({ body: "<html>", headers: { "content-type": "text/html", "x-a": "b" } });
  emulator.fail({ status: 418, applied: true });
  const answers = [];
  for (let i = 0; i < 5; i++) {
    const response = await emulator.fetch(request());
    answers.push([response.status, await response.text(), emulator.contacts.size]);
    if (i === 2) expect(response.headers.get("x-a")).toBe("b");
  }
  const success = '{"code":0,"message":"success"}';
  expect(answers).toEqual([
    [503, "", 0],
    [503, "", 0],
    [200, "<html>", 0],
    [418, "", 1],
    [200, success, 1],
  ]);
});

test("a request with a broken connection or body is applied only if the fault says so", async () => {
  for (const broken of ["connection", "body"] as const) {
    for (const applied of [false, true]) {
      const emulator = createEmulator();
      emulator.fail({ broken, applied });
      await expect(emulator.fetch(request()).then((response) => response.text())).rejects.toThrow(TypeError);
      expect(emulator.contacts.size).toBe(applied ? 1 : 0);
    }
  }
});

test("a delay alone delays the normal answer, and an abort ends it", async () => {
  const { client, emulator } = setUp();
  emulator.fail({ delay: 20 });
  const start = performance.now();
  await client.setContact(BODY);
  expect(performance.now() - start).toBeGreaterThanOrEqual(19);
  emulator.fail({ delay: 60_000 });
  const controller = new AbortController();
  const answer = emulator.fetch(request({ signal: controller.signal }));
  setTimeout(() => controller.abort(new Error("left")), 10);
  await expect(answer).rejects.toThrow("left");
});

test("an applied fault takes effect even if the caller has stopped waiting", async () => {
  const { client, emulator } = setUp({ timeout: 20, maxRetries: 0 });
  emulator.fail({ delay: 60_000, applied: true });
  await expect(client.setContact(BODY)).rejects.toMatchObject({ kind: "timeout", outcome: "unknown" });
  expect(emulator.contacts.size).toBe(1);
});

test("with an aborted signal nothing is sent", async () => {
  const emulator = createEmulator();
  await expect(emulator.fetch(request({ signal: AbortSignal.abort(new Error("left")) }))).rejects.toThrow("left");
  expect([emulator.contacts.size, emulator.requests.length]).toEqual([0, 0]);
});

test("missing credentials default to the vendor's", async () => {
  const emulator = createEmulator({ apiKey: undefined, apiSecret: undefined });
  expect((await emulator.fetch(request())).status).toBe(200);
});

test("reset forgets everything", async () => {
  const { client, emulator } = setUp();
  await client.setContact(BODY);
  emulator.fail({ status: 503 });
  emulator.reset();
  expect([emulator.contacts.size, emulator.requests.length]).toEqual([0, 0]);
  expect(await client.setContact(BODY, { maxRetries: 0 })).toMatchObject({ code: 0 });
});

test("the default export is a server", async () => {
  const { requests } = createEmulator();
  expect(await (await server.fetch(request())).json()).toEqual({ code: 0, message: "success" });
  expect(requests).toEqual([]);
});
