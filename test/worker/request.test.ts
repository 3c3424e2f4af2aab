import { describe, expect, it } from "vitest";
import { createClient, isEngageLabError } from "../../src/index.ts";
import app from "../../worker/index.ts";
import { type Asked, ask, ENV, emulator, lines, TOKEN } from "./support.ts";

const GOLDEN = "Basic N2Q0MzFlNDJkZmE2YTZkNjkzYWMyZDA0OjVlOTg3YWM2ZDJlMDRkOTVhOWQ4ZjBkMQ==";
const VENDOR_EXAMPLE = '{"euid":10362473,"contacts":{"mobile_phone":"18023456879","email":"12@gmail.com"}}';

interface Overrides extends Asked {
  path?: string;
}

function call(body: BodyInit | null, { path = "/v1/user/contact", ...asked }: Overrides = {}) {
  const headers = { "content-type": "application/json", ...(asked.headers as Record<string, string>) };
  return ask(path, { method: "POST", ...asked, headers, body });
}

describe("forwarded unchanged", () => {
  it("the vendor's example, with the golden header", async () => {
    const { status, envelope } = await call(VENDOR_EXAMPLE);
    expect({ status, envelope }).toEqual({ status: 200, envelope: { code: 0, message: "success" } });
    expect(emulator.requests).toHaveLength(1);
    expect(emulator.requests[0]).toMatchObject({ method: "POST", url: "https://ma-api.engagelab.com/v1/user/contact" });
    expect(emulator.requests[0]?.headers.authorization).toBe(GOLDEN);
    expect(emulator.requests[0]?.body).toBe(VENDOR_EXAMPLE);
  });

  it.each(["9223372036854775807", "-9223372036854775808", "9007199254740993"])(
    "EUID %s, digit for digit",
    async (euid) => {
      for (const literal of [euid, `"${euid}"`]) {
        expect((await call(`{"euid":${literal},"contacts":{"email":"a@b.c"}}`)).status).toBe(200);
        expect(emulator.requests.at(-1)?.body).toContain(`"euid":${euid},`);
      }
    },
  );

  it("values in any script, and a contact named __proto__", async () => {
    const body = '{"euid":1,"contacts":{"__proto__":"x","имя":"中文 😀 العربية \\u0000"}}';
    expect((await call(body)).status).toBe(200);
    expect(emulator.contacts.get("1")).toEqual(
      new Map([
        ["__proto__", "x"],
        ["имя", "中文 😀 العربية \u0000"],
      ]),
    );
  });

  it("a client of this package that talks to the gateway", async () => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const fetch = async (url: string, init: RequestInit) => app.fetch(new Request(url, init), ENV);
    const client = createClient({ baseUrl: "https://gateway.example", headers, fetch });
    await expect(client.setContact({ euid: 5n, contacts: { email: "a@b.c" } })).resolves.toMatchObject({ status: 200 });
    const conflict = await client
      .setContact({ euid: 6n, contacts: { email: "a@b.c" } })
      .catch((error: unknown) => error);
    if (!isEngageLabError(conflict, "api")) throw conflict;
    expect(conflict).toMatchObject({ status: 409, reason: "contact_already_set", outcome: "refused" });
  });
});

