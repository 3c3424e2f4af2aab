import { join } from "node:path";
import axe, { type AxeResults } from "axe-core";
import { expect, test } from "vitest";
import {
  call,
  emulator,
  expectShown,
  gateway,
  hasFocus,
  incidents,
  newEuid,
  OPERATOR,
  open,
  openParked,
  PATIENCE,
  page,
  park,
  parked,
  rowOf,
  SCREENSHOTS,
  send,
  stateOf,
  TOKEN,
  useConsole,
  visible,
} from "../support/console.ts";

useConsole();

test("sets a contact, and shows the state of the user", async () => {
  await send("9223372036854775807", "12@gmail.com");
  await expectShown("#send-result", "Delivered", "9223372036854775807", "200", "partial success");
  expect(emulator.contacts.get("9223372036854775807")?.get("email")).toBe("12@gmail.com");
  await page.getByRole("link", { name: "Show the user's state" }).click();
  await expectShown("#user-result", "email", "Delivered");
});

test("blanks around pasted tokens, EUIDs, names and values are not sent", async () => {
  const euid = newEuid();
  await page.getByLabel("Name").fill(" email ");
  await send(` ${euid}\t`, " 12@gmail.com ", ` ${TOKEN} `);
  await expectShown("#send-result", "Delivered");
  expect(emulator.contacts.get(euid)).toEqual(new Map([["email", "12@gmail.com"]]));
});

test("stores now and delivers later if the box is ticked", async () => {
  const euid = newEuid();
  await page.getByLabel("Store now").check();
  await send(euid, "12@gmail.com");
  await expectShown("#send-result", "Stored");
  await expect.poll(() => emulator.contacts.get(euid)?.get("email"), PATIENCE).toBe("12@gmail.com");
});

test("contacts can be added and removed, and the focus moves along", async () => {
  const euid = newEuid();
  await page.getByRole("button", { name: "Add a contact" }).click();
  await page.keyboard.type("mobile_phone");
  await page.keyboard.press("Tab");
  await page.keyboard.type("18023456879");
  await page.getByRole("button", { name: "Remove this contact" }).first().click();
  expect(await hasFocus("#add")).toBe(true);
  await send(euid, "18023456879");
  await expectShown("#send-result", "Delivered");
  expect(emulator.contacts.get(euid)).toEqual(new Map([["mobile_phone", "18023456879"]]));
});

test("offers the known names", async () => {
  const options = page.locator("#names option");
  const names = await options.evaluateAll((all) => all.map((one) => one instanceof HTMLOptionElement && one.value));
  expect(names).toContain("email");
  expect(names).toContain("mobile_phone");
});

test("a conflict is shown as refused, with the advice", async () => {
  await send(newEuid(), "taken@gmail.com");
  await expectShown("#send-result", "Delivered");
  await send(newEuid(), "taken@gmail.com");
  await expectShown("#send-result", "Refused", "55014 contact_already_set", "Check whether the contact");
});

test("a wrong token", async () => {
  await send(newEuid(), "12@gmail.com", "wrong");
  await expectShown("#send-result", "Refused", "401000 unauthorized", "Send a token of the gateway");
  await open("User");
  await expectShown("#user-result", "Refused", "unauthorized");
});

test.each(["12.5", "9223372036854775808"])("the EUID %s is not sent, and its field is marked", async (euid) => {
  await send(euid, "12@gmail.com");
  await expectShown("#send-result", "Not sent", "euid");
  expect(await page.locator("#send-euid").getAttribute("aria-invalid")).toBe("true");
  expect(await hasFocus("#send-euid")).toBe(true);
  expect(emulator.requests).toEqual([]);
});

test("a name that occurs twice is not sent", async () => {
  await page.getByRole("button", { name: "Add a contact" }).click();
  await page.keyboard.type("email");
  await page.keyboard.press("Tab");
  await page.keyboard.type("13@gmail.com");
  await send(newEuid(), "12@gmail.com");
  await expectShown("#send-result", "Not sent", "email occurs twice");
  expect(emulator.requests).toEqual([]);
});

