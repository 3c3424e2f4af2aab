/** What a mailbox holds, in its SQLite: a row for each contact name, and some facts about all of them. */
import type { Delivery, ParkReason } from "./decide.ts";

const SCHEMA = `CREATE TABLE IF NOT EXISTS contact (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL,       -- empty once delivered
  seq INTEGER NOT NULL,      -- of the caller's request: a newer one is greater
  position INTEGER NOT NULL, -- within that request
  request TEXT NOT NULL,     -- its X-Request-Id
  since INTEGER NOT NULL,    -- when it came into this state, in ms since the epoch; of a pending one, plus all pauses
  due INTEGER NOT NULL,      -- when something is to be done: the next attempt, or the removal
  state TEXT NOT NULL DEFAULT 'pending',
  reason TEXT,               -- why it is parked
  attempts INTEGER NOT NULL DEFAULT 0,
  solo INTEGER NOT NULL DEFAULT 0,
  doubt INTEGER NOT NULL     -- whether an attempt may have set it
) WITHOUT ROWID`;

type Row = {
  name: string;
  value: string;
  seq: number;
  request: string;
  since: number;
  due: number;
  state: "pending" | "delivered" | "parked";
  reason: ParkReason | null;
  attempts: number;
  solo: number;
  doubt: number;
};

/** All times are in ms since the epoch. */
export interface Facts {
  euid: string;
  /** A request that was begun: which letter, and until when it may run. */
  lease: { readonly seq: number; readonly until: number };
  /** Nothing is sent before: EngageLab wants it so. */
  hold: number;
  /** When the office is asked again whether the pause goes on. */
  recheck: number;
  /** Reserved for the next request, where there is an outbound rate. */
  slot: number;
  /** Since when EngageLab refuses our credentials, as far as it is not counted in `since` yet. */
  paused: number;
  /** Whether the office lists this mailbox as one with parked values; `unsure` while it is told. */
  listed: boolean | "unsure";
}

/** What one caller sent. */
export interface Letter {
  readonly euid: string;
  readonly contacts: readonly (readonly [name: string, value: string])[];
  readonly requestId: string;
}

/** What goes out in one request: what one caller sent together, as far as nothing newer has replaced it. */
export interface Unit extends Delivery {
  readonly seq: number;
  readonly request: string;
  readonly contacts: Record<string, string>;
}

/** The state of one contact name, never its value. */
export interface ContactState extends Pick<Row, "state" | "attempts"> {
  readonly since: string;
  readonly reason?: ParkReason;
}

/** What is to be done; times in ms since the epoch, `Infinity` for never. */
export interface Outlook {
  readonly attempt: number;
  /** The first removal of what was kept long enough. */
  readonly removal: number;
  /** Whether there are parked values, and whether the office does not know yet. */
  readonly parked: boolean;
  readonly unreported: boolean;
}

export class Rows {
  readonly #storage: DurableObjectStorage;
  #open = false;
  #lastSeq = 0;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  /** Asking creates nothing. */
  exist(): boolean {
    this.#open ||= this.#sql("SELECT 1 FROM sqlite_master WHERE name = 'contact'").length > 0;
    return this.#open;
  }

  async erase(): Promise<void> {
    this.#open = false;
    await this.#storage.deleteAll();
  }

  get euid(): string {
    return this.fact("euid") ?? "";
  }

  fact<Name extends keyof Facts>(name: Name): Facts[Name] | undefined {
    return this.#storage.kv.get<Facts[Name]>(name);
  }

  note<Name extends keyof Facts>(name: Name, value: Facts[Name] | undefined): void {
    if (value === undefined) this.#storage.kv.delete(name);
    else this.#storage.kv.put(name, value);
  }

