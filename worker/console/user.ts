/** User: the state of one user's contacts. */
import type { components } from "../generated/gateway.ts";
import { announce, badge, empty, facts, find, h, type IconName, moment, type Tone } from "./dom.ts";
import { failureCard } from "./result.ts";
import { asReader, euid, onChange } from "./session.ts";
import { isShown } from "./views.ts";

type State = components["schemas"]["ContactState"];

const REFRESH_MS = 2_000;

const STATES: Record<State["state"], readonly [tone: Tone, icon: IconName, words: string]> = {
  pending: ["busy", "clock", "Pending"],
  delivered: ["good", "check", "Delivered"],
  refused: ["bad", "cross", "Refused"],
  parked: ["warn", "pause", "Parked"],
};

const REASONS: Record<NonNullable<State["reason"]>, string> = {
  conflict: "The value belongs to another user",
  set_or_conflicting: "The value is set, or belongs to another user",
  refused: "EngageLab refused the value",
  expired: "All attempts failed for about a day",
};

const form = find("#user-form", HTMLFormElement);
const result = find("#user-result", HTMLElement);

/** The number of the current request, to drop a late response to an older one. */
let latest = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

function describeError({ lastError }: State): string | undefined {
  if (!lastError) return undefined;
  const { kind, code, status } = lastError;
  if (code !== undefined) return `Code ${code}`;
  return status === undefined ? kind : `${kind}, HTTP ${status}`;
}

function contactCard([name, state]: readonly [string, State]): HTMLElement {
  const head = h("header", {}, h("h2", {}, name), badge(...STATES[state.state]));
  const details = facts({
    Why: state.reason && REASONS[state.reason],
    Attempts: String(state.attempts),
    Since: moment(state.since),
    "Next attempt": state.nextAttempt && moment(state.nextAttempt),
    "Last error": describeError(state),
  });
  return h("li", { class: "card" }, head, details);
}

function show(euid: string, contacts: readonly (readonly [string, State])[]): void {
  if (contacts.length === 0) {
    const text = "Values appear here once a caller sends them. Delivered states are kept for KEEP_DAYS.";
    result.replaceChildren(empty(`Nothing is held for ${euid}`, text));
    return;
  }
  result.replaceChildren(
    h("ul", { class: "cards", "aria-label": `Contacts of ${euid}` }, ...contacts.map(contactCard)),
  );
  announce(contacts.map(([name, { state }]) => `${name}: ${state}`).join(", "));
}

async function refresh(): Promise<void> {
  const request = ++latest;
  clearTimeout(timer);
  const wanted = euid.read();
  if (wanted === "") return;
  result.ariaBusy = "true";
  try {
    const { data, error } = await asReader().GET("/v1/user/contact/{euid}", { params: { path: { euid: wanted } } });
    if (request !== latest) return;
    if (error) throw error;
    const contacts = Object.entries(data.data.contacts);
    show(data.data.euid, contacts);
    if (contacts.some(([, { state }]) => state === "pending")) {
      timer = setTimeout(() => isShown("user") && refresh(), REFRESH_MS);
    }
  } catch (error) {
    if (request !== latest) return;
    const failure = failureCard(error);
    result.replaceChildren(failure);
    announce(failure.innerText);
  } finally {
    if (request === latest) result.ariaBusy = "false";
  }
}

function clear(): void {
  latest++;
  clearTimeout(timer);
  result.ariaBusy = "false";
  result.replaceChildren(
    empty("No user yet", "Enter an EUID to see the state of each contact name. Values are never shown."),
  );
}

export function startUser(): void {
  clear();
  onChange(clear);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    refresh();
  });
}

/** Called when the view is opened. */
export const openUser = (): Promise<void> => refresh();
