/** What a mailbox holds: a row for each contact name, and some facts. In memory, and written through to the storage. */
import type { Facts, Letter, Pending, Row, Unit } from "./rows.ts";

/** What a letter meets. */
export interface Acceptance {
  readonly seq: number;
  /** What it takes the place of, by name. */
  readonly replaced: ReadonlyMap<string, Row>;
}

/** Names of one EUID; each costs storage, and time with each update. */
export const MAX_HELD = 100;

const FACTS = "facts";
const ROW = "contact ";

export class Store {
  readonly #storage: DurableObjectStorage;
  #rows = new Map<string, Row>();
  #facts: Facts | undefined;
  #loaded = false;
  /** It goes on when everything is forgotten: an attempt with an older number may still come back. */
  #lastSeq = 0;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  /** There are none where nothing is held. Asking creates nothing. */
  get facts(): Facts | undefined {
    this.#load();
    return this.#facts;
  }

  /** By contact name. */
  get rows(): ReadonlyMap<string, Row> {
    this.#load();
    return this.#rows;
  }

  /** Does nothing where nothing is held. */
  note(changes: Partial<Facts>): void {
    if (this.facts === undefined) return;
    const facts = { ...this.facts, ...changes };
    this.#storage.kv.put(FACTS, facts); // before the memory, which must not hold what the storage could not take
    this.#facts = facts;
  }

  /** Replaces what is held for these names. @returns nothing where these are too many */
  accept({ euid, contacts, requestId: request }: Letter, now: number): Acceptance | undefined {
    if (new Set([...this.rows.keys(), ...contacts.map(([name]) => name)]).size > MAX_HELD) return undefined;
    if (this.#facts === undefined) {
      this.#storage.kv.put(FACTS, { euid });
      this.#facts = { euid };
    }
    this.#lastSeq++;
    const seq = this.#lastSeq;
    const replaced = new Map<string, Row>();
    for (const [name, value] of contacts) {
      const old = this.#rows.get(name);
      if (old !== undefined) replaced.set(name, old);
      // The same value may have been set by an attempt in doubt, or by the one that runs.
      const same = old !== undefined && old.state !== "delivered" && old.value === value;
      const doubt = same && (old.doubt || old.seq === this.#facts?.quiet?.seq);
      this.#set(name, { state: "pending", value, seq, request, since: now, due: now, attempts: 0, solo: false, doubt });
    }
    return { seq, replaced };
  }

  /** The oldest letter that is due. */
  next(now: number): Unit | undefined {
    // What came of the last request was not written, such as where this object has replaced another: nobody knows.
    const running = this.facts?.quiet?.seq;
    for (const [name, row] of this.#pending()) if (row.seq === running) this.#set(name, { ...row, doubt: true });
    const pending = this.#pending();
    const due = pending.filter(([, row]) => row.due <= now);
    const [first] = due.sort(([, one], [, other]) => one.seq - other.seq);
    if (first === undefined) return undefined;
    const { seq, request, since, attempts, solo } = first[1];
    const together = solo ? [first] : pending.filter(([, row]) => row.seq === seq && !row.solo);
    return {
      names: together.map(([name]) => name),
      contacts: Object.fromEntries(together.map(([name, { value }]) => [name, value])),
      doubt: together.some(([, row]) => row.doubt),
      ...{ seq, request, since, attempts },
    };
  }

  /**
   * Writes what came of a request. It holds only for the values that were sent: `seq` says whether they still stand.
   *
   * @param change makes the new row, or nothing where the old one goes
   */
  settle({ names, seq }: Unit, change: (row: Pending, name: string) => Row | undefined): void {
    for (const name of names) {
      const row = this.#rows.get(name);
      if (row?.state !== "pending" || row.seq !== seq) continue;
      const changed = change(row, name);
      if (changed === undefined) this.#delete(name);
      else this.#set(name, changed);
    }
  }

  isPending(seq: number): boolean {
    return this.#pending().some(([, row]) => row.seq === seq);
  }

  removeAll(): void {
    for (const name of this.rows.keys()) this.#delete(name);
  }

  /** @returns the names of parked values that were kept long enough */
  removeOld(now: number): string[] {
    const old = [...this.rows].filter(([, row]) => row.state !== "pending" && row.removal <= now);
    for (const [name] of old) this.#delete(name);
    return old.filter(([, { state }]) => state === "parked").map(([name]) => name);
  }

  /** A day of trying begins anew. @returns whether there was something */
  retryParked(now: number): boolean {
    let any = false;
    for (const [name, row] of this.rows) {
      if (row.state !== "parked") continue;
      const { reason, removal, ...rest } = row;
      this.#set(name, { ...rest, state: "pending", attempts: 0, since: now, due: now });
      any = true;
    }
    return any;
  }

  /** Whatever waits for its next attempt is due now. @returns whether there is something */
  hurry(now: number): boolean {
    const pending = this.#pending();
    for (const [name, row] of pending) if (row.due > now) this.#set(name, { ...row, due: now });
    return pending.length > 0;
  }

  /** The day of trying gets longer by what a pause has taken. */
  countPause(now: number): void {
    const paused = this.facts?.paused;
    if (paused === undefined) return;
    for (const [name, row] of this.#pending()) {
      this.#set(name, { ...row, since: row.since + now - Math.max(row.since, paused) });
    }
    this.note({ paused: now });
  }

  async erase(): Promise<void> {
    this.#facts = undefined;
    try {
      await this.#storage.deleteAll();
    } catch (error) {
      this.#loaded = false; // it is all still there
      throw error;
    }
  }

  #load(): void {
    if (this.#loaded) return;
    const facts = this.#storage.kv.get<Facts>(FACTS);
    const rows = Array.from(this.#storage.kv.list<Row>({ prefix: ROW }), ([key, row]): [string, Row] => [
      key.slice(ROW.length),
      row,
    ]);
    const running = facts?.quiet?.seq;
    this.#lastSeq = Math.max(running ?? 0, ...rows.map(([, { seq }]) => seq));
    this.#rows = new Map(rows);
    this.#facts = facts;
    this.#loaded = true; // only now: after an error it is read again
  }

  #pending(): [name: string, row: Pending][] {
    return [...this.rows].flatMap(([name, row]): [string, Pending][] => (row.state === "pending" ? [[name, row]] : []));
  }

  #set(name: string, row: Row): void {
    this.#storage.kv.put(ROW + name, row);
    this.#rows.set(name, row);
  }

  #delete(name: string): void {
    this.#storage.kv.delete(ROW + name);
    this.#rows.delete(name);
  }
}
