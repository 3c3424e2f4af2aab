// What a consumer writes. It is checked under many configurations, so it uses no global of one of them.
import {
  type CallOptions,
  type Client,
  type ClientOptions,
  type Contacts,
  type components,
  createClient,
  type Envelope,
  type ErrorReason,
  type Euid,
  isEngageLabError,
  type paths,
} from "engagelab-ma";
import emulatorServer, { createEmulator, type Emulator, VENDOR_CREDENTIALS } from "engagelab-ma/emulator";

const emulator: Emulator = createEmulator({ unique: ["email"] });
emulator.fail({ status: 503, headers: { "retry-after": "0" } });
const options: ClientOptions = { ...VENDOR_CREDENTIALS, fetch: emulator.fetch, timeout: 1000, totalTimeout: false };
const engagelab: Client = createClient(options);
const contacts: Contacts = { email: "12@gmail.com", wechat: "a name that the contract does not know" };
const ids: Euid[] = [1, 1n, "1"];
const callOptions: CallOptions = { maxRetries: 0, headers: async () => ({ "x-a": "b" }) };

export async function use(): Promise<string> {
  for (const euid of ids) {
    const { code, message, status } = await engagelab.setContact({ euid, contacts }, callOptions);
    const zero: 0 = code;
    if (status === 202) return message + zero;
  }
  const euids = await engagelab.getEuids({ identity_name: "user_id", identity_values: ["a"] });
  const digits: string | undefined = euids.get("a");
  const { data, error, response } = await engagelab.POST("/v1/user/contact", { body: { euid: 1n, contacts } });
  if (error) return `${error.kind} ${response.status} ${euids.missing.length} ${digits}`;
  const envelope: Envelope = data;
  return envelope.message;
}

export function advise(error: unknown): string {
  if (!isEngageLabError(error)) return "not ours";
  switch (error.kind) {
    case "configuration":
      return error.option;
    case "validation":
      return error.path;
    case "api": {
      const reason: ErrorReason = error.reason;
      return error.solution ?? reason;
    }
    case "response":
      return error.excerpt;
    case "network":
      return error.outcome;
    case "timeout":
      return String(error.timeout);
    case "aborted":
      return String(error.cause);
  }
}

/** Nobody's code is `any`: each of these lines is an error if a type becomes `any`. */
type IsAny<T> = 0 extends 1 & T ? true : false;
type Member = Contacts["email"] | Envelope["message"] | components["schemas"]["Envelope"]["code"];
export const none: [
  IsAny<Client>,
  IsAny<Client["setContact"]>,
  IsAny<Client["getEuids"]>,
  IsAny<Client["POST"]>,
  IsAny<ClientOptions["fetch"]>,
  IsAny<CallOptions["signal"]>,
  IsAny<Member>,
  IsAny<keyof paths>,
  IsAny<typeof emulatorServer.fetch>,
] = [false, false, false, false, false, false, false, false, false];

/** The names that an editor completes; none would be left if the type were a plain Record. */
type Known = keyof { [Name in keyof Contacts as string extends Name ? never : Name]: unknown };
export const known: Known[] = ["email", "mobile_phone", "landline_phone", "whatsapp_phone"];

/** A client of other paths, as openapi-typescript writes them, and with an interface, as a person may. */
interface OtherPaths {
  "/v2/thing": {
    post: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody: { content: { "application/json": { id: number | bigint } } };
      responses: { 200: { headers: { [name: string]: unknown }; content: { "application/json": { size: number } } } };
    };
    get: GetThing;
  };
}
interface GetThing {
  responses: { 200: { content: { "application/json": { size: number } } } };
}
export async function others(): Promise<number> {
  const { data } = await createClient<OtherPaths>(options).POST("/v2/thing", { body: { id: 1n } });
  const got = await createClient<OtherPaths>(options).GET("/v2/thing");
  return (data?.size ?? 0) + (got.data?.size ?? 0);
}
