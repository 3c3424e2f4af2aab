/** The files of a folder as a website on loopback. From other origins Chromium lets no page reach loopback servers. */
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import { type LoopbackServer, serve } from "./serve.ts";

/** @param routes come before the files */
export function serveSite(folder: string, routes: Hono = new Hono()): Promise<LoopbackServer> {
  const site = new Hono().route("/", routes).use(serveStatic({ root: folder }));
  return serve(async (request) => site.fetch(request));
}
