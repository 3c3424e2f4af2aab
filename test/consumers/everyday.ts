// Types of everyday code: interfaces, readonly lists, other implementations of fetch, media types with parameters.
import { type Client, type Contacts, type Contract, createClient, type Middleware, setContacts } from "engagelab-ma";

interface User {
  email?: string;
  mobile_phone?: string | undefined;
}
interface Row {
  readonly euid: string;
  readonly contacts: User;
  readonly line: number;
}
interface Properties {
  balance?: number;
  tags: readonly string[];
}
declare const user: User;
declare const rows: Row[];
declare const properties: Properties;
const engagelab = createClient();
const ids: readonly string[] = ["a"];
export async function use(): Promise<void> {
  const contacts: Contacts = {};
  for (const [name, value] of Object.entries(user)) contacts[name] = value;
  await engagelab.setContact({ euid: 1, contacts });
  await engagelab.setContact({ euid: 1, contacts: user });
  await engagelab.setContact({ euid: 1, contacts: { email: undefined, wechat: "x" } });
  await engagelab.getEuids({ identity_name: "user_id", identity_values: ids });
  await engagelab.POST("/v1/user/contact", { body: { euid: 1, contacts: user } });
  await engagelab.POST("/v1/user/property", { body: { euid: 1, type: "set", properties } });
  await engagelab.POST("/v1/event/report", {
    body: { data: [{ euid: 1, event_name: "e", itime: 1, random_id: undefined, properties }] },
  });
  for await (const done of setContacts(engagelab, rows)) {
    const line: number = done.update.line;
    if (!done.ok) throw new Error(`${line} ${done.error.message}`);
  }
}
declare function undiciFetch(
  input: string | URL,
  init?: {
    method?: string;
    headers?: Record<string, string>;
    body?: string | ArrayBuffer | null;
    redirect?: "manual" | "follow";
    signal?: AbortSignal | null;
    dispatcher?: object;
  },
): Promise<{ status: number; headers: { get(n: string): string | null }; text(): Promise<string>; ok: boolean }>;
export const proxied: Client = createClient({ fetch: undiciFetch });
export const proxied2: Client = createClient({ fetch: (url, init) => undiciFetch(url, { ...init, dispatcher: {} }) });
interface Own {
  "/v2/thing": {
    post: {
      requestBody: { content: { "application/json; charset=utf-8": { id: number | bigint } } };
      responses: { 200: { content: { "application/vnd.x+json": { size: number } } } };
    };
    get: { responses: { 201: { content: { "*/*": { got: string } } }; default: { content: { "text/html": string } } } };
  };
}
declare const contract: Contract<Own>;
const own = createClient({ contract });
export async function media(): Promise<number> {
  const { data } = await own.POST("/v2/thing", { body: { id: 1n } });
  const { data: got } = await own.GET("/v2/thing");
  const s: string | undefined = got?.got;
  return (data?.size ?? 0) + (s?.length ?? 0);
}
export const mw: Middleware = {
  onRequest: ({ request, schemaPath }) => {
    request.headers.set("x", schemaPath);
  },
};
export const either: ReturnType<typeof createClient> = createClient();
// @ts-expect-error a value of another type
void engagelab.setContact({ euid: 1, contacts: { email: 5 } });
// @ts-expect-error
void engagelab.setContact({ euid: 1, contacts: { email: "a", x: 5 } });
// @ts-expect-error
void own.POST("/v2/thing", { body: { id: "x" } });
