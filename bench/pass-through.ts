/** The minimal Worker in front of EngageLab: it adds the credentials and nothing else. */
import { AUTHORIZATION } from "./stub.ts";

export default {
  fetch(request: Request, env: { UPSTREAM: string }): Promise<Response> {
    const { pathname } = new URL(request.url);
    const headers = { authorization: AUTHORIZATION, "content-type": "application/json" };
    return fetch(env.UPSTREAM + pathname, { method: request.method, headers, body: request.body });
  },
};
