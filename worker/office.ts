/** What is global: which mailboxes hold parked values, the outbound rate, and the pause while EngageLab refuses us. */
import { DurableObject } from "cloudflare:workers";
import { describeFault, type Env } from "./config.ts";
import { inTime } from "./in-time.ts";
import { log } from "./log.ts";

/** Between two attempts in a pause, in ms. */
const PROBE_EVERY = 10_000;
/** Mailboxes that are told at once. */
const BATCH = 50;
/** EUIDs on a page of the list. */
const PAGE = 100;
/** Slots are reserved at most so far ahead, in ms; beyond, a mailbox asks again: a new rate is soon in force. */
const HORIZON = 60_000;

const SCHEMA = `CREATE TABLE IF NOT EXISTS mailbox (
  euid TEXT PRIMARY KEY,
  parked INTEGER NOT NULL DEFAULT 0,
  told INTEGER NOT NULL DEFAULT 0,    -- when the mailbox said so
  retry INTEGER NOT NULL DEFAULT 0,   -- an operator wants it tried again
  waiting INTEGER                     -- to be woken, for that or when the pause is over: since when, or when last woken
)`;

export interface Health {
  /** Since when EngageLab refuses the credentials, in ms since the epoch. */
  readonly paused: number | undefined;
  readonly parked: number;
  readonly waiting: number;
}

export interface ParkedPage {
  readonly euids: string[];
  /** The `after` of the next page. */
  readonly next?: string;
}

interface Pause {
  /** In ms since the epoch. */
  readonly since: number;
  /** Who may try whether it is over. */
  readonly probe?: string;
}

/** It waits, with another number than before: what it answered before takes it off the list no more. */
const waitsAnew = (): string => `waiting = max(${Date.now()}, coalesce(waiting, 0) + 1)`;

export class Office extends DurableObject<Env> {
  #ready = false;

  /**
   * A mailbox has parked values, or has none any more.
   *
   * @param now when it said so, in ms since the epoch: a call that was given up may arrive after a newer one, which the
   * entry knows as long as there is one
   */
  list(euid: string, parked: boolean, now: number): void {
    this.#put(euid, `parked = iif(told > ${now}, parked, ${Number(parked)}), told = max(told, ${now})`);
  }

  /** A mailbox holds nothing. @param now as above; what was told in the same ms may be newer */
  forget(euid: string, now: number): void {
    this.#sql("DELETE FROM mailbox WHERE euid = ? AND told < ?", euid, now);
  }

  /** @param after the last EUID of the page before */
  parked(after: string): ParkedPage {
    const query = "SELECT euid FROM mailbox WHERE parked = 1 AND euid > ? ORDER BY euid LIMIT ?";
    const euids = this.#sql<{ euid: string }>(query, after, PAGE + 1).map(({ euid }) => euid);
    if (euids.length <= PAGE) return { euids };
    const page = euids.slice(0, PAGE);
    return { euids: page, next: page.at(-1) ?? "" };
  }

  /** Has all tried again that is parked; where there is a pause, as far as that allows. */
  async retryAll(): Promise<void> {
    this.#sql(`UPDATE mailbox SET retry = 1, ${waitsAnew()} WHERE parked = 1`);
    await this.#ring(this.#pause === undefined ? 0 : PROBE_EVERY);
  }

  /** EngageLab refused the gateway's credentials: the pause begins, if it has not. */
  async refused(euid: string): Promise<void> {
    if (this.#pause === undefined) {
      this.#pause = { since: Date.now() };
      log({ outcome: "paused", error: "EngageLab refuses the gateway's credentials" });
    }
    await this.#wait(euid);
  }

