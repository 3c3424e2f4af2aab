/** The vendor's example with a fetch that answers at once: what is measured is the client alone. */
export const URL_OF_CONTACT = "https://ma-api.engagelab.com/v1/user/contact";
export const CREDENTIALS = { apiKey: "7d431e42dfa6a6d693ac2d04", apiSecret: "5e987ac6d2e04d95a9d8f0d1" };
export const AUTHORIZATION: string = `Basic ${btoa(`${CREDENTIALS.apiKey}:${CREDENTIALS.apiSecret}`)}`;
export const BODY = { euid: 10362473, contacts: { mobile_phone: "18023456879", email: "12@gmail.com" } };

export async function answer(_url: string, _init: RequestInit): Promise<Response> {
  const text = '{"code":0,"message":"success"}';
  const headers = { "content-type": "application/json", "content-length": String(text.length) };
  return new Response(text, { headers });
}
