/** Send: sets contacts, and shows what happened to them. */
import type { Schema } from "../../src/contract.ts";
import { contract } from "../../src/generated/contract.ts";
import { isEngageLabError } from "../../src/index.ts";
import { facts, find, h } from "./dom.ts";
import { card, failureCard } from "./result.ts";
import { asCaller, euid, onChange } from "./session.ts";

const form = find("#send-form", HTMLFormElement);
const rows = find("#contacts", HTMLElement);
const add = find("#add", HTMLButtonElement);
const submit = find("button[type=submit]", HTMLButtonElement, form);
const later = find("#later", HTMLInputElement);
const result = find("#send-result", HTMLElement);

interface Row {
  readonly group: HTMLElement;
  readonly name: HTMLInputElement;
  readonly value: HTMLInputElement;
}

function readRows(): Row[] {
  return Array.from(rows.querySelectorAll<HTMLElement>(".contact"), (group) => ({
    group,
    name: find(".name", HTMLInputElement, group),
    value: find(".value", HTMLInputElement, group),
  }));
}

function addRow(name: string): void {
  const row = find("#contact", HTMLTemplateElement).content.cloneNode(true);
  rows.append(row);
  const added = readRows().at(-1);
  if (!added) return;
  added.name.value = name;
  for (const input of [added.name, added.value]) {
    // Show the value as it is sent.
    input.addEventListener("change", () => {
      input.value = input.value.trim();
    });
  }
  find(".remove", HTMLButtonElement, added.group).addEventListener("click", () => {
    added.group.remove();
    add.focus();
  });
  if (name === "") added.name.focus();
}

function mark(input: HTMLInputElement | undefined): void {
  input?.setAttribute("aria-invalid", "true");
  input?.focus();
}

/** The input that a validation error is about. */
function inputOf(path: string): HTMLInputElement | undefined {
  if (path === "euid") return find(".euid", HTMLInputElement, form);
  return readRows().find(({ name }) => path === `contacts.${name.value.trim()}`)?.value;
}

/** A name that occurs twice would overwrite the first value. */
function findDuplicate(): HTMLInputElement | undefined {
  const names = readRows().map(({ name }) => name);
  return names.find(({ value }, i) => names.findIndex((other) => other.value.trim() === value.trim()) < i);
}

function delivered(user: string, status: number, ms: number): HTMLElement {
  const watch = h("a", { href: "#user" }, "Show the user's state");
  const details = [facts({ EUID: user, Code: "0 success", HTTP: String(status), Time: `${ms} ms` }), watch];
  if (status === 202) {
    const advice = "The gateway holds the values. It will deliver them, or list the user as parked.";
    return card({ tone: "busy", icon: "clock", title: "Stored", advice }, ...details);
  }
  const link = h("a", { href: "https://www.engagelab.com/docs" }, "EngageLab's documentation");
  const note = h("small", {}, "EngageLab answers a partial success with code 0, too: see ", link, ".");
  return card(
    { tone: "good", icon: "check", title: "Delivered", advice: "EngageLab accepted the values." },
    ...details,
    note,
  );
}

async function send(): Promise<HTMLElement> {
  const duplicate = findDuplicate();
  if (duplicate) {
    mark(duplicate);
    const advice = `The name ${duplicate.value.trim()} occurs twice. Remove one of the rows.`;
    return card({ tone: "bad", icon: "cross", title: "Not sent", advice });
  }
  const contacts = Object.fromEntries(readRows().map(({ name, value }) => [name.value.trim(), value.value.trim()]));
  const headers: Record<string, string> = later.checked ? { Prefer: "respond-async" } : {};
  const started = performance.now();
  const user = euid.read();
  try {
    const { status } = await asCaller().setContact({ euid: user, contacts }, { headers });
    return delivered(user, status, Math.round(performance.now() - started));
  } catch (error) {
    if (isEngageLabError(error, "validation")) mark(inputOf(error.path));
    return failureCard(error, { EUID: user });
  }
}

let sending = false;

async function run(): Promise<void> {
  if (sending) return;
  sending = true;
  submit.setAttribute("aria-disabled", "true");
  submit.textContent = "Sending…";
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  try {
    result.replaceChildren(await send());
  } finally {
    sending = false;
    submit.removeAttribute("aria-disabled");
    submit.textContent = "Send";
  }
}

/** A schema, empty if there are no rules. */
const schema = (given: Schema | false | undefined): Schema => given || {};

export function startSend(): void {
  const { contacts } = schema(contract.operations["POST /v1/user/contact"]?.body).properties ?? {};
  const options = Object.keys(schema(contacts).properties ?? {}).map((name) => new Option(name));
  find("#names", HTMLDataListElement).append(...options);
  addRow("email");
  add.addEventListener("click", () => addRow(""));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  // The result was for other inputs.
  onChange(() => result.replaceChildren());
}
