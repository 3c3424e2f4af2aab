/** The URL's fragment names the view that is shown, so that links and the back button work. */
import { find } from "./dom.ts";

const VIEWS = ["send", "user", "parked", "health"] as const;
export type View = (typeof VIEWS)[number];

const current = (): View => VIEWS.find((view) => location.hash === `#${view}`) ?? "send";

export const isShown = (view: View): boolean => view === current();

/** @param open called with each view that is opened */
export function startViews(open: (view: View) => void): void {
  const show = () => {
    const shown = current();
    for (const view of VIEWS) {
      const link = find(`nav a[href="#${view}"]`, HTMLAnchorElement);
      if (view === shown) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
      find(`#${view}-view`, HTMLElement).hidden = view !== shown;
    }
    const title = find(`#${shown}-view h1`, HTMLElement);
    document.title = `${title.textContent} · engagelab-ma gateway`;
    open(shown);
    return title;
  };
  addEventListener("hashchange", () => show().focus());
  show();
}
