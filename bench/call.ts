/** A call in process: `fetch` is a stub, so what is measured is the client alone. Prints JSON. */
import { type ClientOptions, createClient } from "engagelab-ma";
import { bench, do_not_optimize, run } from "mitata";
import createOpenApiFetch from "openapi-fetch";
import type { paths } from "../src/generated/schema.ts";

const URL_OF_CONTACT = "https://ma-api.engagelab.com/v1/user/contact";
const CREDENTIALS = { apiKey: "7d431e42dfa6a6d693ac2d04", apiSecret: "5e987ac6d2e04d95a9d8f0d1" };
const AUTHORIZATION = `Basic ${btoa(`${CREDENTIALS.apiKey}:${CREDENTIALS.apiSecret}`)}`;
const BODY = { euid: 10362473, contacts: { mobile_phone: "18023456879", email: "12@gmail.com" } };
const ANSWER = '{"code":0,"message":"success"}';

const answer = async (): Promise<Response> => new Response(ANSWER, { headers: { "content-type": "application/json" } });

async function byHand(): Promise<unknown> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), 10_000);
  try {
    const response = await (answer as typeof fetch)(URL_OF_CONTACT, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: AUTHORIZATION },
      body: JSON.stringify(BODY),
      signal: controller.signal,
    });
    return await response.json();
  } finally {
    clearTimeout(timer);
  }
}

const ours = createClient({ ...CREDENTIALS, fetch: answer as NonNullable<ClientOptions["fetch"]> });
const watched = createClient({ ...CREDENTIALS, fetch: answer as NonNullable<ClientOptions["fetch"]> });
watched.use({ onRequest: () => {} });
const openapi = createOpenApiFetch<paths>({
  baseUrl: "https://ma-api.engagelab.com",
  headers: { authorization: AUTHORIZATION },
  fetch: answer,
});

bench("fetch by hand", async () => do_not_optimize(await byHand()));
bench("engagelab-ma", async () => do_not_optimize(await ours.setContact(BODY)));
bench("engagelab-ma, with middleware", async () => do_not_optimize(await watched.setContact(BODY)));
bench("openapi-fetch", async () => do_not_optimize(await openapi.POST("/v1/user/contact", { body: BODY })));
await run();
