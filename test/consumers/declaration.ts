// What a library writes that exports parts of a client. It is compiled with `declaration`: each type must have a name.
import { createClient, setContacts } from "engagelab-ma";
export const engagelab = createClient();
export const { POST, GET, setContact, getEuids, use } = engagelab;
export const call = () => POST("/v1/user/contact", { body: { euid: 1n, contacts: { email: "a" } } });
export const many = (updates: { euid: string; contacts: { email?: string } }[]) => setContacts(engagelab, updates);
export const wrapped = { client: createClient({ timeout: 1 }), use: (...m: Parameters<typeof use>) => use(...m) };
