/** What the client needs from a runtime, and what it leaves behind. */
import { once } from "node:events";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { build } from "esbuild";
import { expect, test, vi } from "vitest";
import { createEmulator, VENDOR_CREDENTIALS } from "../../src/emulator.ts";
import { type Contract, createClient, type Schema, setContacts } from "../../src/index.ts";
import { root } from "../support/node.ts";
import { BODY, failure } from "./support.ts";

test("it loads and works with fetch, Headers, URL, AbortController and btoa alone", async () => {
  const { outputFiles } = await build({
    entryPoints: [join(root, "src/index.ts")],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "engagelab",
  });
  class BareUrl {
    constructor(url: string) {
      const { protocol, hostname, username, password, pathname, origin } = new URL(url);
      Object.assign(this, { protocol, hostname, username, password, pathname, origin });
    }
  }
  const answer = { status: 200, headers: new Headers(), text: async () => '{"code":0,"message":"bare"}' };
  const sent: unknown[] = [];
  const fetch = async (...args: unknown[]) => {
    sent.push(args[1]);
    return answer;
  };
  const timers = { setTimeout, clearTimeout }; // practically part of the language
  const globals = { fetch, Headers, URL: BareUrl, AbortController, btoa, ...timers };
  const result = await runInNewContext(
    `${outputFiles[0]?.text}
    engagelab.createClient({ apiKey: "clé", apiSecret: "秘密🔑" }).setContact({ euid: 1, contacts: { email: "a" } })`,
    globals,
  );
  expect(result).toMatchObject({ code: 0, message: "bare" });
  expect(sent).toMatchObject([{ headers: { authorization: "Basic Y2zDqTrnp5jlr4bwn5SR" } }]);
});

test("a signal that many calls share has one listener, and none afterwards", async () => {
  const warnings: Error[] = [];
  const warn = (warning: Error) => void warnings.push(warning);
  process.on("warning", warn);
  const controller = new AbortController();
  let listeners = 0;
  const { signal } = controller;
  const { addEventListener, removeEventListener } = signal;
  Object.assign(signal, {
    addEventListener: (...args: Parameters<typeof addEventListener>) => {
      listeners++;
      addEventListener.apply(signal, args);
    },
    removeEventListener: (...args: Parameters<typeof removeEventListener>) => {
      listeners--;
      removeEventListener.apply(signal, args);
    },
  });
  let most = 0;
  const fetch = async () => {
    most = Math.max(most, listeners);
    await new Promise((resolve) => setTimeout(resolve));
    return Response.json({ code: 0, message: "success" });
  };
  const client = createClient({ fetch });
  const watched = createClient({ fetch });
  watched.use({ onRequest() {} });
  await Promise.all(Array.from({ length: 30 }, () => client.setContact(BODY, { signal })));
  await Promise.all(Array.from({ length: 30 }, () => watched.setContact(BODY, { signal })));
  const updates = Array.from({ length: 40 }, (_, euid) => ({ ...BODY, euid }));
  for await (const { ok } of setContacts(watched, updates, { signal, concurrency: 20 })) expect(ok).toBe(true);
  expect({ most, listeners }).toEqual({ most: 1, listeners: 0 });
  process.emitWarning("the last one");
  while (warnings.at(-1)?.message !== "the last one") await once(process, "warning");
  process.off("warning", warn);
  expect(warnings.map(({ name }) => name)).toEqual(["Warning"]);
});

test("without performance, the wall clock limits a call", async () => {
  vi.stubGlobal("performance", undefined);
  try {
    const client = createClient({ fetch: () => new Promise(() => {}), totalTimeout: 5, maxRetries: 0 });
    expect(await failure(client.setContact(BODY))).toMatchObject({ kind: "timeout", timeout: 5 });
  } finally {
    vi.unstubAllGlobals();
  }
});

test.each([5, null, {}, { servers: [], operations: {} }])("an invalid contract is refused at once (%#)", (contract) => {
  expect(() => createClient({ contract: contract as never })).toThrow(
    expect.objectContaining({ kind: "configuration", option: "contract" }),
  );
});

test.each<[string, Schema]>([
  ["of a value", { type: "string", pattern: "(" }],
  ["of a member", { type: "object", properties: { pattern: { type: "string", pattern: "[a" } } }],
  ["of an item", { type: "array", items: { prefixItems: [{ anyOf: [{ pattern: "\\u{" }] }] } }],
  ["of names", { type: "object", patternProperties: { "a**": { type: "string" } } }],
])("a contract with a pattern %s that does not compile is refused at once", (_, body) => {
  const contract = {
    servers: ["https://example.com"],
    operations: { "POST /a": { repeatable: false, body } },
    errorCodes: {},
  };
  for (const make of [createClient, createEmulator]) {
    expect(() => make({ contract })).toThrow(
      expect.objectContaining({
        kind: "configuration",
        option: "contract",
        message: expect.stringContaining("pattern"),
      }),
    );
  }
});

test("a recursive contract is accepted", async () => {
  const node: { type: "object"; properties: { child?: Schema; name: Schema } } = {
    type: "object",
    properties: { name: { type: "string", pattern: "^a+$" } },
  };
  node.properties.child = node;
  const operations = { "POST /a": { repeatable: false, body: node } };
  const contract: Contract = { servers: ["https://example.com"], operations, errorCodes: {} };
  const { fetch } = createEmulator({ contract });
  const client = createClient<{
    "/a": { post: { requestBody: { content: { "application/json": object } }; responses: object } };
  }>({ ...VENDOR_CREDENTIALS, contract, fetch });
  expect(await client.POST("/a", { body: { child: { name: "aa" } } })).toMatchObject({ data: { code: 0 } });
  expect(await failure(client.POST("/a", { body: { child: { name: "b" } } }))).toMatchObject({ path: "child.name" });
});

test("without TextDecoder, an answer that needs it is not reported as cut off", async () => {
  vi.stubGlobal("TextDecoder", undefined);
  const fetch = async () => new Response('{"code":0,"message":"success"}');
  expect(await failure(createClient({ fetch }).setContact(BODY))).toMatchObject({
    kind: "response",
    outcome: "unknown",
    attempts: 1,
    message: "HTTP 200: expected an envelope, got a body that can't be read: this runtime has no TextDecoder",
  });
});

test("a contract without servers needs a baseUrl, and unknown operations are not checked", async () => {
  const contract = { servers: [], operations: {}, errorCodes: {} };
  expect(() => createClient({ contract })).toThrow(expect.objectContaining({ option: "baseUrl" }));
  const fetch = async () => Response.json({ code: 0, message: "", data: [{ identity_value: "a", euid: 1 }] });
  const client = createClient({ contract, baseUrl: "https://example.com", fetch });
  const euids = await client.getEuids({ identity_name: "user_id", identity_values: ["a"] } as never);
  expect([...euids]).toEqual([["a", "1"]]);
});