  /** Replaces what is held for these names. @returns its number, and what was replaced */
  add({ euid, contacts, requestId }: Letter, now: number) {
    if (!this.exist()) this.#sql(SCHEMA);
    this.#open = true;
    if (this.fact("euid") === undefined) this.note("euid", euid);
    // By the clock too: after everything was forgotten, an attempt with an older number may still return.
    const [last] = this.#sql<{ seq: number | null }>("SELECT max(seq) AS seq FROM contact");
    const seq = Math.max(now, this.#lastSeq + 1, (last?.seq ?? 0) + 1);
    this.#lastSeq = seq;
    const lease = this.fact("lease");
    let olderPending = false;
    let replacesParked = false;
    for (const [position, [name, value]] of contacts.entries()) {
      const [old] = this.#sql<Row>("SELECT * FROM contact WHERE name = ?", name);
      if (old?.state === "pending") olderPending = true;
      if (old?.state === "parked") replacesParked = true;
      // The same value may have been set by an attempt in doubt, or by the one that runs.
      const attempted = old?.doubt === 1 || old?.seq === lease?.seq;
      const doubt = Number(old?.value === value && old.state !== "delivered" && attempted);
      this.#sql(
        `INSERT OR REPLACE INTO contact (name, value, seq, position, request, since, due, doubt)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        ...[name, value, seq, position, requestId, now, now, doubt],
      );
    }
    return { seq, olderPending, replacesParked };
  }

  /**
   * The request of an object that this one has replaced: nobody knows what came of it.
   *
   * @returns until when it may run
   */
  inheritLease(): number {
    const lease = this.exist() ? this.fact("lease") : undefined;
    if (lease === undefined) return 0;
    this.#sql("UPDATE contact SET doubt = 1 WHERE state = 'pending' AND seq = ?", lease.seq);
    return lease.until;
  }

  /** The oldest letter that is due. */
  next(now: number): Unit | undefined {
    const due = "SELECT * FROM contact WHERE state = 'pending' AND due <= ? ORDER BY seq LIMIT 1";
    const [first] = this.#sql<Row>(due, now);
    if (first === undefined) return undefined;
    const { seq, request, since, attempts } = first;
    const together = "SELECT * FROM contact WHERE state = 'pending' AND seq = ? AND solo = 0 ORDER BY position";
    const rows = first.solo === 1 ? [first] : this.#sql<Row>(together, seq);
    const contacts = Object.fromEntries(rows.map(({ name, value }) => [name, value]));
    const doubt = rows.some((row) => row.doubt === 1);
    return { names: rows.map(({ name }) => name), contacts, seq, request, since, attempts, doubt };
  }

  delivered(unit: Unit, now: number, removal: number): void {
    const columns = "state = 'delivered', value = '', attempts = attempts + 1, since = ?, due = ?";
    this.#update(unit, columns, now, removal);
  }

  /** Each name goes alone from now on. */
  split(unit: Unit): void {
    this.#update(unit, "solo = 1, attempts = attempts + 1");
  }

  park(unit: Unit, reason: ParkReason, now: number, removal: number): void {
    const columns = "state = 'parked', reason = ?, attempts = attempts + 1, since = ?, due = ?";
    this.#update(unit, columns, reason, now, removal);
  }

  repeat(unit: Unit, at: number, doubt: boolean): void {
    this.#update(unit, "attempts = attempts + 1, due = ?, doubt = ?", at, Number(doubt));
  }

  /** Its caller has it back. */
  remove({ names, seq }: Unit): void {
    for (const name of names) this.#sql("DELETE FROM contact WHERE name = ? AND seq = ?", name, seq);
  }

  removeAll(): void {
    this.#sql("DELETE FROM contact");
  }

  /** @returns the names of parked values that were kept long enough */
  removeOld(now: number): string[] {
    const old = this.#sql<Row>("DELETE FROM contact WHERE state <> 'pending' AND due <= ? RETURNING *", now);
    return old.filter(({ state }) => state === "parked").map(({ name }) => name);
  }

  /** @returns whether there was something */
  retryParked(now: number): boolean {
    const columns = "state = 'pending', reason = NULL, attempts = 0, since = ?, due = ?";
    return this.#sql(`UPDATE contact SET ${columns} WHERE state = 'parked' RETURNING name`, now, now).length > 0;
  }

  /** The day of trying gets longer by what a pause has taken. */
  countPause(now: number): void {
    const paused = this.fact("paused");
    if (paused === undefined) return;
    this.#sql("UPDATE contact SET since = since + (? - max(since, ?)) WHERE state = 'pending'", now, paused);
    this.note("paused", now);
  }

  isPending(seq: number): boolean {
    return this.#sql("SELECT 1 FROM contact WHERE state = 'pending' AND seq = ?", seq).length > 0;
  }

  outlook(): Outlook {
    const due = (condition: string): string => `min(due) FILTER (WHERE ${condition})`;
    const [row] = this.#sql<{ attempt: number | null; removal: number | null; parked: number }>(
      `SELECT ${due("state = 'pending'")} AS attempt, ${due("state <> 'pending'")} AS removal,
         count(*) FILTER (WHERE state = 'parked') AS parked FROM contact`,
    );
    const parked = (row?.parked ?? 0) > 0;
    const unreported = parked !== (this.fact("listed") ?? false);
    return { attempt: row?.attempt ?? Infinity, removal: row?.removal ?? Infinity, parked, unreported };
  }

  states(): Record<string, ContactState> {
    const states = this.#sql<Row>("SELECT * FROM contact ORDER BY name").map(
      ({ name, state, attempts, since, reason }): [string, ContactState] => [
        name,
        { state, attempts, since: new Date(since).toISOString(), ...(reason && { reason }) },
      ],
    );
    return Object.fromEntries(states);
  }

  /** Writes after a request hold only for the values that were sent: `seq` says whether they still stand. */
  #update({ names, seq }: Unit, columns: string, ...bindings: SqlStorageValue[]): void {
    for (const name of names) {
      this.#sql(`UPDATE contact SET ${columns} WHERE name = ? AND seq = ?`, ...bindings, name, seq);
    }
  }

  #sql<T extends Record<string, SqlStorageValue>>(query: string, ...bindings: SqlStorageValue[]): T[] {
    return this.#storage.sql.exec<T>(query, ...bindings).toArray();
  }
}