describe("bad input", () => {
  it.each([
    ["broken JSON", '{"euid":1', "body"],
    ["an empty body", "", "body"],
    ["no object", "[1]", "body"],
    ["null", "null", "body"],
    ["a missing euid", '{"contacts":{"email":"x"}}', "euid"],
    ["a fractional euid", '{"euid":1.5,"contacts":{"email":"x"}}', "euid"],
    ["an euid beyond 64 bits", '{"euid":9223372036854775808,"contacts":{"email":"x"}}', "euid"],
    ["an euid far beyond 64 bits", `{"euid":1${"0".repeat(400)},"contacts":{"email":"x"}}`, "euid"],
    ["1e3", '{"euid":1e3,"contacts":{"email":"x"}}', "euid"],
    ["1.0", '{"euid":1.0,"contacts":{"email":"x"}}', "euid"],
    ["digits that are not canonical", '{"euid":"007","contacts":{"email":"x"}}', "euid"],
    ["an empty string", '{"euid":"","contacts":{"email":"x"}}', "euid"],
    ["a boolean", '{"euid":true,"contacts":{"email":"x"}}', "euid"],
    ["missing contacts", '{"euid":1}', "contacts"],
    ["empty contacts", '{"euid":1,"contacts":{}}', "contacts"],
    ["contacts that are a list", '{"euid":1,"contacts":["email"]}', "contacts"],
    ["a value that is no string", '{"euid":1,"contacts":{"email":5}}', "contacts.email"],
    ["a value that is null", '{"euid":1,"contacts":{"__proto__":null}}', "contacts.__proto__"],
  ])("%s: 400 that names the path", async (_name, body, path) => {
    const { status, envelope } = await call(body);
    expect({ status, code: envelope.code }).toEqual({ status: 400, code: 400000 });
    expect(envelope.message.split(" ")[0]).toBe(path);
    expect(emulator.requests).toHaveLength(0);
  });

  it("JSON that is nested too deeply to be read: 400", async () => {
    const { status, envelope } = await call(`{"euid":1,"contacts":{"a":${"[".repeat(9_000)}${"]".repeat(9_000)}}}`);
    expect({ status, envelope }).toEqual({
      status: 400,
      envelope: { code: 400000, message: "body is nested too deeply" },
    });
  });

  it("a body that is not UTF-8: 400, since it could not be sent on unchanged", async () => {
    const body = new Uint8Array([...new TextEncoder().encode('{"euid":1,"contacts":{"a":"'), 0xfc, 0x22, 0x7d, 0x7d]);
    const { status, envelope } = await call(body);
    expect({ status, envelope }).toEqual({ status: 400, envelope: { code: 400000, message: "body is not UTF-8" } });
  });

  it("a body that is cut off: 400, and no line in the log", async () => {
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("gone")) });
    const { status, envelope } = await call(broken);
    expect({ status, envelope }).toEqual({ status: 400, envelope: { code: 400000, message: "body was cut off" } });
    expect(lines).toEqual([]);
  });

  it("other members are ignored, whatever numbers they contain", async () => {
    const others = '"x":1.5,"y":[2.50,1.0,1e21,1e400,{"euid":1.0}],"contact":{}';
    expect((await call(VENDOR_EXAMPLE.replace("{", `{${others},`))).status).toBe(200);
    expect(emulator.requests.at(-1)?.body).not.toContain("1e21");
  });

  it.each(["text/plain", "application/jsonx", ""])("Content-Type %j: 400", async (type) => {
    const { status, envelope } = await call(VENDOR_EXAMPLE, { headers: { "content-type": type } });
    expect({ status, code: envelope.code }).toEqual({ status: 400, code: 400000 });
    expect(envelope.message).toMatch(/^Content-Type /);
  });

  it("a content encoding: 415", async () => {
    const { status, envelope } = await call(VENDOR_EXAMPLE, { headers: { "content-encoding": "gzip" } });
    expect({ status, code: envelope.code }).toEqual({ status: 415, code: 415000 });
  });

  it("more than 64 KiB: 413, announced or not", async () => {
    const large = `{"euid":1,"contacts":{"email":"${"x".repeat(64 * 1024)}"}}`;
    const streamed = new Blob([large]).stream();
    for (const body of [large, streamed]) {
      const { status, envelope } = await call(body);
      expect({ status, code: envelope.code }).toEqual({ status: 413, code: 413000 });
    }
    expect((await call(`{"euid":1,"contacts":{"email":"${"x".repeat(60 * 1024)}"}}`)).status).toBe(200);
  });
});

