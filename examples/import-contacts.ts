/**
 * Sets the contacts of a file of users: CSV or NDJSON, plain or gzip. docs/import.md says more.
 *
 *     npm install engagelab-ma csv-parse cli-progress
 *     export ENGAGELAB_API_KEY=… ENGAGELAB_API_SECRET=…     (and ENGAGELAB_BASE_URL, where it is another)
 *     node import-contacts.ts users.csv --euid-column id     (Node 22.18 or newer; or `bun`, or `deno run -A`)
 */
import { createReadStream, statSync } from "node:fs";
import { parseArgs } from "node:util";
import { SingleBar } from "cli-progress";
import { createClient, isEngageLabError, setContacts } from "engagelab-ma";
import { Journal } from "./import-journal.ts";
import { type Row, readRows } from "./import-rows.ts";

const USAGE = `import-contacts.ts [FILE|-] [--format csv|ndjson]
  [--euid-column NAME | --identity-column NAME --identity-name user_id|anonymous_id|registration_id]
  [--contact email=COLUMN …] [--concurrency N] [--rate N] [--journal FILE] [--failures FILE] [--dry-run]`;

/** The contacts that are looked for, each in a column of its name, where no --contact is given. */
const KNOWN = ["email", "mobile_phone", "landline_phone", "whatsapp_phone"];
const IDENTITIES = ["user_id", "anonymous_id", "registration_id"] as const;
/** With one of these every row would fail. */
const HOPELESS = /^(authentication_failed|project_|data_source_|unauthorized)/;
const GROUP = 100;

/** Ends the program with 2: it could not run. */
function refuse(problem: string): never {
  console.error(`${problem}\n\n${USAGE}`);
  process.exit(2);
}

function readArguments() {
  const text = { type: "string" } as const;
  const options = {
    format: text,
    "euid-column": text,
    "identity-column": text,
    "identity-name": text,
    concurrency: text,
    rate: text,
    journal: text,
    failures: text,
    contact: { type: "string", multiple: true },
    "dry-run": { type: "boolean" },
    help: { type: "boolean" },
  } as const;
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

const { values: flags, positionals } = readArguments();
if (flags.help) {
  console.log(USAGE);
  process.exit(0);
}
const [file = "-", ...others] = positionals;
if (others.length > 0) refuse("there is one FILE");
const format = flags.format ?? (/\.(ndjson|jsonl)(\.gz)?$/.test(file) ? "ndjson" : "csv");
if (format !== "csv" && format !== "ndjson") refuse("--format is csv or ndjson");
const { "euid-column": euidColumn, "identity-column": identityColumn, "dry-run": dryRun = false } = flags;
if ((euidColumn === undefined) === (identityColumn === undefined)) refuse("give --euid-column or --identity-column");
const identityName = IDENTITIES.find((name) => name === flags["identity-name"]);
if (identityColumn !== undefined && !identityName) refuse(`--identity-name is one of ${IDENTITIES.join(", ")}`);
const columns = new Map(
  (flags.contact ?? KNOWN.map((name) => `${name}=${name}`)).map((flag): [string, string] => {
    const at = flag.indexOf("=");
    return at > 0 && at < flag.length - 1
      ? [flag.slice(0, at), flag.slice(at + 1)]
      : refuse("--contact is NAME=COLUMN");
  }),
);
const [concurrency, rate] = [flags.concurrency, flags.rate].map((flag) =>
  flag === undefined ? undefined : Number(flag),
);
const failuresPath = flags.failures ?? "failures.ndjson";
const { size, mtimeMs } =
  file === "-" ? {} : (statSync(file, { throwIfNoEntry: false }) ?? refuse(`there is no ${file}`));

/** An update, with the row it comes from, which is not sent. */
class Update {
  readonly euid: string | number | bigint;
  readonly contacts: Record<string, string>;
  readonly #row: Row;
  constructor(euid: string | number | bigint, contacts: Record<string, string>, row: Row) {
    this.euid = euid;
    this.contacts = contacts;
    this.#row = row;
  }
  get row() {
    return this.#row;
  }
}

/** What lies at the bottom of an error: of a NetworkError, that there is no such host, say. */
function describe(error: Error): string {
  const { cause } = error;
  if (cause instanceof Error) return describe(cause);
  return error.message || ("code" in error ? String(error.code) : error.name);
}

const counts = { set: 0, failed: 0, skipped: 0 };
const needsJournal = !dryRun && (file !== "-" || flags.journal !== undefined);
const controller = new AbortController();
let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    interrupted = true;
    controller.abort();
  });
}

const input = file === "-" ? process.stdin : createReadStream(file);
const started = performance.now();
const bar =
  process.stderr.isTTY && size !== undefined && !dryRun
    ? new SingleBar({ format: "{bar} {percentage} % | {rows} rows, {failed} failed, {rate}/s | {eta_formatted} left" })
    : undefined;
bar?.start(size ?? 0, 0, { rows: 0, failed: 0, rate: 0 });

