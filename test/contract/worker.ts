/** For runtimes that answer requests: `?server=URL` runs the suite. */
import { run } from "./run.ts";

export default {
  async fetch(request: Request): Promise<Response> {
    const server = new URL(request.url).searchParams.get("server");
    return server === null ? new Response("ready") : Response.json(await run(server));
  },
};
