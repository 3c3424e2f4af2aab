/** The emulator over HTTP, with a door for the suite to queue faults and to look at what came. */
import { createEmulator } from "../../src/emulator.ts";
import { checked } from "../support/contract-check.ts";
import { type LoopbackServer, serve } from "../support/serve.ts";

export async function startEmulator(): Promise<LoopbackServer> {
  const emulator = checked(createEmulator({ unique: ["email"], partialSuccess: false }));

  async function control(name: string, request: Request): Promise<Response> {
    switch (name) {
      case "reset":
        emulator.reset();
        return Response.json({});
      case "fail": {
        const { fault, times } = await request.json();
        emulator.fail(fault, times);
        return Response.json({});
      }
      case "requests":
        return Response.json(emulator.requests);
      case "contacts":
        return Response.json(
          Object.fromEntries([...emulator.contacts].map(([euid, names]) => [euid, Object.fromEntries(names)])),
        );
      default:
        return new Response(null, { status: 404 });
    }
  }

  return serve((request) => {
    const [, name] = /^\/control\/(\w+)$/.exec(new URL(request.url).pathname) ?? [];
    return name === undefined ? emulator.fetch(request) : control(name, request);
  });
}
