/** An engine with hardly more than `fetch`: the package loads, and a call works. */
import { createContext, runInContext } from "node:vm";
import { build } from "esbuild";
import { beforeAll, expect, inject, test } from "vitest";
import { createEmulator, type Emulator, VENDOR_CREDENTIALS } from "../../src/emulator.ts";

const { project } = inject("packed");
const BODY = { euid: 1, contacts: { email: "12@gmail.com" } };

/** Without what was added to these classes later. */
class OldURL extends URL {
  static override canParse = undefined as never;
  static override parse = undefined as never;
}
class OldAbortController extends AbortController {
  constructor() {
    super();
    Object.defineProperty(this.signal, "throwIfAborted", { value: undefined });
  }
}

let bundle: string;
beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: 'export * from "engagelab-ma";', resolveDir: project },
    bundle: true,
    format: "iife",
    globalName: "engagelab",
    write: false,
  });
  bundle = outputFiles.map(({ text }) => text).join("");
});

/** The emulator as a server on the network, which says how long its answers are. */
const withLength =
  ({ fetch }: Emulator): Emulator["fetch"] =>
  async (input, init) => {
    const response = await fetch(input, init);
    const body = await response.bytes();
    response.headers.set("content-length", String(body.byteLength));
    return new Response(body, response);
  };

/** A realm of its own: it has the built-ins of the language, and of the platform what is listed here. */
function load(globals: object): typeof import("../../src/index.ts") {
  const platform = { Headers, URL: OldURL, AbortController: OldAbortController, btoa, setTimeout, clearTimeout };
  return runInContext(`${bundle}; engagelab`, createContext({ ...platform, ...globals }));
}

test("fetch, Headers, URL, AbortController, btoa and timers are enough", async () => {
  const emulator = createEmulator();
  const { createClient } = load({ fetch: withLength(emulator) });
  const client = createClient(VENDOR_CREDENTIALS);
  expect(await client.setContact(BODY)).toMatchObject({ code: 0 });
  emulator.fail({ status: 503, headers: { "retry-after": "0" } });
  const { signal } = new OldAbortController();
  expect(await client.POST("/v1/user/contact", { body: BODY, signal })).toMatchObject({ data: { code: 0 } });
  expect(emulator.requests).toHaveLength(3);
});

test("a bad option and a refusal are errors there as anywhere", async () => {
  const { createClient } = load({ fetch: withLength(createEmulator()) });
  expect(() => createClient({ baseUrl: "no URL" })).toThrow(/baseUrl/);
  const refused = createClient({ apiKey: "wrong", apiSecret: "wrong" }).setContact(BODY);
  await expect(refused).rejects.toMatchObject({ kind: "api", reason: "authentication_failed" });
});

test("text encoding is needed for credentials beyond ASCII and for bodies of unknown length only", async () => {
  const chunked = async () => new Response(new Blob(['{"code":0,"message":"成功"}']).stream());
  const { createClient } = load({ fetch: chunked, TextEncoder, TextDecoder });
  const client = createClient({ apiKey: "clé", apiSecret: "秘密" });
  expect(await client.setContact(BODY)).toMatchObject({ code: 0, message: "成功" });
});