test("a gateway that can't be reached", async () => {
  await page.context().setOffline(true);
  await send(newEuid(), "12@gmail.com");
  await expectShown("#send-result", "Gateway unreachable", "safe to send the same value again");
});

test("a pending value is refreshed until it is delivered", async () => {
  const euid = newEuid();
  emulator.fail({ status: 503, body: "busy" });
  await call("POST", "/v1/user/contact", TOKEN, { euid, contacts: { email: `${euid}@gmail.com` } });
  await visible("input.token").fill(TOKEN);
  await visible("input.euid").fill(euid);
  await open("User");
  await expectShown("#user-result", "Delivered", "2");
  await open("Send");
});

test("why a value is parked; another EUID clears the state at once", async () => {
  const euid = await park();
  await visible("input.token").fill(TOKEN);
  await visible("input.euid").fill(euid);
  await open("User");
  await expectShown("#user-result", "Parked", "The value belongs to another user", "Code 55014");
  await visible("input.euid").press("End");
  await page.keyboard.type("0");
  expect(await page.locator("#user-result li").count()).toBe(0);
});

test("lists parked users, and retries one", async () => {
  const euid = await park();
  await openParked();
  await rowOf(euid).getByRole("link").click();
  await expectShown("#user-result", "Parked");
  await page.goBack();
  emulator.reset();
  await rowOf(euid).getByRole("button", { name: "Retry" }).click();
  await expectShown("#parked-status", `${euid} is being retried`);
  expect(await rowOf(euid).count()).toBe(0);
  await expect.poll(() => stateOf(euid), PATIENCE).toBe("delivered");
});

test("forgets a user after a confirmation that names the EUID", async () => {
  const euid = await park();
  await openParked();
  await rowOf(euid).getByRole("button", { name: "Forget" }).click();
  const dialog = page.getByRole("dialog", { name: `Forget ${euid}?` });
  await page.keyboard.press("Escape");
  expect(await stateOf(euid)).toBe("parked");
  await rowOf(euid).getByRole("button", { name: "Forget" }).click();
  await dialog.getByRole("button", { name: `Forget ${euid}` }).click();
  await expectShown("#parked-status", `forgotten ${euid}`);
  expect(await stateOf(euid)).toBeUndefined();
});

test("pages through more than 100 users, and retries all of them", async () => {
  for (let i = 0; i < 13; i++) await Promise.all(Array.from({ length: 8 }, () => park()));
  await openParked();
  await expectShown("#parked-count", "100+ users");
  await page.getByRole("button", { name: "Show more" }).click();
  await expectShown("#parked-count", "104 users");
  emulator.reset();
  await page.getByRole("button", { name: "Retry all" }).click();
  await expectShown("#parked-status", "104 users are being retried");
  for (const euid of parked) await expect.poll(() => stateOf(euid), PATIENCE).toBe("delivered");
});

test("if a retry of all fails midway, it says how far it came; a click on Show more counts once", async () => {
  const pages: Record<string, unknown> = {
    "GET /parked": { euids: ["1", "2"], next: "2" },
    "GET /parked?after=2": { euids: ["3"], next: "3" },
    "POST /parked/retry": { euids: ["1", "2"], next: "2" },
  };
  await page.route(/\/parked/, (route) => {
    const data = pages[`${route.request().method()} ${route.request().url().slice(gateway.url.length)}`];
    return data === undefined
      ? route.fulfill({ status: 503, json: { code: 503000, message: "The gateway can't work now" } })
      : route.fulfill({ json: { code: 0, message: "success", data } });
  });
  await openParked();
  await expectShown("#parked-count", "2+ users");
  await page.getByRole("button", { name: "Show more" }).dblclick();
  await expectShown("#parked-count", "3+ users");
  await page.getByRole("button", { name: "Retry all" }).click();
  await expectShown("#parked-status", "Unavailable", "Before that, 2 users were retried");
});

