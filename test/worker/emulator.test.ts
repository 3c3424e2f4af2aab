/** The emulator as miniflare's `outboundService`: it runs in Node (vitest.config.ts), and a Worker's own `fetch` reaches it. */
import { expect, it } from "vitest";
import { VENDOR_CREDENTIALS } from "../../src/emulator.ts";
import { createClient } from "../../src/index.ts";

const client = createClient({ ...VENDOR_CREDENTIALS, baseUrl: "https://emulator.example" });

it("answers what a Worker sends", async () => {
  const body = { euid: 10362473, contacts: { email: "中@example.com" } };
  expect(await client.setContact(body)).toEqual({ code: 0, message: "success", status: 200 });
  const euids = await client.getEuids({ identity_name: "user_id", identity_values: ["a"] });
  expect([...euids]).toEqual([["a", "10000091198"]]);
});

it("refuses a wrong secret", async () => {
  const wrong = createClient({ apiKey: "a", apiSecret: "b", baseUrl: "https://emulator.example" });
  await expect(wrong.setContact({ euid: 1, contacts: { email: "a" } })).rejects.toMatchObject({
    reason: "authentication_failed",
    outcome: "refused",
  });
});