describe("authentication", () => {
  it.each(["", "Bearer", "Bearer ", "Bearer wrong", `Basic ${TOKEN}`, TOKEN, `Bearer ${TOKEN} ${TOKEN}`, "Bearer crm"])(
    "Authorization %j: 401",
    async (authorization) => {
      const { status, headers, envelope } = await call(VENDOR_EXAMPLE, { headers: { authorization } });
      expect({ status, code: envelope.code }).toEqual({ status: 401, code: 401000 });
      expect(headers.get("www-authenticate")).toBe("Bearer");
      expect(emulator.requests).toHaveLength(0);
    },
  );

  it("takes each token of the list, and logs the caller's name", async () => {
    for (const [token, caller] of [
      ["token-of-the-app", "app"],
      ["next-token", "crm"],
    ]) {
      expect((await call(VENDOR_EXAMPLE, { headers: { authorization: `bearer ${token}` } })).status).toBe(200);
      expect(lines.at(-1)).toMatchObject({ caller, euid: "10362473", outcome: "delivered" });
    }
  });

  it.each([
    ["no list", undefined],
    ["an empty list", ""],
    ["a trailing comma", "crm:abc,"],
    ["an empty token", "crm:"],
    ["an empty name", ":abc"],
    ["a name alone", "abc"],
    ["a space in a token", "crm:a b"],
    ["a token twice", "crm:abc,app:abc"],
  ])("%s: 503, never an open gateway", async (_name, list) => {
    for (const authorization of ["Bearer abc", "Bearer ", "Bearer", ""]) {
      const env = { GATEWAY_TOKENS: list };
      const { status, envelope } = await call(VENDOR_EXAMPLE, { env, headers: { authorization } });
      expect({ status, code: envelope.code }).toEqual({ status: 503, code: 503000 });
      expect(lines.at(-1)).toMatchObject({ outcome: "unavailable", error: expect.stringContaining("GATEWAY_TOKENS") });
    }
    expect(emulator.requests).toHaveLength(0);
  });

  it.each([
    ["ENGAGELAB_API_KEY", undefined],
    ["ENGAGELAB_API_KEY", "with:colon"],
    ["ENGAGELAB_API_SECRET", ""],
    ["ENGAGELAB_API_SECRET", "line\nbreak"],
    ["ENGAGELAB_BASE_URL", "http://not-loopback.example"],
    ["ENGAGELAB_BASE_URL", "ftp://x"],
    ["ENGAGELAB_BASE_URL", ""],
    ["ENGAGELAB_BASE_URL", undefined],
  ])("%s = %j: 503, and a line in the log", async (name, value) => {
    const { status, envelope } = await call(VENDOR_EXAMPLE, { env: { [name]: value } });
    expect({ status, code: envelope.code }).toEqual({ status: 503, code: 503000 });
    expect(lines.at(-1)).toMatchObject({ outcome: "unavailable", error: expect.any(String) });
    expect((await call(null, { method: "GET", path: "/healthz", env: { [name]: value } })).status).toBe(503);
  });

  it("a harmless request id is kept, any other is replaced", async () => {
    const id = async (given: string) =>
      (await call(VENDOR_EXAMPLE, { headers: { "x-request-id": given } })).headers.get("x-request-id");
    expect(await id("a.b-c_1")).toBe("a.b-c_1");
    expect(await id("a b")).toMatch(/^[\da-f-]{36}$/);
    expect(await id("x".repeat(65))).toMatch(/^[\da-f-]{36}$/);
  });

  it("/healthz needs no token, and a cache keeps its answers to operators apart", async () => {
    const anonymous = { method: "GET", path: "/healthz", headers: { authorization: "" } };
    const { status, headers } = await call(null, anonymous);
    expect(status).toBe(200);
    expect(headers.get("vary")).toMatch(/\bauthorization\b/i);
  });
});

describe("EngageLab's refusals", () => {
  it("55014: 409 with its own envelope", async () => {
    await call('{"euid":1,"contacts":{"email":"a@b.c"}}');
    const { status, envelope } = await call('{"euid":2,"contacts":{"email":"a@b.c"}}');
    expect({ status, envelope }).toEqual({ status: 409, envelope: { code: 55014, message: "Contact exists" } });
  });

  it("another refusal: 422 with its own envelope", async () => {
    emulator.fail({ status: 400, body: '{"code":70001,"message":"no such user"}' });
    const { status, envelope } = await call('{"euid":70001,"contacts":{"email":"12@gmail.com"}}');
    expect({ status, envelope }).toEqual({ status: 422, envelope: { code: 70001, message: "no such user" } });
    const state = await ask("/v1/user/contact/70001");
    expect(state.envelope.data).toMatchObject({ euid: "70001", contacts: { email: { state: "refused" } } });
  });
});