test("health: public without a token, details for operators", async () => {
  await open("Health");
  await expectShown("#health-result", "Operational", "Enter an operator's token");
  await visible("input.operator-token").fill(OPERATOR);
  await page.keyboard.press("Enter");
  await expectShown("#health-result", "Pending", "Parked", "Closed");
});

test("the token stays in memory", async () => {
  await send(newEuid(), "12@gmail.com");
  await expectShown("#send-result", "Delivered");
  const kept = await page.evaluate(() => [location.href, document.cookie, localStorage.length, sessionStorage.length]);
  expect(kept).toEqual([`${gateway.url}/`, "", 0, 0]);
  await page.reload();
  expect(await page.locator("#send-token").inputValue()).toBe("");
});

test("tokens in the fragment are taken on loopback only, and leave the address at once", async () => {
  const fragment = `#token=${TOKEN}&operator=${OPERATOR}&euid=7`;
  await page.goto("about:blank");
  await page.goto(`${gateway.url}/${fragment}`);
  expect(await page.locator("#send-token").inputValue()).toBe(TOKEN);
  expect(await page.locator("#send-euid").inputValue()).toBe("7");
  expect(page.url()).toBe(`${gateway.url}/`);
  const html = await (await fetch(gateway.url)).text();
  await page.route("http://gateway.example.org/", (route) => route.fulfill({ contentType: "text/html", body: html }));
  await page.goto(`http://gateway.example.org/${fragment}`);
  expect(await page.locator("#send-token").inputValue()).toBe("");
  expect(page.url()).toBe("http://gateway.example.org/");
  expect(incidents.splice(0)).toEqual(["http://gateway.example.org/"]);
});

test.each(["light", "dark"] as const)("axe-core finds nothing in %s, and nothing overflows", async (colorScheme) => {
  await page.emulateMedia({ colorScheme });
  const euid = await park("9223372036854775806");
  const check = async (name: string) => {
    for (const [size, width] of Object.entries({ phone: 320, desktop: 1280 })) {
      await page.setViewportSize({ width, height: 800 });
      await page.screenshot({ path: join(SCREENSHOTS, `${name}-${size}-${colorScheme}.png`), fullPage: true });
      expect(await page.evaluate(() => document.documentElement.scrollWidth), `${name} ${size}`).toBe(width);
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate<AxeResults>("axe.run()");
      expect(violations.map(({ id, nodes }) => [name, id, nodes.map(({ html }) => html)])).toEqual([]);
    }
  };
  await check("send");
  await send(newEuid(), `${colorScheme}@gmail.com`);
  await expectShown("#send-result", "Delivered");
  await check("delivered");
  await send(newEuid(), `${colorScheme}@gmail.com`);
  await expectShown("#send-result", "Refused");
  await check("refused");
  await open("User");
  await check("user-empty");
  await visible("input.euid").fill(euid);
  await page.keyboard.press("Enter");
  await expectShown("#user-result", "Parked");
  await check("user");
  await open("Parked");
  await check("parked-empty");
  await openParked();
  await rowOf(euid).waitFor();
  await check("parked");
  await rowOf(euid).getByRole("button", { name: "Forget" }).click();
  await check("forget");
  await page.getByRole("button", { name: "Cancel" }).click();
  await open("Health");
  await expectShown("#health-result", "Closed");
  await check("health");
});

test("its policy allows its own script and style, and nothing else", async () => {
  const { headers } = await fetch(gateway.url);
  expect(headers.get("content-security-policy")).toMatch(
    /^default-src 'none'; script-src 'sha256-[\w+/=]+'; style-src 'sha256-[\w+/=]+'; img-src data:; connect-src 'self';/,
  );
  await page.evaluate(() => {
    const script = document.createElement("script");
    try {
      script.text = "document.title = 'taken over'";
    } catch {}
    document.head.append(script);
  });
  expect(await page.title()).toBe("Send · engagelab-ma gateway");
  incidents.length = 0; // the policy's report of this very attempt
});