function progress() {
  const rows = counts.set + counts.failed;
  const rate = Math.round((rows * 1000) / (performance.now() - started));
  if (bar && "bytesRead" in input) bar.update(input.bytesRead, { rows, failed: counts.failed, rate });
  else if (!dryRun) console.error(`${rows} rows, ${counts.failed} failed, ${rate}/s`);
}
const ticking = setInterval(progress, bar ? 200 : 5000);

async function main(): Promise<number> {
  const engagelab = createClient({
    apiKey: process.env.ENGAGELAB_API_KEY ?? (dryRun ? "dry-run" : undefined),
    apiSecret: process.env.ENGAGELAB_API_SECRET ?? (dryRun ? "dry-run" : undefined),
    baseUrl: process.env.ENGAGELAB_BASE_URL,
    maxRetries: 5,
    totalTimeout: 120_000,
    ...(dryRun && { fetch: async () => Response.json({ code: 0, message: "not sent" }) }),
  });
  const importing = JSON.stringify({
    file,
    size,
    mtimeMs,
    euidColumn,
    identityColumn,
    identityName,
    contacts: [...columns],
  });
  const journal = needsJournal ? new Journal(flags.journal ?? `${file}.journal`, failuresPath, importing) : undefined;

  function failed({ line, cells }: Row, reason: string): void {
    counts.failed++;
    if (journal) journal.record(line, cells, reason);
    else console.error(`line ${line}: ${reason}`);
  }

  const identityOf = ({ cells }: Row) => String(cells[identityColumn ?? ""] ?? "");

  function* toUpdate(row: Row, euid: unknown): Generator<Update> {
    const contacts: Record<string, string> = {};
    for (const [name, column] of columns) {
      const value = row.cells[column];
      if (value !== undefined && value !== null && value !== "") contacts[name] = value as string;
    }
    if (Object.keys(contacts).length === 0) failed(row, "has no contact");
    else if (euid === undefined || euid === "") failed(row, `has nothing in the column ${euidColumn}`);
    else yield new Update(euid as string, contacts, row);
  }

  /** The group's EUIDs by identity. An identity that the contract refuses costs its own rows only. */
  async function resolve(group: readonly Row[]): Promise<ReadonlyMap<string, string>> {
    const identities = new Set(group.map(identityOf).filter((identity) => identity !== ""));
    for (;;) {
      try {
        const body = { identity_name: identityName ?? "user_id", identity_values: [...identities] };
        return await engagelab.getEuids(body, { signal: controller.signal });
      } catch (error) {
        const [, index] = (isEngageLabError(error, "validation") && /\[(\d+)\]$/.exec(error.path)) || [];
        if (index === undefined) throw error;
        identities.delete([...identities][Number(index)] ?? "");
      }
    }
  }

  async function* identified(group: readonly Row[]): AsyncGenerator<Update> {
    const euids = dryRun ? undefined : await resolve(group);
    for (const row of group) {
      const identity = identityOf(row);
      const euid = euids ? euids.get(identity) : "0";
      if (identity === "") failed(row, `has nothing in the column ${identityColumn}`);
      else if (euid === undefined) failed(row, "has an identity for which no EUID came back");
      else yield* toUpdate(row, euid);
    }
  }

  async function* updates(): AsyncGenerator<Update> {
    const group: Row[] = [];
    let checked = format === "ndjson"; // where each row has members of its own
    for await (const row of readRows(input, format as "csv" | "ndjson")) {
      if (!checked && row.fault === undefined) {
        const wanted = [euidColumn ?? identityColumn, ...(flags.contact ? columns.values() : [])];
        const missing = wanted.find((column) => column !== undefined && !(column in row.cells));
        if (missing !== undefined) throw new Error(`there is no column ${missing} in ${file}`);
        checked = true;
      }
      if (journal?.done.has(row.line)) counts.skipped++;
      else if (row.fault !== undefined) failed(row, row.fault);
      else if (euidColumn !== undefined) yield* toUpdate(row, row.cells[euidColumn]);
      else if (group.push(row) === GROUP) yield* identified(group.splice(0));
    }
    if (group.length > 0) yield* identified(group);
  }

  const { signal } = controller;
  for await (const done of setContacts(engagelab, updates(), { concurrency, rate, signal })) {
    const { row } = done.update;
    if (done.ok) {
      counts.set++;
      journal?.record(row.line, row.cells);
    } else if (done.error.kind === "api" && HOPELESS.test(done.error.reason)) {
      throw done.error;
    } else if (done.error.kind !== "aborted") {
      const { kind, outcome, message, cause } = done.error;
      failed(row, `${message}${cause instanceof Error ? `: ${describe(cause)}` : ""} (${kind}, ${outcome})`);
    }
  }
  journal?.close();
  return interrupted ? 130 : counts.failed > 0 ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!interrupted) console.error(error instanceof Error ? error.message : error);
  process.exitCode = interrupted ? 130 : 2;
} finally {
  clearInterval(ticking);
  progress();
  bar?.stop();
  input.destroy();
}
const { set, failed, skipped } = counts;
console.error(
  `${dryRun ? "would set" : "set"} ${set}, failed ${failed}${failed && needsJournal ? ` (${failuresPath})` : ""}` +
    `, done before ${skipped}, in ${((performance.now() - started) / 1000).toFixed(1)} s`,
);
