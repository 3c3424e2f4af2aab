/** The goals of the project, and why one is not met. The numbers come from the run. */
import type { Results } from "./report.ts";

export interface Goal {
  readonly goal: string;
  /** The number that is compared, and whether it is good enough. */
  readonly value: (results: Results) => number;
  readonly unit: string;
  readonly met: (value: number) => boolean;
  /** Said where it is not met. */
  readonly otherwise?: string;
}

const number = (results: Results, part: string, row: string, column: string): number =>
  Number(results[part]?.[row]?.[column] ?? Number.NaN);
const ratio = (part: string, column: string, row: string, to: string) => (results: Results) =>
  number(results, part, row, column) / number(results, part, to, column);

const PER_CALL =
  "Each call checks and writes the body in one walk, builds the request through openapi-fetch, keeps two time limits, reads " +
  "the body under a limit, and judges the envelope. Tried and kept: no Request object and one header merge where no middleware " +
  "is registered, one decoding of the body, one timer an attempt, no BigInt for plain numbers, one asynchronous layer less. " +
  "Tried and left out for their look: quoting plain strings by hand (3 %), operations in a nested table (1 %).";

export const goals: readonly Goal[] = [
  {
    goal: "a call in process costs at most 1.5 × fetch by hand",
    value: ratio("call on Node", "µs", "engagelab-ma", "fetch by hand"),
    unit: "×",
    met: (value) => value <= 1.5,
    otherwise: PER_CALL,
  },
  {
    goal: "… and at most 0.7 × plain openapi-fetch",
    value: ratio("call on Node", "µs", "engagelab-ma", "openapi-fetch"),
    unit: "×",
    met: (value) => value <= 0.7,
    otherwise: "As above; openapi-fetch itself checks nothing, follows redirects and has no time limit.",
  },
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
      otherwise: "Client and server share two cores here, so that each µs of the client is a µs less for the server.",
    }),
  ),
  {
    goal: "the heap after 1,000,000 calls is within 10 % of that after 10,000",
    value: ratio("memory", "bytes", "after 1,000,000 calls", "after 10,000 calls"),
    unit: "×",
    met: (value) => value <= 1.1,
  },
  {
    goal: "at most 5.5 kB minified gzip with openapi-fetch inside",
    value: (results) => number(results, "size", "engagelab-ma", "gzip") / 1000,
    unit: "kB",
    met: (value) => value <= 5.5,
    otherwise: "See CONTRIBUTING.md, Size: what is promised takes the bytes.",
  },
  {
    goal: "an import sets at least 0.9 × the rows a second of a plain loop of fetches",
    value: ratio("import", "rows/s", "setContacts", "plain loop of fetches by hand"),
    unit: "×",
    met: (value) => value >= 0.9,
    otherwise:
      "With a stubbed fetch a call of the client alone costs more than a fetch by hand (above), and each row has its place in " +
      "the order of its EUID, and a signal. Over a network both wait for the server.",
  },
];
