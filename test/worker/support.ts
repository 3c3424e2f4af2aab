/** The gateway in workerd with its real bindings, before an emulator. */
import { env, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, vi } from "vitest";
import { createEmulator, type Emulator, VENDOR_CREDENTIALS } from "../../src/emulator.ts";
import type { Env } from "../../worker/config.ts";
import app, { type Mailbox } from "../../worker/index.ts";

export const TOKEN = "token-of-the-crm";
export const OPERATOR = "token-of-the-operator";

/** What vitest.config.ts and wrangler.toml give. */
export const ENV: Env = env;

const SECRETS = [
  ...[TOKEN, "token-of-the-app", "next-token", OPERATOR, "the-key-that-signs-tokens-for-pages"],
  ...[...Object.values(VENDOR_CREDENTIALS), "N2Q0MzFlNDJkZmE2YTZkNjkzYWMyZDA0OjVlOTg3YWM2ZDJlMDRkOTVhOWQ4ZjBkMQ=="],
];

export const emulator: Emulator = createEmulator({ unique: ["email"], partialSuccess: false });

/** The lines of the log, parsed. */
export const lines: { [field: string]: unknown; outcome: string }[] = [];

const platformFetch = globalThis.fetch;
const platformNow = Date.now;
let euids = 10n ** 12n;

/** How far the clock of the test and of the objects is ahead, in ms. The platform's alarms don't know: `ring` them. */
let ahead = 0;

/** Lets time pass, in ms. */
export function pass(ms: number): void {
  ahead += ms;
}

/** What `newEuid` has returned. */
export const made: string[] = [];

/** A user of whom nothing is held yet. */
export function newEuid(): string {
  euids++;
  made.push(String(euids));
  return String(euids);
}

beforeEach(() => {
  emulator.reset();
  // Mailboxes run in the same isolate as the tests.
  globalThis.fetch = emulator.fetch;
  lines.length = 0;
  ahead = 0;
  vi.spyOn(Date, "now").mockImplementation(() => platformNow() + ahead);
  vi.spyOn(console, "log").mockImplementation((line: string) => {
    expectNoSecret(line);
    lines.push(JSON.parse(line));
  });
});

afterEach(() => {
  globalThis.fetch = platformFetch;
  vi.restoreAllMocks();
});

function expectNoSecret(text: string): void {
  for (const secret of SECRETS) expect(text).not.toContain(secret);
}

export interface Asked extends RequestInit {
  /** Changes to the environment; `undefined` takes a variable away. */
  env?: { [Name in keyof Env]?: Env[Name] | undefined };
  token?: string;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly envelope: { code: number; message: string; data?: unknown };
}

/** No answer and no line of the log repeats a secret, whatever the test is about. */
export async function ask(path: string, { env = {}, token = TOKEN, ...init }: Asked = {}): Promise<Answered> {
  const headers = new Headers(init.headers);
  if (!headers.has("authorization")) headers.set("authorization", `Bearer ${token}`);
  const request = new Request(`https://gateway.example${path}`, { ...init, headers });
  // What is absent in production is absent here, which the type of Env can't say.
  const changed = Object.fromEntries(Object.entries({ ...ENV, ...env }).filter(([, value]) => value !== undefined));
  const response = await app.fetch(request, changed as unknown as Env);
  const text = await response.text();
  expectNoSecret(text + JSON.stringify([...response.headers]));
  return { status: response.status, headers: response.headers, envelope: JSON.parse(text) };
}

/** Sets contacts through the gateway. */
export function set(euid: string, contacts: Record<string, string>, asked: Asked = {}): Promise<Answered> {
  const headers = { "content-type": "application/json", ...(asked.headers as Record<string, string>) };
  return ask("/v1/user/contact", { method: "POST", ...asked, headers, body: JSON.stringify({ euid, contacts }) });
}

export const LATER = { headers: { prefer: "respond-async" } };

export interface State {
  readonly state: "pending" | "delivered" | "parked";
  readonly reason?: string;
  readonly attempts: number;
  readonly since: string;
}

export async function states(euid: string): Promise<Record<string, State>> {
  const { envelope } = await ask(`/v1/user/contact/${euid}`);
  return (envelope.data as { contacts: Record<string, State> }).contacts;
}

function mailbox(euid: string): DurableObjectStub<Mailbox> {
  return env.MAILBOX.getByName(euid);
}

/** What lies in the storage of a mailbox. */
export function stored(euid: string): Promise<[key: string, value: unknown][]> {
  return runInDurableObject(mailbox(euid), (_mailbox, { storage }) => [...storage.kv.list()]);
}

/** When the alarm of a mailbox will ring, in ms from now. */
export function alarmIn(euid: string): Promise<number | undefined> {
  return runInDurableObject(mailbox(euid), async (_mailbox, { storage }) => {
    const at = await storage.getAlarm();
    return at === null ? undefined : at - Date.now();
  });
}

/** Lets the time come at which the alarm of a mailbox rings. */
export async function ring(euid: string): Promise<void> {
  pass(Math.max(0, (await alarmIn(euid)) ?? 0));
  expect(await runDurableObjectAlarm(mailbox(euid))).toBe(true);
}

/** Lets the office do what its alarm is for. */
export function ringOffice(): Promise<boolean> {
  return runDurableObjectAlarm(env.OFFICE.getByName("office"));
}

/** What EngageLab answers to a value that another user has. */
export const CONFLICT = { status: 400, body: '{"code":55014,"message":"Contact exists"}' };

/** Has an email of a user parked. */
export async function park(euid: string, email = "a@b.c"): Promise<void> {
  emulator.fail(CONFLICT);
  await set(euid, { email }, LATER);
  await vi.waitFor(async () => expect(await parked()).toContain(euid));
}

/** As an operator does; else what is left of a test would be tried again during the next one. */
export function forget(euid: string): Promise<Answered> {
  return ask(`/v1/user/contact/${euid}`, { method: "DELETE", token: OPERATOR });
}

/** The EUIDs on the first page of the list. */
export async function parked(): Promise<string[]> {
  const { envelope } = await ask("/parked", { token: OPERATOR });
  return (envelope.data as { euids: string[] }).euids;
}
