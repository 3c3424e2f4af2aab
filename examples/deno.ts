/**
 *     deno add npm:engagelab-ma
 *     deno run --allow-env --allow-net deno.ts
 */
import { createClient } from "engagelab-ma";

const engagelab = createClient({
  apiKey: Deno.env.get("ENGAGELAB_API_KEY"),
  apiSecret: Deno.env.get("ENGAGELAB_API_SECRET"),
  baseUrl: Deno.env.get("ENGAGELAB_BASE_URL"),
});

console.log(await engagelab.setContact({ euid: 10362473, contacts: { email: "12@gmail.com" } }));
