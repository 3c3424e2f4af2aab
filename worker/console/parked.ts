/** Parked: the users whose values wait for an operator. */
import { announce, button, empty, find, h } from "./dom.ts";
import { failureCard } from "./result.ts";
import { asOperator, hasOperatorToken, euid as sharedEuid } from "./session.ts";

const list = find("#parked-list", HTMLElement);
const status = find("#parked-status", HTMLElement);
const retryAll = find("#retry-all", HTMLButtonElement);
const form = find("#parked-form", HTMLFormElement);
const more = find("#more", HTMLButtonElement);
const dialog = find("#forget", HTMLDialogElement);

/** Counts the lists, so that a late page of an older one is dropped. */
let latest = 0;
let next: string | undefined;

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
  more.hidden = next === undefined;
  retryAll.hidden = count === 0;
  find("#parked-empty", HTMLElement).replaceChildren(
    ...(count === 0 && next === undefined
      ? [
          empty(
            "Nothing is parked",
            "A value is listed here if EngageLab refuses it after its caller has gone, or if 200 attempts failed.",
          ),
        ]
      : []),
  );
  find("#parked-count", HTMLElement).textContent =
    count === 0 ? "" : `${count}${next === undefined ? "" : "+"} ${count === 1 ? "user" : "users"}`;
}

function row(euid: string): HTMLElement {
  const open = h("a", { href: "#user", class: "euid-link" }, euid);
  open.addEventListener("click", () => sharedEuid.write(euid));
  const item = h("li", {}, open);
  item.append(
    button("Retry", () => attempt(() => retry(euid, item)), { "aria-label": `Retry ${euid}` }, "refresh"),
    button("Forget", () => confirmForget(euid, item), { class: "danger", "aria-label": `Forget ${euid}` }, "trash"),
  );
  return item;
}

function remove(item: HTMLElement, told: string): void {
  const neighbour = item.nextElementSibling ?? item.previousElementSibling;
  item.remove();
  (neighbour?.querySelector("a") ?? find("button", HTMLButtonElement, form)).focus();
  showCount();
  say(h("p", { class: "note" }, told));
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

/** One page of users per request, until there are no more. */
async function retryEveryPage(): Promise<void> {
  const bar = h("progress", { "aria-label": "Retrying" });
  let stopped = false;
  const stop = button("Stop", () => {
    stopped = true;
  });
  const told = h("p", {});
  say(h("div", { class: "progress" }, told, bar, stop));
  const { data: health } = await asOperator().GET("/healthz");
  const total = health?.data?.parked ?? 0;
  let users = 0;
  let after: string | undefined;
  do {
    told.textContent = `Retrying… ${users} of about ${Math.max(users, total)} users`;
    bar.max = Math.max(total, 1);
    bar.value = users;
    const query = after === undefined ? {} : { after };
    const { data, error } = await asOperator().POST("/parked/retry", { params: { query } });
    if (error) throw error;
    users += data.data.euids.length;
    after = data.data.next;
  } while (after !== undefined && !stopped);
  await load();
  const end = stopped ? "Stopped. " : "";
  say(
    h(
      "p",
      { class: "note" },
      `${end}${users} ${users === 1 ? "user is" : "users are"} being retried. Reload the list to see who was refused again.`,
    ),
  );
}

async function load(): Promise<void> {
  latest++;
  next = undefined;
  list.replaceChildren();
  say();
  showCount();
  if (!hasOperatorToken()) {
    find("#parked-empty", HTMLElement).replaceChildren(
      empty("Operators only", "Enter an operator's token to see who has parked values."),
    );
    return;
  }
  find("#parked-empty", HTMLElement).replaceChildren(h("p", { class: "loading" }, "Loading…"));
  try {
    await readPage(undefined);
    announce(`${list.childElementCount} users with parked values`);
  } catch (error) {
    find("#parked-empty", HTMLElement).replaceChildren();
    throw error;
  }
}

export const openParked = (): Promise<void> => attempt(load);

export function startParked(): void {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    openParked();
  });
  more.addEventListener("click", () => attempt(() => readPage(next)));
  retryAll.addEventListener("click", async () => {
    if (retryAll.ariaDisabled === "true") return;
    retryAll.ariaDisabled = "true";
    await attempt(retryEveryPage);
    retryAll.ariaDisabled = "false";
  });
}
