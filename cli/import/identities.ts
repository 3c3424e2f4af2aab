/** Looks up the EUIDs of users who are known by another identity. */
import { type Client, isEngageLabError } from "../../src/index.ts";
import { isCredentialsProblem } from "../client.ts";
import { CommandError, describeCall, EXIT } from "../errors.ts";
import type { Candidate, Fault, IdentityKind } from "./candidate.ts";

export type IdentityName = Exclude<IdentityKind, "euid">;

type Answer = { readonly euid: string } | Fault;

/** Users per request. */
const GROUP = 100;

/** @throws CommandError if a request fails. The rows after it are not sent. */
export async function* lookUpAll(
  client: Client,
  candidates: AsyncIterable<Candidate>,
  name: IdentityName,
  signal: AbortSignal,
): AsyncGenerator<readonly [candidate: Candidate, answer: Answer]> {
  for await (const group of inGroups(candidates)) {
    const answers = await lookUp(client, new Set(group.map(({ user }) => user)), name, signal);
    if (answers === undefined) return;
    for (const candidate of group) {
      const { user } = candidate;
      yield [candidate, answers.get(user) ?? { subject: name, value: user, problem: "came back without an EUID" }];
    }
  }
}

async function* inGroups<T>(items: AsyncIterable<T>): AsyncGenerator<T[]> {
  let group: T[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length === GROUP) {
      yield group;
      group = [];
    }
  }
  if (group.length > 0) yield group;
}

/** Resolves to `undefined` if it is aborted. An identity that the contract refuses fails only its own rows. */
async function lookUp(
  client: Client,
  users: ReadonlySet<string>,
  name: IdentityName,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Answer> | undefined> {
  const answers = new Map<string, Answer>();
  for (;;) {
    const asked = [...users].filter((user) => !answers.has(user));
    try {
      const euids = await client.getEuids({ identity_name: name, identity_values: asked }, { signal });
      for (const [user, euid] of euids) answers.set(user, { euid });
      return answers;
    } catch (error) {
      if (!isEngageLabError(error)) throw error;
      if (error.kind === "aborted") return undefined;
      const [, index] = (error.kind === "validation" && /\[(\d+)\]$/.exec(error.path)) || [];
      const user = asked[Number(index)];
      if (error.kind === "validation" && user !== undefined) {
        answers.set(user, { subject: name, value: user, problem: error.message.replace(error.path, "").trim() });
        continue;
      }
      const problem = `Can't look up the EUIDs: ${describeCall(error)}`;
      if (isCredentialsProblem(error)) throw new CommandError(problem);
      throw new CommandError(`${problem} Run the same command again later.`, EXIT.failed);
    }
  }
}
