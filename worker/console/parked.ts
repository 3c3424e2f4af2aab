/** Parked: the users whose values wait for an operator. */
import { isEngageLabError } from "../../src/index.ts";
import { announce, button, empty, find, h } from "./dom.ts";
import { failureCard } from "./result.ts";
import { asOperator, hasOperatorToken, euid as sharedEuid } from "./session.ts";

const list = find("#parked-list", HTMLElement);
const status = find("#parked-status", HTMLElement);
const retryAll = find("#retry-all", HTMLButtonElement);
const form = find("#parked-form", HTMLFormElement);
const moreButton = find("#more", HTMLButtonElement);
const dialog = find("#forget", HTMLDialogElement);
/** Shown instead of the list. */
const placeholder = find("#parked-empty", HTMLElement);

/** The number of the current list, to drop a late page of an older one. */
let latest = 0;
let next: string | undefined;

const noun = (count: number): string => (count === 1 ? "user" : "users");
const note = (text: string): HTMLElement => h("p", { class: "note" }, text);

function say(...content: readonly (Node | string)[]): void {
  status.replaceChildren(...content);
}

/** Shows why a request failed. */
async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    say(failureCard(error));
  }
}

async function readPage(after: string | undefined): Promise<void> {
  const request = latest;
  list.ariaBusy = "true";
  try {
    const { data, error } = await asOperator().GET("/parked", {
      params: { query: after === undefined ? {} : { after } },
    });
    if (request !== latest) return;
    if (error) throw error;
    next = data.data.next;
    list.append(...data.data.euids.map(row));
    showCount();
  } finally {
    list.ariaBusy = "false";
  }
}

function showCount(): void {
  const count = list.childElementCount;
  moreButton.hidden = next === undefined;
  retryAll.hidden = count === 0;
  const isEmpty = count === 0 && next === undefined;
  const text = "A value is listed here if EngageLab refuses it after its caller has gone, or if 200 attempts failed.";
  placeholder.replaceChildren(...(isEmpty ? [empty("Nothing is parked", text)] : []));
  const more = next === undefined ? "" : "+";
  find("#parked-count", HTMLElement).textContent = count === 0 ? "" : `${count}${more} ${noun(count)}`;
}

function row(euid: string): HTMLElement {
  const open = h("a", { href: "#user" }, euid);
  open.addEventListener("click", () => sharedEuid.write(euid));
  const item = h("li", {}, open);
  item.append(
    button("Retry", () => attempt(() => retry(euid, item)), { "aria-label": `Retry ${euid}` }, "refresh"),
    button("Forget", () => confirmForget(euid, item), { class: "danger", "aria-label": `Forget ${euid}` }, "trash"),
  );
  return item;
}

function remove(item: HTMLElement, message: string): void {
  const neighbour = item.nextElementSibling ?? item.previousElementSibling;
  item.remove();
  (neighbour?.querySelector("a") ?? find("button", HTMLButtonElement, form)).focus();
  showCount();
  say(note(message));
}

async function retry(euid: string, item: HTMLElement): Promise<void> {
  const { error } = await asOperator().POST("/parked/{euid}/retry", { params: { path: { euid } } });
  if (error) throw error;
  remove(item, `${euid} is being retried. If EngageLab refuses it again, it comes back to this list.`);
}

function confirmForget(euid: string, item: HTMLElement): void {
  find("#forget-title", HTMLElement).textContent = `Forget ${euid}?`;
  find("#forget-confirm", HTMLButtonElement).textContent = `Forget ${euid}`;
  dialog.returnValue = "";
  dialog.addEventListener("close", () => dialog.returnValue === "forget" && attempt(() => forget(euid, item)), {
    once: true,
  });
  dialog.showModal();
}

async function forget(euid: string, item: HTMLElement): Promise<void> {
  const { error } = await asOperator().DELETE("/v1/user/contact/{euid}", { params: { path: { euid } } });
  if (error) throw error;
  remove(item, `The gateway has forgotten ${euid}.`);
}

/** Each request retries one page of users. */
async function retryEveryPage(): Promise<void> {
  const bar = h("progress", { "aria-label": "Retrying" });
  const label = h("p");
  let isStopped = false;
  const stop = button("Stop", () => {
    isStopped = true;
  });
  say(h("div", { class: "progress" }, label, bar, stop));
  let users = 0;
  try {
    const { data: health } = await asOperator().GET("/healthz");
    const total = health?.data?.parked ?? 0;
    let after: string | undefined;
    do {
      label.textContent = `Retrying… ${users} of about ${Math.max(users, total)} users`;
      bar.max = Math.max(total, 1);
      bar.value = users;
      const query = after === undefined ? {} : { after };
      const { data, error } = await asOperator().POST("/parked/retry", { params: { query } });
      if (error) throw error;
      users += data.data.euids.length;
      after = data.data.next;
    } while (after !== undefined && !isStopped);
  } catch (error) {
    say(failureCard(error), note(`Before that, ${users} ${noun(users)} were retried. Press Load to see who is left.`));
    return;
  }
  await load();
  const end = `${users} ${noun(users)} ${users === 1 ? "is" : "are"} being retried.`;
  say(note(`${isStopped ? "Stopped. " : ""}${end} Press Load to see who was refused again.`));
}

async function load(): Promise<void> {
  latest++;
  next = undefined;
  list.replaceChildren();
  say();
  showCount();
  if (!hasOperatorToken()) {
    const text = "Enter an operator's token to see who has parked values.";
    placeholder.replaceChildren(empty("Operators only", text));
    return;
  }
  placeholder.replaceChildren(h("p", { class: "loading" }, "Loading…"));
  try {
    await readPage(undefined);
    announce(`${list.childElementCount} users with parked values`);
  } catch (error) {
    placeholder.replaceChildren();
    if (!isEngageLabError(error, "api") || error.reason !== "not_found") throw error;
    placeholder.replaceChildren(empty("No operators", "This gateway has no OPERATOR_TOKENS."));
  }
}

const isRetrying = (): boolean => retryAll.ariaDisabled === "true";

export async function openParked(): Promise<void> {
  if (!isRetrying()) await attempt(load);
}

export function startParked(): void {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    openParked();
  });
  moreButton.addEventListener("click", async () => {
    if (list.ariaBusy !== "true") await attempt(() => readPage(next));
  });
  retryAll.addEventListener("click", async () => {
    if (isRetrying()) return;
    retryAll.ariaDisabled = "true";
    await attempt(retryEveryPage);
    retryAll.ariaDisabled = "false";
  });
}
