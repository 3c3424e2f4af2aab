/** Building blocks of the document. Text is only ever set as text. */

type Child = Node | string | undefined;
type Attributes = Readonly<Record<string, string | boolean | undefined>>;

/** Finds an element that index.html must have. */
export function find<T extends Element>(selector: string, type: new () => T, within: ParentNode = document): T {
  const element = within.querySelector(selector);
  if (!(element instanceof type)) throw new Error(`the console has no ${selector}`);
  return element;
}

export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

export type IconName = "check" | "clock" | "cross" | "pause" | "alert" | "refresh" | "trash";

/** Decorative: the text beside it says the same. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

export type Tone = "good" | "busy" | "warn" | "bad" | "plain";

export function badge(tone: Tone, name: IconName, words: string): HTMLElement {
  return h("span", { class: `badge ${tone}` }, icon(name), words);
}

export function button(words: string, onClick: () => void, attributes: Attributes = {}, name?: IconName) {
  const element = h("button", { type: "button", ...attributes }, name && icon(name), words);
  element.addEventListener("click", onClick);
  return element;
}

/** A list of facts, without those that have no value. */
export function facts(entries: Readonly<Record<string, Node | string | undefined>>): HTMLElement {
  const items = Object.entries(entries).flatMap(([term, value]) =>
    value === undefined ? [] : [h("div", {}, h("dt", {}, term), h("dd", {}, value))],
  );
  return h("dl", { class: "facts" }, ...items);
}

/** A note in place of an empty list. */
export function empty(title: string, text: string): HTMLElement {
  return h("div", { class: "empty" }, h("strong", {}, title), h("p", {}, text));
}

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** A time relative to now, with the exact time as a tooltip. */
export function moment(iso: string): HTMLElement {
  const date = new Date(iso);
  const seconds = Math.round((date.getTime() - Date.now()) / 1000);
  const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  const words = relative.format(Math.trunc(seconds / length), unit);
  return h("time", { datetime: iso, title: date.toLocaleString() }, words);
}

/** Announces a text to screen readers only. */
export function announce(text: string): void {
  const region = find("#announcer", HTMLElement);
  if (region.textContent !== text) region.textContent = text;
}
