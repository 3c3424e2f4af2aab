/** What is global: which mailboxes hold parked values, the outbound rate, and the pause while EngageLab refuses us. */
import { DurableObject } from "cloudflare:workers";
import { describeFault, type Env } from "./config.ts";
import { log } from "./log.ts";

/** Between two attempts in a pause, in ms. */
const PROBE_EVERY = 10_000;
/** Mailboxes that are told at once. */
const BATCH = 50;
/** EUIDs on a page of the list. */
const PAGE = 100;

const SCHEMA = `CREATE TABLE IF NOT EXISTS mailbox (
  euid TEXT PRIMARY KEY,
  parked INTEGER NOT NULL DEFAULT 0,
  retry INTEGER NOT NULL DEFAULT 0,   -- an operator wants it tried again
  waiting INTEGER                     -- for the end of the pause: since when, or its last probe
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

export class Office extends DurableObject<Env> {
  #ready = false;

  /** A mailbox has parked values, or has none any more. */
  list(euid: string, parked: boolean): void {
    this.#put(euid, parked ? "parked = 1" : "parked = 0, retry = 0");
  }

  /** @param after the last EUID of the page before */
  parked(after: string): ParkedPage {
    const query = "SELECT euid FROM mailbox WHERE parked = 1 AND euid > ? ORDER BY euid LIMIT ?";
    const euids = this.#sql<{ euid: string }>(query, after, PAGE + 1).map(({ euid }) => euid);
    if (euids.length <= PAGE) return { euids };
    const page = euids.slice(0, PAGE);
    return { euids: page, next: page.at(-1) ?? "" };
  }

  /** Has all tried again that is parked. */
  async retryAll(): Promise<void> {
    this.#sql("UPDATE mailbox SET retry = 1 WHERE parked = 1");
    await this.#ring(0);
  }

  /** EngageLab refused the gateway's credentials: the pause begins, if it has not. */
  async refused(euid: string): Promise<void> {
    if (this.#paused === undefined) {
      this.ctx.storage.kv.put("paused", Date.now());
      log({ outcome: "paused", error: "EngageLab refuses the gateway's credentials" });
    }
    await this.hold(euid);
  }

  /** @returns whether there is a pause; the mailbox is told when it ends */
  async hold(euid: string): Promise<boolean> {
    if (this.#paused === undefined) return false;
    this.#put(euid, `waiting = ${Date.now()}`);
    await this.#ring(PROBE_EVERY);
    return true;
  }

  /** Reserves the next moment for a delivery. @returns ms until then */
  slot(rate: number): number {
    const now = Date.now();
    const at = Math.max(now, this.ctx.storage.kv.get<number>("slot") ?? 0);
    this.ctx.storage.kv.put("slot", at + 1000 / rate);
    return at - now;
  }

  health(): Health {
    const count = (condition: string): number =>
      this.#sql<{ n: number }>(`SELECT count(*) AS n FROM mailbox WHERE ${condition}`)[0]?.n ?? 0;
    return { paused: this.#paused, parked: count("parked = 1"), waiting: count("waiting IS NOT NULL") };
  }

  /** Never fails, for the platform gives up after six failures. */
  override async alarm(): Promise<void> {
    try {
      await (this.#paused === undefined ? this.#wake() : this.#probe());
    } catch (error) {
      log({ outcome: "alarm failed", error: describeFault(error) });
      await this.ctx.storage.setAlarm(Date.now() + PROBE_EVERY);
    }
  }

  get #paused(): number | undefined {
    return this.ctx.storage.kv.get<number>("paused");
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

  /** Sets the alarm, unless it rings before. */
  async #ring(ms: number): Promise<void> {
    const at = Date.now() + ms;
    const set = await this.ctx.storage.getAlarm();
    if (set === null || set > at) await this.ctx.storage.setAlarm(at);
  }

  /** One mailbox after the other tries whether the credentials are taken again. */
  async #probe(): Promise<void> {
    const [next] = this.#sql<{ euid: string }>(
      "SELECT euid FROM mailbox WHERE waiting IS NOT NULL ORDER BY waiting LIMIT 1",
    );
    const answer =
      next &&
      (await this.env.MAILBOX.getByName(next.euid)
        .probe()
        .catch(() => "unknown" as const));
    if (next === undefined || answer === "accepted") {
      this.ctx.storage.kv.delete("paused");
      log({ outcome: "pause ended" });
      return this.#ring(0);
    }
    this.#put(next.euid, answer === "empty" ? "waiting = NULL" : `waiting = ${Date.now()}`);
    return this.#ring(answer === "empty" ? 0 : PROBE_EVERY);
  }

  /** Tells some of those that wait, and comes back for the others. */
  async #wake(): Promise<void> {
    const query = "SELECT euid, retry, waiting FROM mailbox WHERE retry = 1 OR waiting IS NOT NULL LIMIT ?";
    const batch = this.#sql<{ euid: string; retry: number; waiting: number | null }>(query, BATCH);
    if (batch.length === 0) return;
    const told = await Promise.allSettled(
      batch.map(async ({ euid, retry, waiting }) => {
        const mailbox = this.env.MAILBOX.getByName(euid);
        if (retry) await mailbox.retry();
        await mailbox.wake();
        // It may wait for another pause already.
        this.#put(euid, `retry = 0, waiting = nullif(waiting, ${waiting})`);
      }),
    );
    await this.#ring(told.some(({ status }) => status === "rejected") ? PROBE_EVERY : 0);
  }
}
