/** Health: whether the gateway can work, and for operators why not. */
import type { components } from "../generated/gateway.ts";
import { announce, badge, facts, find, h, moment } from "./dom.ts";
import { failureCard } from "./result.ts";
import { asOperator, hasOperatorToken } from "./session.ts";
import { isShown } from "./views.ts";

type Health = components["schemas"]["Health"];

const REFRESH_MS = 10_000;

const result = find("#health-result", HTMLElement);
let timer: ReturnType<typeof setTimeout> | undefined;

function tile(label: string, value: string, hint: string): HTMLElement {
  return h("li", { class: "tile" }, h("span", {}, label), h("strong", {}, value), h("small", {}, hint));
}

function details({ pending, parked, breaker, credentialsRefusedAt }: Health): HTMLElement[] {
  const count = new Intl.NumberFormat("en");
  const tiles = h(
    "ul",
    { class: "tiles" },
    tile("Pending", `≈ ${count.format(pending)}`, "Users waiting for another attempt"),
    tile("Parked", count.format(parked), "Users listed for operators"),
  );
  const isOpen = breaker === "open";
  const credentials = facts({
    Credentials: isOpen ? badge("bad", "cross", "Refused by EngageLab") : badge("good", "check", "Not refused"),
    "Circuit breaker": isOpen ? badge("warn", "pause", "Open: one probe every 30 s") : badge("good", "check", "Closed"),
    "Last refused": credentialsRefusedAt && moment(credentialsRefusedAt),
  });
  return [tiles, h("article", { class: "card" }, credentials)];
}

function banner(isOk: boolean): HTMLElement {
  return isOk
    ? h("p", { class: "banner" }, badge("good", "check", "Operational"), "The gateway is configured and delivers.")
    : h(
        "p",
        { class: "banner" },
        badge("warn", "alert", "Degraded"),
        "EngageLab refuses the gateway's credentials. Values are kept.",
      );
}

async function refresh(): Promise<void> {
  clearTimeout(timer);
  try {
    const { data, error } = await asOperator().GET("/healthz");
    if (error) throw error;
    const why = hasOperatorToken() ? "This is not an operator's token." : "Enter an operator's token to see details.";
    const more = data.data ? details(data.data) : [h("p", { class: "note" }, why)];
    result.replaceChildren(banner(data.message === "ok"), ...more);
  } catch (error) {
    const failure = failureCard(error);
    result.replaceChildren(failure);
    announce(failure.innerText);
  }
  clearTimeout(timer);
  timer = setTimeout(() => isShown("health") && refresh(), REFRESH_MS);
}

export function startHealth(): void {
  find("#health-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    openHealth();
  });
}

export function openHealth(): Promise<void> {
  result.replaceChildren(h("p", { class: "loading" }, "Loading…"));
  return refresh();
}
