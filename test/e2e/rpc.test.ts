/** An error of the client on the other side of Workers RPC. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { root } from "../support/node.ts";
import { compatibility_date, startWorker } from "../support/wrangler.ts";

test("isEngageLabError holds for an error that came through Workers RPC", async () => {
  const folder = await mkdtemp(join(tmpdir(), "engagelab-ma-rpc-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const config = join(folder, "wrangler.json");
  const name = "rpc";
  const main = join(root, "test/worker/rpc-worker.ts");
  const services = [{ binding: "CONTACTS", service: name, entrypoint: "Contacts" }];
  await writeFile(config, JSON.stringify({ name, main, compatibility_date, services }));
  const worker = await startWorker(config, "/");
  onTestFinished(() => worker.stop());
  expect(await (await fetch(worker.url)).json()).toEqual([
    { kind: "api", outcome: "refused", attempts: 1, isApi: true, isError: true },
    { kind: "validation", outcome: "not_sent", attempts: 0, isApi: false, isError: true },
  ]);
});
