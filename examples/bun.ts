/**
 * Bun reads .env by itself:
 *
 *     bun add engagelab-ma
 *     bun bun.ts
 */
import { createClient } from "engagelab-ma";

const { ENGAGELAB_API_KEY: apiKey, ENGAGELAB_API_SECRET: apiSecret, ENGAGELAB_BASE_URL: baseUrl } = Bun.env;
const engagelab = createClient({ apiKey, apiSecret, baseUrl });

console.log(await engagelab.setContact({ euid: 10362473, contacts: { email: "12@gmail.com" } }));
