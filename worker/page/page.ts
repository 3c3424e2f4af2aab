/** The page at /, in the browser: sets a contact with this package, and shows what came of it. */
import type { Schema } from "../../src/contract.ts";
import { contract } from "../../src/generated/contract.ts";
import { type AnyEngageLabError, type Client, createClient, isEngageLabError } from "../../src/index.ts";
import type { components, paths } from "../generated/gateway.ts";
import { adviceOn, meaningOf, meaningOfSuccess } from "./meaning.ts";

type State = components["schemas"]["ContactStates"]["contacts"][string];

function find<T extends Element>(selector: string, type: new () => T, within: ParentNode = document): T {
  const element = within.querySelector(selector);
  if (!(element instanceof type)) throw new Error(`the page has no ${selector}`);
  return element;
}

const form = find("#form", HTMLFormElement);
const token = find("#token", HTMLInputElement);
const euid = find("#euid", HTMLInputElement);
const later = find("#async", HTMLInputElement);
const contacts = find("#contacts", HTMLElement);
const add = find("#add", HTMLButtonElement);
const answer = find("#answer", HTMLElement);
const state = find("#state", HTMLElement);

const text = (tag: string, content: string): HTMLElement => {
  const element = document.createElement(tag);
  element.textContent = content;
  return element;
};

/** One attempt, so that what is shown is what was answered. */
function gateway(): Client<paths> {
  const headers = { Authorization: `Bearer ${token.value}` };
  return createClient<paths>({ baseUrl: location.origin, headers, maxRetries: 0 });
}

function addContact(name: string): HTMLInputElement {
  const row = find("#contact", HTMLTemplateElement).content.cloneNode(true) as DocumentFragment;
  const input = find(".name", HTMLInputElement, row);
  input.value = name;
  const group = find(".contact", HTMLElement, row);
  find(".remove", HTMLButtonElement, row).addEventListener("click", () => {
    group.remove();
    add.focus();
  });
  contacts.append(row);
  return input;
}

function readContacts(): Record<string, string> {
  const entries = Array.from(contacts.querySelectorAll(".contact"), (row): [string, string] => [
    find(".name", HTMLInputElement, row).value,
    find(".value", HTMLInputElement, row).value,
  ]);
  return Object.fromEntries(entries);
}

/** The name that stands twice, which an object could not show. */
function findTwin(): HTMLInputElement | undefined {
  const names = Array.from(contacts.querySelectorAll<HTMLInputElement>(".name"));
  return names.find(({ value }, i) => names.findIndex((other) => other.value === value) < i);
}

/** The field that an argument's path is about. */
function findField(path: string): HTMLInputElement | undefined {
  if (path === "euid") return euid;
  const rows = Array.from(contacts.querySelectorAll(".contact"));
  const row = rows.find((one) => path === `contacts.${find(".name", HTMLInputElement, one).value}`);
  return row && find(".value", HTMLInputElement, row);
}

function complain(field: HTMLInputElement | undefined): void {
  field?.setAttribute("aria-invalid", "true");
  field?.focus();
}

function describe(error: AnyEngageLabError, meaning: string): HTMLElement[] {
  const facts = [`${error.kind}: ${error.message}`];
  if (error.kind === "api") facts.push(`code ${error.code} (${error.reason}), HTTP ${error.status}`);
  return [text("strong", meaning), ...[...facts, adviceOn(error)].map((fact) => text("p", fact))];
}

/** Runs what a button asks for, and shows why it failed. */
async function run(
  target: HTMLElement,
  work: () => Promise<HTMLElement[]>,
  failed: (error: AnyEngageLabError) => string,
): Promise<void> {
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  try {
    target.replaceChildren(...(await work()));
  } catch (error) {
    if (!isEngageLabError(error)) throw error;
    target.replaceChildren(...describe(error, failed(error)));
    if (error.kind === "validation") complain(findField(error.path));
  } finally {
    form.ariaBusy = "false";
  }
}

async function set(): Promise<HTMLElement[]> {
  const twin = findTwin();
  if (twin) {
    complain(twin);
    return [text("strong", "Not sent"), text("p", `${twin.value} stands twice. Remove one of them.`)];
  }
  const headers: Record<string, string> = later.checked ? { Prefer: "respond-async" } : {};
  const body = { euid: euid.value, contacts: readContacts() };
  const { status, message } = await gateway().setContact(body, { headers });
  return [text("strong", meaningOfSuccess(status)), text("p", `code 0: ${message}, HTTP ${status}`)];
}

function row(name: string, { state, attempts, since, reason }: State): HTMLElement {
  const line = document.createElement("tr");
  const header = text("th", name);
  header.setAttribute("scope", "row");
  const told = reason === undefined ? state : `${state}: ${reason}`;
  line.append(header, text("td", told), text("td", String(attempts)), text("td", new Date(since).toLocaleString()));
  return line;
}

async function show(): Promise<HTMLElement[]> {
  const { data, error } = await gateway().GET("/v1/user/contact/{euid}", { params: { path: { euid: euid.value } } });
  if (error) throw error;
  const entries = Object.entries(data.data.contacts);
  if (entries.length === 0) return [text("p", `The gateway has nothing of ${data.data.euid}.`)];
  const head = document.createElement("tr");
  for (const title of ["Name", "State", "Attempts", "Since"]) {
    const cell = text("th", title);
    cell.setAttribute("scope", "col");
    head.append(cell);
  }
  const table = document.createElement("table");
  table.append(text("caption", `User ${data.data.euid}`), head, ...entries.map(([name, one]) => row(name, one)));
  return [table];
}

const body: Schema = contract.operations["POST /v1/user/contact"]?.body || {};
const known: Schema = body.properties?.contacts || {};
for (const name of Object.keys(known.properties ?? {})) {
  find("#names", HTMLDataListElement).append(new Option(name));
}
addContact("email");
add.addEventListener("click", () => addContact("").focus());
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  await run(answer, set, meaningOf);
});
find("#show", HTMLButtonElement).addEventListener("click", async () => {
  if (token.reportValidity() && euid.reportValidity()) await run(state, show, () => "Not known");
});