  /** EngageLab has answered to something that a mailbox sent in the pause. */
  async accepted(): Promise<void> {
    if (this.#pause === undefined) return;
    this.#pause = undefined;
    log({ outcome: "pause ended" });
    await this.#ring(0);
  }

  /** Whether a mailbox may send: `open` to all, `probe` to the one whose turn it is. Who waits is told of the end. */
  async hold(euid: string): Promise<"open" | "probe" | "wait"> {
    const pause = this.#pause;
    if (pause === undefined) return "open";
    if (pause.probe === euid) this.#pause = { since: pause.since };
    await this.#wait(euid);
    return pause.probe === euid ? "probe" : "wait";
  }

  /** Reserves the next moment for a delivery. @returns ms until then, or until it should ask again */
  slot(rate: number): { wait: number; reserved: boolean } {
    const now = Date.now();
    const last = this.ctx.storage.kv.get<number>("slot") ?? 0;
    const at = Math.max(now, last + 1000 / rate);
    if (at > now + HORIZON) return { wait: HORIZON * (0.5 + Math.random() / 2), reserved: false };
    this.ctx.storage.kv.put("slot", at);
    return { wait: at - now, reserved: true };
  }

  health(): Health {
    const count = (condition: string): number =>
      this.#sql<{ n: number }>(`SELECT count(*) AS n FROM mailbox WHERE ${condition}`)[0]?.n ?? 0;
    return { paused: this.#pause?.since, parked: count("parked = 1"), waiting: count("waiting IS NOT NULL") };
  }

  /** Never fails, for the platform gives up after six failures. */
  override async alarm(): Promise<void> {
    try {
      await (this.#pause === undefined ? this.#wakeAll() : this.#wakeOne());
    } catch (error) {
      log({ outcome: "alarm failed", error: describeFault(error) });
      await this.ctx.storage.setAlarm(Date.now() + PROBE_EVERY);
    }
  }

  get #pause(): Pause | undefined {
    return this.ctx.storage.kv.get<Pause>("pause");
  }

  set #pause(pause: Pause | undefined) {
    if (pause === undefined) this.ctx.storage.kv.delete("pause");
    else this.ctx.storage.kv.put("pause", pause);
  }

  #sql<T extends Record<string, SqlStorageValue>>(query: string, ...bindings: SqlStorageValue[]): T[] {
    if (!this.#ready) this.ctx.storage.sql.exec(SCHEMA);
    this.#ready = true;
    return this.ctx.storage.sql.exec<T>(query, ...bindings).toArray();
  }

  #put(euid: string, columns: string): void {
    this.#sql("INSERT OR IGNORE INTO mailbox (euid) VALUES (?)", euid);
    this.#sql(`UPDATE mailbox SET ${columns} WHERE euid = ?`, euid);
    this.#sql("DELETE FROM mailbox WHERE euid = ? AND parked = 0 AND waiting IS NULL", euid);
  }

  async #wait(euid: string): Promise<void> {
    this.#put(euid, waitsAnew());
    await this.#ring(PROBE_EVERY);
  }

  /** Sets the alarm, unless it rings before. */
  async #ring(ms: number): Promise<void> {
    const at = Date.now() + ms;
    const set = await this.ctx.storage.getAlarm();
    if (set === null || set > at) await this.ctx.storage.setAlarm(at);
  }

  /** Those who wait, the longest first. */
  #waiting(): string[] {
    const query = "SELECT euid FROM mailbox WHERE waiting IS NOT NULL ORDER BY waiting LIMIT ?";
    return this.#sql<{ euid: string }>(query, BATCH).map(({ euid }) => euid);
  }

  /** In a pause: the next one that has something to send tries whether the credentials are taken again. */
  async #wakeOne(): Promise<void> {
    for (const euid of this.#waiting()) {
      if (this.#pause) this.#pause = { ...this.#pause, probe: euid };
      if ((await this.#wake(euid)) === "now") break;
    }
    if (this.#waiting().length === 0) await this.accepted(); // nobody is left to find out: the next value does
    await this.#ring(PROBE_EVERY);
  }

  /** Tells some of those that wait, and comes back for the others. */
  async #wakeAll(): Promise<void> {
    const answers = await Promise.all(this.#waiting().map((euid) => this.#wake(euid)));
    if (this.#waiting().length === 0) return;
    await this.#ring(answers.every((answer) => answer === undefined) ? PROBE_EVERY : 0);
  }

  /** @returns whether it sends something now, or nothing where it did not answer */
  async #wake(euid: string): Promise<"now" | "later" | "empty" | undefined> {
    const mailbox = this.env.MAILBOX.getByName(euid);
    const now = Date.now();
    this.#put(euid, `waiting = ${now}`); // should it have to wait on, the others come first
    try {
      // What comes to wait anew meanwhile, for a retry or in a pause, stays as it is.
      const [marked] = this.#sql("SELECT retry FROM mailbox WHERE euid = ? AND retry = 1", euid);
      if (marked) {
        await inTime(mailbox.retry(euid));
        this.#put(euid, `retry = iif(waiting = ${now}, 0, retry)`);
      }
      const answer = await inTime(mailbox.wake());
      if (answer === "empty" || this.#pause === undefined) this.#put(euid, `waiting = nullif(waiting, ${now})`);
      return answer;
    } catch {
      return undefined;
    }
  }
}
