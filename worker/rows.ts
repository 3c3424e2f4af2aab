/** The data of a mailbox. All times are in ms since the epoch. */
import type { Delivery, ParkReason } from "./decide.ts";

/** What one caller sent. */
export interface Letter {
  readonly euid: string;
  readonly contacts: readonly (readonly [name: string, value: string])[];
  readonly requestId: string;
}

interface Common {
  /** Of the letter: that of a newer one is greater. */
  readonly seq: number;
  /** When it came into its state; of a pending one, later by what pauses took. */
  readonly since: number;
  readonly attempts: number;
}

interface Valued extends Common {
  readonly value: string;
  /** The letter's X-Request-Id. */
  readonly request: string;
  /** Whether it is sent alone: EngageLab refused the letter as a whole. */
  readonly solo: boolean;
  /** Whether an attempt may have set it. */
  readonly doubt: boolean;
}

export interface Pending extends Valued {
  readonly state: "pending";
  /** When it is tried next. */
  readonly due: number;
}

/** Its value is kept no longer. */
export interface Delivered extends Common {
  readonly state: "delivered";
  readonly removal: number;
}

export interface Parked extends Valued {
  readonly state: "parked";
  readonly reason: ParkReason;
  readonly removal: number;
}

export type Row = Pending | Delivered | Parked;

/** The state of one contact name, never its value. */
export interface ContactState extends Pick<Row, "state" | "attempts"> {
  readonly since: string;
  readonly reason?: ParkReason;
}

export function toState(row: Row): ContactState {
  const { state, attempts, since } = row;
  const reason = row.state === "parked" ? { reason: row.reason } : {};
  return { state, attempts, since: new Date(since).toISOString(), ...reason };
}

export interface Facts {
  /** `ctx.id.name` has been missing in alarms: https://github.com/cloudflare/workerd/issues/6850 */
  readonly euid: string;
  /**
   * Nothing is sent before: EngageLab asked for it, or a request may still run. With `seq` while what came of this
   * letter is not known.
   */
  readonly quiet?: { readonly until: number; readonly seq?: number } | undefined;
  /** Of the outbound rate: when to send, and until when that moment is reserved; 0: it is not, ask again then. */
  readonly slot?: { readonly at: number; readonly goodUntil: number } | undefined;
  /** Since when EngageLab refuses our credentials, as far as it is not counted in `since` yet. */
  readonly paused?: number | undefined;
  /** When the office is asked again whether the pause goes on. */
  readonly askAt?: number | undefined;
  /** Whether the office lists this mailbox as one with parked values; `unsure` while it is told. */
  readonly listed?: boolean | "unsure" | undefined;
  /** When it was told last: of two reports, the later one counts there. */
  readonly told?: number | undefined;
}

/** What goes out in one request: what one caller sent together, as far as nothing newer has replaced it. */
export interface Unit extends Delivery {
  readonly seq: number;
  readonly request: string;
  readonly contacts: Record<string, string>;
}
