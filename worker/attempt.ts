/** One attempt at EngageLab, and what it tells. */
import { type Client, type Envelope, isEngageLabError, type SetContactBody } from "../src/index.ts";

/** Whether EngageLab takes our credentials; `unknown`: no answer that says so; `empty`: there was nothing to send. */
export type Probe = "accepted" | "refused" | "unknown" | "empty";

export interface Attempted {
  /** What the client threw; `undefined` where EngageLab answered 0. */
  readonly error: unknown;
  /** What EngageLab answered, if it did. */
  readonly envelope: Envelope | undefined;
}

export async function attempt(engagelab: Client, body: SetContactBody): Promise<Attempted> {
  try {
    const { code, message } = await engagelab.setContact(body);
    return { error: undefined, envelope: { code, message } };
  } catch (error) {
    const answered = isEngageLabError(error, "api");
    return { error, envelope: answered ? { code: error.code, message: error.message } : undefined };
  }
}
