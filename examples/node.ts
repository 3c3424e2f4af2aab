/**
 * Node 22.18 or newer runs TypeScript as it is:
 *
 *     npm install engagelab-ma
 *     ENGAGELAB_API_KEY=… ENGAGELAB_API_SECRET=… node node.ts
 */
import { createClient } from "engagelab-ma";

const { ENGAGELAB_API_KEY: apiKey, ENGAGELAB_API_SECRET: apiSecret, ENGAGELAB_BASE_URL: baseUrl } = process.env;
const engagelab = createClient({ apiKey, apiSecret, baseUrl });

console.log(await engagelab.setContact({ euid: 10362473, contacts: { email: "12@gmail.com" } }));
