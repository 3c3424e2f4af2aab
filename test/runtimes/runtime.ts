/** A runtime, as test/runtimes/run.ts uses it. */
import type { Reports } from "../contract/run.ts";

export interface Run {
  readonly version: string;
  readonly reports: Reports;
}

export interface Place {
  /** A project with the installed tarball and the bundles of test/contract. */
  readonly project: string;
  /** The base URL of an emulator that no other runtime uses meanwhile. */
  readonly server: string;
}

/** @throws NotInstalled */
export type Runtime = (place: Place) => Promise<Run>;
