/** Makes a line of the gateway's log readable. */

interface Logged {
  readonly outcome: string;
  readonly euid?: string;
  readonly caller?: string;
  readonly name?: string;
  readonly reason?: string;
  readonly attempts?: number;
  readonly users?: number;
  readonly ms?: number;
  readonly kind?: string;
  readonly status?: number;
  readonly code?: number;
  readonly cause?: string;
  readonly nextAttempt?: string;
  readonly error?: string;
}

/** The gateway writes one JSON object per line; everything else is wrangler's. */
function parse(line: string): Logged | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && "outcome" in value ? (value as Logged) : undefined;
  } catch {
    return undefined;
  }
}

const clock = (time: Date): string => time.toTimeString().slice(0, 8);

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** `12:30:05  10362473  retry  network ECONNREFUSED · 1 attempt · next attempt 12:30:06`, or `undefined` for other lines. */
export function toLogLine(line: string, now: Date): string | undefined {
  const event = parse(line);
  if (!event) return undefined;
  const { euid = "-", outcome, kind, code, status, cause, attempts, nextAttempt, users, ms } = event;
  const why = [kind, code ?? (status && `HTTP ${status}`), cause].filter((part) => part !== undefined).join(" ");
  const details = [
    event.error ?? why,
    event.reason,
    event.name,
    attempts !== undefined && plural(attempts, "attempt"),
    users !== undefined && plural(users, "user"),
    nextAttempt !== undefined && `next attempt ${clock(new Date(nextAttempt))}`,
    ms !== undefined && `${ms} ms`,
    event.caller !== undefined && `by ${event.caller}`,
  ].filter(Boolean);
  return `${clock(now)}  ${euid.padEnd(19)}  ${outcome.padEnd(11)}  ${details.join(" · ")}`.trimEnd();
}
