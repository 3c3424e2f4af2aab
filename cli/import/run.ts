/** Runs one import, from checking the file to the summary. */
import { existsSync, realpathSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Client } from "../../src/index.ts";
import { clientFromEnvironment, readEnvironment } from "../client.ts";
import { CommandError, EXIT } from "../errors.ts";
import { requireRegularFile } from "../files.ts";
import { interrupt } from "../interrupt.ts";
import type { IdentityKind } from "./candidate.ts";
import type { WantedColumns } from "./columns.ts";
import { type FailuresFile, openFailures, sha256 } from "./failures.ts";
import { doneLine, endedLine, hash, type ImportId, readJournal, type StoredJournal } from "./journal.ts";
import { JournalFile } from "./journal-file.ts";
import { LineSet } from "./line-set.ts";
import { lock } from "./lock.ts";
import { showProgress } from "./progress.ts";
import { Recorder } from "./recorder.ts";
import { carriedOver, type Finished, finishedRows } from "./resume.ts";
import { sendRows } from "./send.ts";
import { openFile, openSource, type ReadableFile, type Source } from "./source.ts";
import { detectFormat, type Format, openTable, type Table } from "./table.ts";
import { Tally } from "./tally.ts";

/** Per call. If 10 % of the requests fail, one row in 100,000 still fails. */
const MAX_RETRIES = 4;

const NOTHING: Finished = { done: new LineSet(), failed: new Map() };

export interface ImportOptions {
  readonly file: string;
  readonly kind: IdentityKind;
  readonly wanted: WantedColumns;
  readonly format?: Format | undefined;
  readonly delimiter?: string | undefined;
  readonly encoding?: string | undefined;
  readonly concurrency?: number | undefined;
  readonly rate?: number | undefined;
  readonly journal?: string | undefined;
  readonly failures?: string | undefined;
  readonly dryRun?: boolean | undefined;
  readonly retryFailed?: boolean | undefined;
  readonly maxFailures: number;
}

/** @returns the exit code */
export async function runImport(options: ImportOptions): Promise<number> {
  const file = await openFile(options.file);
  try {
    return await importFile(file, options);
  } finally {
    file.remove();
  }
}

async function importFile(file: ReadableFile, options: ImportOptions): Promise<number> {
  const client = options.dryRun ? undefined : clientFromEnvironment(MAX_RETRIES);
  const source = await openSource(file, options.encoding);
  const format = options.format ?? detectFormat(source);
  const table = await openTable(source, format, options.wanted, options.kind, options.delimiter);
  const paths = choosePaths(file, format, options);
  const unlock = client && paths.journal !== undefined ? lock(paths.journal) : undefined;
  try {
    return await importRows(client, source, table, paths, options);
  } finally {
    unlock?.();
  }
}

async function importRows(
  client: Client | undefined,
  source: Source,
  table: Table,
  paths: Paths,
  options: ImportOptions,
): Promise<number> {
  const { kind, dryRun = false } = options;
  const id: ImportId = { file: source.digest, columns: table.columns, target: dryRun ? "" : describeTarget(kind) };
  const { finished, journal, failures, began } = await openOutputs(id, table, paths, options);
  const tally = new Tally();
  const recorder = new Recorder(tally, journal, failures);
  const endProgress = dryRun ? () => {} : showProgress(tally, source.length);
  let problem: unknown;
  try {
    await sendRows(table.items(), finished, recorder, tally, { ...options, client, signal: interrupt });
  } catch (error) {
    problem = error;
  }
  endProgress();
  const failuresDigest = failures?.close();
  if (failuresDigest !== undefined && problem === undefined) journal?.write(endedLine(failuresDigest));
  journal?.close(began && tally.set + tally.stored === 0 && failuresDigest === undefined);

  if (tally.rows === 0 && problem === undefined && !interrupt.aborted) {
    throw new CommandError(`${source.name} has no rows.`);
  }
  console.log(`${source.name}: ${tally.counts(dryRun)}`);
  for (const reason of tally.reasons()) console.log(reason);
  if (failuresDigest !== undefined && problem === undefined)
    console.log(advice(source.name, paths.failures ?? "", journal !== undefined));
  if (problem !== undefined) throw problem;
  return interrupt.aborted ? EXIT.interrupted : tally.failed > 0 ? EXIT.failed : EXIT.done;
}

interface Paths {
  readonly journal?: string | undefined;
  readonly failures?: string | undefined;
}

