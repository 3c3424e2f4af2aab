/** The goals of the project, and why one is not met. The numbers come from the run. */
/** By part, row and column. */
export type Results = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;

export interface Goal {
  readonly goal: string;
  /** The number that is compared, and whether it is good enough. */
  readonly value: (results: Results) => number;
  readonly unit: string;
  readonly met: (value: number) => boolean;
  /** The reason if it is not met. */
  readonly otherwise?: string;
}

const number = (results: Results, part: string, row: string, column: string): number =>
  Number(results[part]?.[row]?.[column] ?? Number.NaN);
const ratio = (part: string, column: string, row: string, to: string) => (results: Results) =>
  number(results, part, row, column) / number(results, part, to, column);

const PER_CALL =
  "Each call checks and writes the body in one walk, builds the URL with openapi-fetch's functions, keeps two time limits, " +
  "reads the body under a limit, and judges the envelope. Tried and kept: schemas compiled once, no Request and no Response " +
  "without middleware, a small body read in one step (in chunks on Node, where that is faster), one timer per attempt and no " +
  "listener on its signal, no BigInt for plain numbers, headers merged as records, plain strings quoted without JSON.stringify.";

/** By runtime: of fetch by hand, and of openapi-fetch. */
const CALL_LIMITS: readonly [runtime: string, byHand: number, openapiFetch: number][] = [
  ["Node", 1.35, 0.65],
  ["Deno", 2.2, 0.65],
  ["Bun", 3, 1.2],
  ["workerd", 1.7, 1],
];

export const goals: readonly Goal[] = [
  ...CALL_LIMITS.flatMap(([runtime, byHand, openapiFetch]): Goal[] => [
    {
      goal: `a call in process on ${runtime} costs at most ${byHand} × fetch by hand`,
      value: ratio(`call on ${runtime}`, "µs", "engagelab-ma", "fetch by hand"),
      unit: "×",
      met: (value) => value <= byHand,
      otherwise: PER_CALL,
    },
    {
      goal: `… and at most ${openapiFetch} × plain openapi-fetch`,
      value: ratio(`call on ${runtime}`, "µs", "engagelab-ma", "openapi-fetch"),
      unit: "×",
      met: (value) => value <= openapiFetch,
      otherwise: "As above; openapi-fetch itself checks nothing, follows redirects and has no time limit.",
    },
  ]),
  {
    goal: "… less than ky",
    value: ratio("call on Node", "µs", "engagelab-ma", "ky"),
    unit: "×",
    met: (value) => value < 1,
  },
  {
    goal: "… less than axios",
    value: ratio("call on Node", "µs", "engagelab-ma", "axios"),
    unit: "×",
    met: (value) => value < 1,
  },
  {
    goal: "setContacts costs at most 1.1 × a plain loop of setContact",
    value: ratio("setContacts", "µs", "setContacts", "plain loop of setContact"),
    unit: "×",
    met: (value) => value <= 1.1,
    otherwise:
      "Each update has a signal that ends the call, an order per EUID, and a result that is yielded. Tried and kept: no promise " +
      "for a synchronous source, no copy of a plain update, no look at the clock without throttling.",
  },
  ...[1, 50].map(
    (concurrency): Goal => ({
      goal: `over loopback HTTP with concurrency ${concurrency}, at least 0.95 × the requests a second of fetch by hand`,
      value: ratio(
        "HTTP",
        "requests/s",
        `engagelab-ma, concurrency ${concurrency}`,
        `fetch by hand, concurrency ${concurrency}`,
      ),
      unit: "×",
      met: (value) => value >= 0.95,
      otherwise:
        "In process the two are close (above). Here the server and the network's code run between two calls, so that each finds " +
        "the CPU's caches cold, and more code costs more; and client and server share two cores. Tried, without a difference: " +
        "reading the body with json(), following redirects, no time limits.",
    }),
  ),
  {
    goal: "the heap after 1,000,000 calls is within 10 % of that after 10,000",
    value: ratio("memory", "bytes", "after 1,000,000 calls", "after 10,000 calls"),
    unit: "×",
    met: (value) => value <= 1.1,
  },
  {
    goal: "setContact bundled for a page, minified and gzipped with openapi-fetch's functions inside, is at most as large as ky",
    value: ratio("size", "gzip", "engagelab-ma", "ky"),
    unit: "×",
    met: (value) => value <= 1,
    otherwise:
      "The checks of the body, the options with their messages, the URL and the headers, retries and redaction take the bytes. " +
      "Before compression: validate.ts 4.2 kB, options.ts and call.ts 2.8, openapi-fetch 2.6, watched.ts 2.5, redact.ts, the " +
      "contract, url.ts and client.ts 2 each. No single part can go without a promise.",
  },
  {
    goal: "the gateway, synchronous, serves at least 0.5 × the requests a second of a bare pass-through Worker",
    value: ratio("gateway", "requests/s", "synchronous, 100 outboxes", "pass-through"),
    unit: "×",
    met: (value) => value >= 0.5,
    otherwise:
      "Between them stand an RPC to a Durable Object, two commits that are synced to the disk, two settings of an alarm, a " +
      "line of log, and the rate limiter; the rows below take out what costs more under wrangler than it may at Cloudflare " +
      "(there the limiter is a Durable Object with commits of its own, and the log goes through the inspector). Tried and " +
      "kept: hashes of the tokens made once.",
  },
  {
    goal: "an update costs the same with 10,000 outboxes as with 100 (at least 0.9 × the requests a second)",
    value: ratio("gateway", "requests/s", "synchronous, 10,000 outboxes", "synchronous, 100 outboxes"),
    unit: "×",
    met: (value) => value >= 0.9,
    otherwise:
      "The 100 are measured while the 10,000 exist, so their number costs nothing. But at this pace 10,000 of them come " +
      "round once in a minute, and an object that has had nothing to do for 10 s leaves the memory: its file is opened anew.",
  },
  {
    goal: "… and after hundreds of updates that each outbox has delivered",
    value: ratio("gateway", "requests/s", "synchronous, 100 outboxes, at the end", "synchronous, 100 outboxes"),
    unit: "×",
    met: (value) => value >= 0.9,
  },
  ...(
    [
      ["4 operations", 2],
      ["400 operations", 4],
    ] as const
  ).map(
    ([operations, limit]): Goal => ({
      goal: `engagelab-ma generate takes less than ${limit} s for ${operations}`,
      value: (results) => number(results, "generate", operations, "s"),
      unit: "s",
      met: (value) => value < limit,
    }),
  ),
  {
    goal: "the import command sets at least 0.9 × the rows a second of a plain loop of setContact",
    value: ratio("import", "rows/s", "engagelab-ma import", "plain loop of setContact"),
    unit: "×",
    met: (value) => value >= 0.9,
  },
];
