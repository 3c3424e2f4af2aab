/** The emulator over HTTP, for pages of any origin too; under /control/ the suite queues faults and reads what arrived. */
import { Hono } from "hono";
import { cors } from "hono/cors";
import { createEmulator } from "../../src/emulator.ts";
import type { OddAnswer } from "../contract/odd-answers.ts";
import { checked } from "../support/contract-check.ts";
import { ODD_ANSWERS } from "../support/odd-answers.ts";
import { type LoopbackServer, serve } from "../support/serve.ts";

export async function startEmulator(): Promise<LoopbackServer> {
  const emulator = checked(createEmulator({ unique: ["email"], partialSuccess: false }));
  const odd: OddAnswer[] = [];
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
    .post("/control/odd", async (c) => {
      const { name }: { name: OddAnswer } = await c.req.json();
      odd.push(name);
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
  return serve(
    async (request) => app.fetch(request),
    ({ method, url = "" }) => {
      const name = method === "POST" && !url.startsWith("/control/") ? odd.shift() : undefined;
      return name && ODD_ANSWERS[name]();
    },
  );
}
