import { expect, it } from "vitest";
import { createEmulator, VENDOR_CREDENTIALS } from "../../src/emulator.ts";
import { createClient } from "../../src/index.ts";

it("the vendor's example is sent unchanged, with the golden header", async () => {
  const emulator = createEmulator();
  const engagelab = createClient({ ...VENDOR_CREDENTIALS, fetch: emulator.fetch });
  const contacts = { mobile_phone: "18023456879", email: "12@gmail.com" };
  await expect(engagelab.setContact({ euid: 10362473, contacts })).resolves.toEqual({
    code: 0,
    message: "success",
    status: 200,
  });
  const [request] = emulator.requests;
  expect(request?.headers.authorization).toBe(
    "Basic N2Q0MzFlNDJkZmE2YTZkNjkzYWMyZDA0OjVlOTg3YWM2ZDJlMDRkOTVhOWQ4ZjBkMQ==",
  );
  expect(request?.body).toBe('{"euid":10362473,"contacts":{"mobile_phone":"18023456879","email":"12@gmail.com"}}');
});
