/** The global state: outboxes with parked or pending values, refused credentials, slots of the outbound rate. */
import { DurableObject } from "cloudflare:workers";
import type { Env } from "./config.ts";

/** EUIDs per page. */
const PAGE_SIZE = 100;
/** Outboxes retry sooner than this, so an older refusal of the credentials is out of date. */
const REFUSAL_MS = 900_000;
/** An outbox retries for about a day. An older entry remains from a lost message. */
const PENDING_MS = 2 * 86_400_000;
/** Slots are reserved this far ahead. Beyond that, outboxes ask again later, so a changed rate soon applies. */
const HORIZON_MS = 60_000;
/** Timeout of calls to the registry. */
const TIMEOUT_MS = 3_000;

export interface Entry {
  readonly euid: string;
  /** Changes whenever the outbox is listed again. */
  readonly id: number;
}

export interface Health {
  readonly pending: number;
  readonly parked: number;
  readonly credentialsRefusedAt: number | undefined;
}

/** Asks the registry. @throws Error if it does not answer in time */
export async function askRegistry<T>(env: Env, ask: (registry: DurableObjectStub<Registry>) => Promise<T>): Promise<T> {
  const timer = new AbortController();
  const expired = scheduler.wait(TIMEOUT_MS, { signal: timer.signal }).then((): never => {
    throw new Error("the registry does not answer");
  });
  try {
    return await Promise.race([ask(env.REGISTRY.getByName("registry")), expired]);
  } finally {
    timer.abort();
  }
}

export class Registry extends DurableObject<Env> {
  #isReady = false;

  /** Lists an outbox before it parks a value. */
  list(euid: string): void {
    this.#sql("INSERT OR REPLACE INTO parked (euid) VALUES (?)", euid);
  }

  find(euid: string): Entry | undefined {
    return this.#sql<Entry & Row>("SELECT euid, id FROM parked WHERE euid = ?", euid)[0];
  }

  /** Removes entries, unless their outbox has been listed again. */
  unlist(entries: readonly Entry[]): void {
    for (const { euid, id } of entries) this.#sql("DELETE FROM parked WHERE euid = ? AND id = ?", euid, id);
  }

  /** A superset of the outboxes with parked values. @param after the last EUID of the previous page */
  parked(after: string): { entries: Entry[]; next: string | undefined } {
    const query = "SELECT euid, id FROM parked WHERE euid > ? ORDER BY euid LIMIT ?";
    const rows = this.#sql<Entry & Row>(query, after, PAGE_SIZE + 1);
    const entries = rows.slice(0, PAGE_SIZE);
    return { entries, next: rows.length > PAGE_SIZE ? entries.at(-1)?.euid : undefined };
  }

  /** @param id of the entry, if it was listed: an outbox that was listed again stays */
  forget(euid: string, id: number | undefined): void {
    if (id !== undefined) this.unlist([{ euid, id }]);
    this.setPending(euid, false);
  }

  /** Records whether an outbox waits for another attempt, for the estimate in `health`. */
  setPending(euid: string, isPending: boolean): void {
    if (isPending) this.#sql("INSERT OR IGNORE INTO pending (euid, since) VALUES (?, ?)", euid, Date.now());
    else this.#sql("DELETE FROM pending WHERE euid = ?", euid);
  }

  setCredentialsRefused(areRefused: boolean): void {
    if (areRefused) this.ctx.storage.kv.put("credentialsRefusedAt", Date.now());
    else this.ctx.storage.kv.delete("credentialsRefusedAt");
  }

  health(): Health {
    const now = Date.now();
    this.#sql("DELETE FROM pending WHERE since < ?", now - PENDING_MS);
    const count = (table: string): number =>
      this.#sql<{ rows: number }>(`SELECT count(*) AS rows FROM ${table}`)[0]?.rows ?? 0;
    const refusedAt = this.ctx.storage.kv.get<number>("credentialsRefusedAt") ?? 0;
    const credentialsRefusedAt = now - refusedAt < REFUSAL_MS ? refusedAt : undefined;
    return { pending: count("pending"), parked: count("parked"), credentialsRefusedAt };
  }

  /** Reserves the next slot. @returns how long to wait for it, or, if none is reserved, before asking again, in ms */
  slot(ratePerSecond: number): { wait: number; isReserved: boolean } {
    const now = Date.now();
    // If the clock was set back, the last slot is further ahead than any slot can be.
    const last = Math.min(this.ctx.storage.kv.get<number>("slot") ?? 0, now + HORIZON_MS);
    const at = Math.max(now, last + 1000 / ratePerSecond);
    const isReserved = at <= now + HORIZON_MS;
    this.ctx.storage.kv.put("slot", isReserved ? at : last);
    return { wait: isReserved ? at - now : HORIZON_MS * (0.5 + Math.random() / 2), isReserved };
  }

  #sql<T extends Row>(query: string, ...bindings: SqlStorageValue[]): T[] {
    const { sql } = this.ctx.storage;
    if (!this.#isReady) {
      sql.exec("CREATE TABLE IF NOT EXISTS parked (id INTEGER PRIMARY KEY AUTOINCREMENT, euid TEXT NOT NULL UNIQUE)");
      sql.exec("CREATE TABLE IF NOT EXISTS pending (euid TEXT PRIMARY KEY, since INTEGER NOT NULL)");
      this.#isReady = true;
    }
    return sql.exec<T>(query, ...bindings).toArray();
  }
}

type Row = Record<string, SqlStorageValue>;
