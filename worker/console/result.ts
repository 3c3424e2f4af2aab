/** Shows the gateway's response as a card. */
import { type AnyEngageLabError, isEngageLabError } from "../../src/index.ts";
import { facts, h, type IconName, icon, type Tone } from "./dom.ts";

interface Verdict {
  readonly tone: Tone;
  readonly icon: IconName;
  readonly title: string;
  readonly advice: string;
}

export function card({ tone, icon: name, title, advice }: Verdict, ...details: readonly Node[]): HTMLElement {
  const text = h("div", { class: "body" }, h("h2", {}, title), h("p", {}, advice), ...details);
  return h("article", { class: `result ${tone}` }, icon(name), text);
}

const AGAIN = "It is safe to send the same value again.";

function verdictOf(error: AnyEngageLabError): Verdict {
  switch (error.kind) {
    case "validation":
    case "configuration":
      return {
        tone: "bad",
        icon: "cross",
        title: "Not sent",
        advice: `${sentence(error.message)} Correct it and try again.`,
      };
    case "api":
      if (error.reason === "unavailable") {
        const advice = `The gateway can't work now, or can't say what happened. ${AGAIN}`;
        return { tone: "warn", icon: "alert", title: "Unavailable", advice };
      }
      return error.outcome === "unknown"
        ? { tone: "warn", icon: "alert", title: "Unknown", advice: `The gateway can't say what happened. ${AGAIN}` }
        : { tone: "bad", icon: "cross", title: "Refused", advice: error.solution ?? "Correct what the message names." };
    case "network":
      return {
        tone: "warn",
        icon: "alert",
        title: "Gateway unreachable",
        advice: `Check that you are online and that the gateway runs. ${AGAIN}`,
      };
    case "timeout":
    case "aborted":
      return { tone: "warn", icon: "alert", title: "No answer", advice: `The gateway took too long. ${AGAIN}` };
    case "response":
      return {
        tone: "warn",
        icon: "alert",
        title: "Not the gateway's answer",
        advice: "Something between this page and the gateway answered instead, such as a proxy.",
      };
  }
}

const sentence = (text: string): string => `${text.replace(/\.$/, "")}.`;

/**
 * @param about further facts
 * @throws the error if it is not the client's
 */
export function failureCard(error: unknown, about: Readonly<Record<string, string>> = {}): HTMLElement {
  if (!isEngageLabError(error)) throw error;
  const verdict = verdictOf(error);
  if (error.kind === "validation" || error.kind === "configuration") return card(verdict);
  const code = error.kind === "api" ? `${error.code} ${error.reason}` : undefined;
  const status = "status" in error ? String(error.status) : undefined;
  return card(verdict, facts({ ...about, Message: error.message, Code: code, HTTP: status }));
}
