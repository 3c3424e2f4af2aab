/** Finds the rows that earlier runs have finished, from the journal. */
import { type Candidate, type Fault, isFault } from "./candidate.ts";
import { contentHash, type Entry, hash } from "./journal.ts";
import { LineSet } from "./line-set.ts";
import type { Item } from "./table.ts";

export interface Finished {
  /** Lines of rows that were set or stored. */
  readonly done: LineSet;
  /** Rows that were sent and failed, by line. */
  readonly failed: ReadonlyMap<number, Fault>;
  /** SHA-256 of the failures file, if the last run reached its end. */
  readonly failures?: string;
}

/** For a file that has not changed. */
export async function finishedRows(entries: AsyncIterable<Entry>): Promise<Finished> {
  const done = new LineSet();
  const failed = new Map<number, Fault>();
  let failures: string | undefined;
  for await (const entry of entries) {
    failures = undefined;
    if (entry.type === "done") done.add(entry.line);
    else if (entry.type === "failed") failed.set(entry.line, entry.fault);
    else failures = entry.failures;
  }
  return { done, failed, ...(failures !== undefined && { failures }) };
}

/** A user's rows in file order, as one hash. */
interface Sequence {
  readonly hash: string;
  readonly length: number;
}

const EMPTY: Sequence = { hash: "", length: 0 };

function append(sequence: Sequence, content: string): Sequence {
  return { hash: hash(sequence.hash + content), length: sequence.length + 1 };
}

/**
 * Finds the rows that need not be sent again after the file has changed. Each user is decided alone: if the applied rows are
 * the first rows that the file now has of the user, they are done. Otherwise all of the user's rows are sent in file order,
 * so that the last one wins.
 *
 * @param items reads the file from its beginning
 * @yields the rows that are done
 */
export async function* carriedOver(
  entries: AsyncIterable<Entry>,
  items: () => AsyncIterable<readonly Item[]>,
): AsyncGenerator<Candidate> {
  const applied = await appliedRows(entries);
  const confirmed = new Set<string>();
  for await (const { user, sequence } of sequences(items(), applied)) {
    const before = applied.get(user);
    if (before?.length === sequence.length && before.hash === sequence.hash) confirmed.add(user);
  }
  for await (const { user, sequence, candidate } of sequences(items(), applied)) {
    if (confirmed.has(user) && sequence.length <= (applied.get(user)?.length ?? 0)) yield candidate;
  }
}

/** By user. A user whose row was applied after one that failed is left out, because the order is unknown. */
async function appliedRows(entries: AsyncIterable<Entry>): Promise<ReadonlyMap<string, Sequence>> {
  const applied = new Map<string, Sequence>();
  const failed = new Set<string>();
  const unsure = new Set<string>();
  for await (const entry of entries) {
    if (entry.type === "failed") failed.add(entry.user);
    if (entry.type !== "done") continue;
    if (failed.has(entry.user)) unsure.add(entry.user);
    applied.set(entry.user, append(applied.get(entry.user) ?? EMPTY, entry.content));
  }
  for (const user of unsure) applied.delete(user);
  return applied;
}

interface Step {
  readonly user: string;
  readonly sequence: Sequence;
  readonly candidate: Candidate;
}

/** The rows of the users in `applied`, each with the sequence of the user's rows so far. */
async function* sequences(
  batches: AsyncIterable<readonly Item[]>,
  applied: ReadonlyMap<string, Sequence>,
): AsyncGenerator<Step> {
  const current = new Map<string, Sequence>();
  for await (const batch of batches) {
    for (const { result } of batch) {
      if (isFault(result)) continue;
      const user = hash(result.user);
      if (!applied.has(user)) continue;
      const sequence = append(current.get(user) ?? EMPTY, contentHash(result.contacts));
      current.set(user, sequence);
      yield { user, sequence, candidate: result };
    }
  }
}
