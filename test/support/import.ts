/** `engagelab-ma import`, from the tarball, against an emulator over HTTP. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, beforeEach, inject } from "vitest";
import { createEmulator, VENDOR_CREDENTIALS } from "../../src/emulator.ts";
import { type CliOptions, NODE, runCli } from "./cli.ts";
import { checked } from "./contract-check.ts";
import { type LoopbackServer, serve } from "./serve.ts";

const { project } = inject("packed");
export const CLI = join(project, "node_modules/engagelab-ma/dist/cli.js");
const SECRETS = {
  ENGAGELAB_API_KEY: VENDOR_CREDENTIALS.apiKey,
  ENGAGELAB_API_SECRET: VENDOR_CREDENTIALS.apiSecret,
};
export const emulator = checked(createEmulator({ unique: ["email"], partialSuccess: false }));
let server: LoopbackServer;
export let folder: string;

/** Starts the emulator for the tests of a file. Each test gets an empty folder. */
export function useImport(): void {
  beforeAll(async () => {
    server = await serve(emulator.fetch);
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    emulator.reset();
    folder = await mkdtemp(join(project, "import-"));
    return () => rm(folder, { recursive: true, force: true });
  });
}

export const write = (content: string | Uint8Array, name = "u.csv") => writeFile(join(folder, name), content);
export const read = (name: string) => readFile(join(folder, name), "utf8");
export const BY_EUID = ["u.csv", "--euid-column", "id"];

export function run(args: readonly string[] = BY_EUID, options: Partial<CliOptions> = {}) {
  const env = { ...SECRETS, ENGAGELAB_BASE_URL: server.url, ...options.env };
  return runCli(CLI, ["import", ...args], { cwd: folder, runtime: NODE, ...options, env });
}

export const contacts = () =>
  Object.fromEntries([...emulator.contacts].map(([euid, names]) => [euid, Object.fromEntries(names)]));
export const sent = () => emulator.requests.map(({ body }) => body);

export async function failures(name = "u.csv.failures.csv"): Promise<Record<string, string>[]> {
  return parse(await read(name), { bom: true, columns: true, delimiter: [",", ";", "\t"] });
}

export const utf16 = (text: string, mark = true) => Buffer.from((mark ? "\ufeff" : "") + text, "utf16le");
