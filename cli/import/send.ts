/** Sends the unfinished rows of a table. */
import { type AnyEngageLabError, type Client, type SetContactBody, setContacts } from "../../src/index.ts";
import { isCredentialsProblem } from "../client.ts";
import { CommandError, describeCall, EXIT } from "../errors.ts";
import { type Candidate, type Fault, type IdentityKind, isFault } from "./candidate.ts";
import { type IdentityName, lookUpAll } from "./identities.ts";
import type { Recorder } from "./recorder.ts";
import type { Finished } from "./resume.ts";
import type { Item } from "./table.ts";
import type { Tally } from "./tally.ts";

export interface SendOptions {
  /** Absent for a dry run. */
  readonly client: Client | undefined;
  readonly kind: IdentityKind;
  readonly concurrency?: number | undefined;
  readonly rate?: number | undefined;
  readonly maxFailures: number;
  readonly signal: AbortSignal;
}

/**
 * Resolves once all rows are finished, or the signal is aborted.
 *
 * @throws CommandError if the credentials are refused, or after too many failures in a row
 */
export async function sendRows(
  batches: AsyncIterable<readonly Item[]>,
  { done, failed }: Finished,
  recorder: Recorder,
  tally: Tally,
  options: SendOptions,
): Promise<void> {
  const { client, kind, concurrency, rate, maxFailures, signal } = options;
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  let problem: CommandError | undefined;
  const end = (error: CommandError) => {
    problem ??= error;
    stop.abort();
  };
  const candidates = new WeakMap<SetContactBody, Candidate>();

  async function* remaining(): AsyncGenerator<Candidate> {
    for await (const batch of batches) {
      for (const { row, result } of batch) {
        const before = failed.get(row.line);
        if (done.has(row.line)) tally.doneBefore++;
        else if (before) {
          tally.failedBefore++;
          recorder.failed(row, before);
        } else if (isFault(result)) recorder.failed(row, result);
        else yield result;
      }
    }
  }

  function toUpdate(candidate: Candidate, euid: string): SetContactBody {
    const update = { euid, contacts: candidate.contacts };
    candidates.set(update, candidate);
    return update;
  }

  async function* identified(sending: Client, kind: IdentityName): AsyncGenerator<SetContactBody> {
    for await (const [candidate, answer] of lookUpAll(sending, remaining(), kind, both)) {
      if ("euid" in answer) yield toUpdate(candidate, answer.euid);
      else recorder.failed(candidate.row, answer);
    }
  }

  async function* updates(): AsyncGenerator<SetContactBody> {
    for await (const candidate of remaining()) yield toUpdate(candidate, candidate.user);
  }

  if (client === undefined) {
    for await (const candidate of remaining()) {
      if (signal.aborted) return;
      recorder.done(candidate, 200);
    }
    return;
  }
  const source = kind === "euid" ? updates() : identified(client, kind);
  for await (const each of setContacts(client, source, { concurrency, rate, signal: both })) {
    const candidate = candidates.get(each.update);
    if (candidate === undefined) throw new Error("setContacts yielded an update that it was not given");
    if (each.ok) recorder.done(candidate, each.result.status);
    else if (each.error.kind === "aborted") continue;
    else if (isCredentialsProblem(each.error))
      end(new CommandError(`${describeCall(each.error)} Nothing is marked as failed.`));
    else if (each.error.kind === "validation") recorder.failed(candidate.row, toFault(candidate, each.error));
    else if (each.error.kind === "api" && !each.error.retryable)
      recorder.refused(candidate, toFault(candidate, each.error));
    else if (recorder.unanswered(candidate, toFault(candidate, each.error)) >= maxFailures) {
      end(new CommandError(stopped(maxFailures, each.error), EXIT.failed));
    }
  }
  if (problem) throw problem;
}

function toFault({ user }: Candidate, error: AnyEngageLabError): Fault {
  return { subject: "user", value: user, problem: `was not set: ${describeCall(error)}` };
}

function stopped(failures: number, error: AnyEngageLabError): string {
  return (
    `Stopped after ${failures} failures in a row: ${error.message}. ` +
    "These rows and the ones after them are not marked as failed: run the same command again later."
  );
}
