// Each line below a mark must be an error; otherwise the mark itself is an error.
import { createClient, isEngageLabError } from "engagelab-ma";

const engagelab = createClient({ apiKey: "k", apiSecret: "s" });
const contacts = { email: "12@gmail.com" };

// @ts-expect-error a misspelt option
createClient({ apikey: "k" });
// @ts-expect-error an option of another type
createClient({ timeout: "5s" });
// @ts-expect-error a time limit is off with false
createClient({ timeout: true });
// @ts-expect-error a fetch that returns no Response
createClient({ fetch: async () => "text" });
// @ts-expect-error no EUID
engagelab.setContact({ contacts });
// @ts-expect-error an EUID of another type
engagelab.setContact({ euid: true, contacts });
// @ts-expect-error a value of another type
engagelab.setContact({ euid: 1, contacts: { email: 5 } });
// @ts-expect-error a member that the contract does not know
engagelab.setContact({ euid: 1, contacts, note: "x" });
// @ts-expect-error not for one call
engagelab.setContact({ euid: 1, contacts }, { baseUrl: "https://example.com" });
// @ts-expect-error a misspelt option of one call
engagelab.setContact({ euid: 1, contacts }, { timout: 5 });
// @ts-expect-error no such path
engagelab.POST("/v1/user/contacts", { body: { euid: 1, contacts } });
// @ts-expect-error no such method on this path
engagelab.GET("/v1/user/contact");
// @ts-expect-error no body
engagelab.POST("/v1/user/contact");
// @ts-expect-error not for one call
engagelab.POST("/v1/user/contact", { body: { euid: 1, contacts }, fetch });
// @ts-expect-error no such kind of identity
engagelab.getEuids({ identity_name: "email", identity_values: [] });

export function misuse(error: unknown): string {
  if (isEngageLabError(error, "timeout")) {
    // @ts-expect-error a timeout has no reason
    return error.reason;
  }
  // @ts-expect-error no such kind
  if (isEngageLabError(error, "time")) return "";
  if (!isEngageLabError(error)) return "";
  // @ts-expect-error a switch that forgets a kind does not return always
  const advise = (): string => {
    switch (error.kind) {
      case "api":
        return error.reason;
      case "response":
      case "network":
      case "timeout":
      case "aborted":
      case "configuration":
        return error.message;
    }
  };
  return advise();
}
