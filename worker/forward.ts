/** One attempt at EngageLab, and what the caller is told of it. */
import { type Client, type ErrorReason, isEngageLabError, type SetContactBody } from "../src/index.ts";
import { type Answer, failure } from "./answers.ts";

/** EngageLab refuses our credentials: nothing that a caller could mend. */
const OPERATORS_FAULT: ReadonlySet<ErrorReason> = new Set([
  "authentication_failed",
  "project_id_illegal",
  "project_not_found",
  "data_source_not_found",
]);

/** What became of a request, for the log. */
export interface Forwarded {
  readonly answer: Answer;
  readonly outcome: string;
}

export async function forward(client: Client, body: SetContactBody): Promise<Forwarded> {
  try {
    const { code, message } = await client.setContact(body);
    return { answer: { status: 200, envelope: { code, message } }, outcome: "delivered" };
  } catch (error) {
    if (!isEngageLabError(error)) throw error;
    const { kind, outcome } = error;
    if (kind !== "api") return { answer: failure("upstream_failed"), outcome: `${kind} ${outcome}` };
    const told = `${outcome} ${error.code}`;
    if (OPERATORS_FAULT.has(error.reason)) {
      const message = "EngageLab refuses the gateway's credentials: its operator must look at the secrets";
      return { answer: failure("upstream_failed", message), outcome: told };
    }
    const status = error.reason === "contact_already_set" ? 409 : 502;
    return { answer: { status, envelope: { code: error.code, message: error.message } }, outcome: told };
  }
}
