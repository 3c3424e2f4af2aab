/** What a user would pick, each as one call of the vendor's example with a time limit. */
import axios from "axios";
import { createClient } from "engagelab-ma";
import ky from "ky";
import { createFetch } from "ofetch";
import createOpenApiFetch from "openapi-fetch";
import type { paths } from "../src/generated/contract.ts";
import { AUTHORIZATION, BODY, CREDENTIALS } from "./stub.ts";

type Fetch = (url: string, init: RequestInit) => Promise<Response>;
export type Contestant = () => Promise<unknown>;

const TIMEOUT = 10_000;
const PATH = "/v1/user/contact";

/** fetch by hand, written with care. */
export async function byHand(fetch: Fetch, url: string, body: object): Promise<void> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), TIMEOUT);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: AUTHORIZATION },
      body: JSON.stringify(body),
      signal: controller.signal,
    });
    const { code } = await response.json();
    if (code !== 0) throw new Error(String(code));
  } finally {
    clearTimeout(timer);
  }
}

/** Those that are measured on every runtime. */
export function essential(fetch: Fetch, baseUrl = "https://ma-api.engagelab.com") {
  const ours = createClient({ ...CREDENTIALS, fetch, baseUrl, timeout: TIMEOUT });
  const openapi = createOpenApiFetch<paths>({
    baseUrl,
    headers: { authorization: AUTHORIZATION },
    fetch: fetch as never,
  });
  return {
    "fetch by hand": () => byHand(fetch, baseUrl + PATH, BODY),
    "engagelab-ma": () => ours.setContact(BODY),
    "openapi-fetch": () => openapi.POST(PATH, { body: BODY }),
  } satisfies Record<string, Contestant>;
}

export function all(fetch: Fetch, baseUrl = "https://ma-api.engagelab.com"): Record<string, Contestant> {
  const watched = createClient({ ...CREDENTIALS, fetch, baseUrl, timeout: TIMEOUT });
  watched.use({ onRequest: () => {} });
  const headers = { authorization: AUTHORIZATION };
  const url = baseUrl + PATH;
  const kyClient = ky.create({ fetch: fetch as typeof globalThis.fetch, headers, timeout: TIMEOUT, retry: 0 });
  const ofetch = createFetch({ fetch: fetch as typeof globalThis.fetch, Headers, AbortController });
  const axiosClient = axios.create({ adapter: "fetch", env: { fetch }, headers, timeout: TIMEOUT } as never);
  return {
    ...essential(fetch, baseUrl),
    "engagelab-ma with a middleware": () => watched.setContact(BODY),
    ky: () => kyClient.post(url, { json: BODY }).json(),
    ofetch: () => ofetch(url, { method: "POST", headers, body: BODY, timeout: TIMEOUT, retry: 0 }),
    axios: () => axiosClient.post(url, BODY),
  };
}