/** An input that another run can't find again gets a journal and a failures file only if they are named. */
function choosePaths({ path, lasting }: ReadableFile, format: Format, options: ImportOptions): Paths {
  const { journal, failures } = options;
  const suffix = format === "csv" ? "csv" : "ndjson";
  const paths = {
    journal: journal ?? (lasting ? `${path}.journal` : undefined),
    failures: failures ?? (lasting ? `${path}.failures.${suffix}` : undefined),
  };
  const outputs = [paths.journal, paths.failures].filter((each) => each !== undefined);
  const resolved = [path, ...outputs].map((each) => (existsSync(each) ? realpathSync(each) : resolve(each)));
  if (new Set(resolved).size < resolved.length) {
    throw new CommandError("The file, its --journal and its --failures must be different files.");
  }
  for (const output of outputs) requireRegularFile(output);
  return paths;
}

function describeTarget(kind: IdentityKind): string {
  const { baseUrl = "", apiKey } = readEnvironment();
  return [kind, baseUrl.replace(/\/+$/, ""), apiKey === undefined ? "" : hash(apiKey)].join(" ");
}

interface Outputs {
  readonly finished: Finished;
  readonly journal?: JournalFile | undefined;
  readonly failures?: FailuresFile | undefined;
  /** Whether there was no journal yet. */
  readonly began: boolean;
}

/** Reads which rows are finished, and opens the files to write. A dry run writes nothing. */
async function openOutputs(id: ImportId, table: Table, paths: Paths, options: ImportOptions): Promise<Outputs> {
  const stored = paths.journal === undefined ? undefined : await readJournal(paths.journal);
  const before = stored ? await finishedRows(stored.entries()) : NOTHING;
  if (stored) checkSame(stored.id, id, paths.journal ?? "", options);
  const writable = options.dryRun ? {} : paths;
  if (writable.failures !== undefined) checkReplaceable(writable.failures, before.failures, stored, options);
  const failures = writable.failures === undefined ? undefined : openFailures(writable.failures, table);
  try {
    if (stored && options.retryFailed) {
      return { ...(await retryFailed(id, stored, table, writable.journal)), failures, began: false };
    }
    const journal = writable.journal === undefined ? undefined : JournalFile.open(writable.journal, id, stored);
    return { finished: before, journal, failures, began: stored === undefined };
  } catch (error) {
    failures?.close(); // it has no rows, so this removes it
    throw error;
  }
}

/** Starts a new journal that holds only the rows that need not be sent again. */
async function retryFailed(
  id: ImportId,
  stored: StoredJournal,
  table: Table,
  path: string | undefined,
): Promise<Pick<Outputs, "finished" | "journal">> {
  const done = new LineSet();
  async function* lines(): AsyncGenerator<string> {
    for await (const candidate of carriedOver(stored.entries(), () => table.items())) {
      done.add(candidate.row.line);
      yield doneLine(candidate);
    }
  }
  const finished = { done, failed: new Map() };
  if (path !== undefined) return { finished, journal: await JournalFile.replace(path, id, lines()) };
  for await (const _ of lines());
  return { finished };
}

function checkSame(stored: ImportId, id: ImportId, journal: string, { dryRun, retryFailed }: ImportOptions): void {
  if (stored.target !== id.target && !dryRun) {
    throw new CommandError(
      `${journal} belongs to an import to another address, account or kind of id: name another file with --journal.`,
    );
  }
  if ((stored.file !== id.file || stored.columns !== id.columns) && !retryFailed) {
    throw new CommandError(
      `The file or its columns have changed since ${journal} was written. Add --retry-failed to send failed and new ` +
        "rows, or remove the journal to send all rows again.",
    );
  }
}

/** Refuses to overwrite a failures file that was corrected by hand, or belongs to another import. */
function checkReplaceable(
  path: string,
  digest: string | undefined,
  stored: StoredJournal | undefined,
  { failures }: ImportOptions,
): void {
  if (!existsSync(path) || statSync(path).size === 0) return;
  if (stored === undefined && failures !== undefined) {
    throw new CommandError(`${path} exists already: remove it, or name another file with --failures.`);
  }
  if (digest !== undefined && digest !== sha256(path)) {
    throw new CommandError(`${path} was edited and would be overwritten. Import it on its own, or move it elsewhere.`);
  }
}

function advice(name: string, failures: string, retry: boolean): string {
  const again = retry ? ` Correct them in ${name} and run the command again with --retry-failed.` : "";
  return `The failed rows are in ${failures}, each with its reason.${again}`;
}
