import { getLineColLocation, type LocationObject } from "@redocly/openapi-core";

/** A fault of a spec, or something that is not checked, with its place. */
export interface Problem {
  /** The absolute path of the file. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  readonly message: string;
}

/** The spec can't be used. */
export class SpecError extends Error {
  override readonly name = "SpecError";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(({ message }) => message).join("\n"));
    this.problems = problems;
  }
}

/** A problem at a place of a document. */
export function problemAt(location: LocationObject, message: string): Problem {
  const { start } = getLineColLocation(location);
  // Redocly has no place for a missing value: use the place of its key.
  const missing = location.pointer !== undefined && location.pointer.length > 2 && start.line === 1 && start.col === 1;
  const { line, col } = missing ? getLineColLocation({ ...location, reportOnKey: true }).start : start;
  return { file: location.source.absoluteRef, line, column: col, message };
}
