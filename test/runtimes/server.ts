/** The emulator over HTTP, for pages of any origin too; under /control/ the suite queues faults and reads what arrived. */
import { Hono } from "hono";
import { cors } from "hono/cors";
import { createEmulator } from "../../src/emulator.ts";
import { checked } from "../support/contract-check.ts";
import { type LoopbackServer, serve } from "../support/serve.ts";

export async function startEmulator(): Promise<LoopbackServer> {
  const emulator = checked(createEmulator({ unique: ["email"], partialSuccess: false }));
  const app = new Hono()
    .use(cors({ origin: "*", exposeHeaders: ["retry-after"], maxAge: 600 }))
    .post("/control/reset", (c) => {
      emulator.reset();
      return c.json({});
    })
    .post("/control/fail", async (c) => {
      const { fault, times } = await c.req.json();
      emulator.fail(fault, times);
      return c.json({});
    })
    .post("/control/requests", (c) => c.json(emulator.requests))
    .post("/control/contacts", (c) =>
      c.json(Object.fromEntries([...emulator.contacts].map(([euid, names]) => [euid, Object.fromEntries(names)]))),
    )
    .all("*", (c) => emulator.fetch(c.req.raw))
    .onError((error) => {
      throw error; // `serve` breaks the connection
    });
  return serve(async (request) => app.fetch(request));
}
