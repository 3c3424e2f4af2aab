/** The gateway in workerd with its real bindings, and an emulator of EngageLab. */
import { env, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, vi } from "vitest";
import { createEmulator, type Emulator, VENDOR_CREDENTIALS } from "../../src/emulator.ts";
import { breaker } from "../../worker/breaker.ts";
import type { Env } from "../../worker/config.ts";
import type { components } from "../../worker/generated/gateway.ts";
import app, { type Outbox, type Registry } from "../../worker/index.ts";

export const TOKEN = "token-of-the-crm";
export const OPERATOR = "token-of-the-operator";

/** From vitest.config.ts and wrangler.toml. */
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

/** How far the clock of the test and of the objects is ahead, in ms. The platform's alarms don't follow it: use `ring`. */
let ahead = 0;

/** Lets time pass, in ms. */
export function pass(ms: number): void {
  ahead += ms;
}

const made: string[] = [];

/** A new user, forgotten after the test: otherwise its outbox would retry during the next one. */
export function newEuid(): string {
  euids++;
  made.push(String(euids));
  return String(euids);
}

beforeEach(() => {
  emulator.reset();
  // Outboxes run in the same isolate as the tests.
  globalThis.fetch = emulator.fetch;
  lines.length = 0;
  ahead = 0;
  breaker.close();
  vi.spyOn(Date, "now").mockImplementation(() => platformNow() + ahead);
  vi.spyOn(console, "log").mockImplementation((line: string) => {
    expectNoSecret(line);
    lines.push(JSON.parse(line));
  });
});

afterEach(async () => {
  globalThis.fetch = emulator.fetch;
  await Promise.all(made.splice(0).map(forget));
  globalThis.fetch = platformFetch;
  vi.restoreAllMocks();
});

function expectNoSecret(text: string): void {
  for (const secret of SECRETS) expect(text).not.toContain(secret);
}

export interface Asked extends RequestInit {
  /** Changes to the environment; `undefined` removes a variable. */
  env?: { [Name in keyof Env]?: Env[Name] | undefined };
  token?: string;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly envelope: { code: number; message: string; data?: unknown };
}

/** In every test, no answer and no log line contains a secret. */
export async function ask(path: string, { env = {}, token = TOKEN, ...init }: Asked = {}): Promise<Answered> {
  const headers = new Headers(init.headers);
  if (!headers.has("authorization")) headers.set("authorization", `Bearer ${token}`);
  const request = new Request(`https://gateway.example${path}`, { ...init, headers });
  // Unset variables are absent, as in production, although Env declares them.
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

type State = components["schemas"]["ContactState"];

export async function states(euid: string): Promise<Record<string, State>> {
  const { envelope } = await ask(`/v1/user/contact/${euid}`);
  return (envelope.data as { contacts: Record<string, State> }).contacts;
}

export function outbox(euid: string): DurableObjectStub<Outbox> {
  return env.OUTBOX.getByName(euid);
}

/** Reads or changes the storage of an outbox. */
export function withStorage<T>(euid: string, use: (storage: DurableObjectStorage) => T | Promise<T>): Promise<T> {
  return runInDurableObject(outbox(euid), (_outbox, { storage }) => use(storage));
}

/** The contents of an outbox's storage. */
export function stored(euid: string): Promise<[key: string, value: unknown][]> {
  return withStorage(euid, ({ kv }) => [...kv.list()]);
}

/** When the alarm of an outbox will ring, in ms from now. */
export function alarmIn(euid: string): Promise<number | undefined> {
  return withStorage(euid, async (storage) => {
    const at = await storage.getAlarm();
    return at === null ? undefined : at - Date.now();
  });
}

/** Moves the clock to the alarm of an outbox, and lets it ring. */
export async function ring(euid: string): Promise<void> {
  pass(Math.max(0, (await alarmIn(euid)) ?? 0));
  expect(await runDurableObjectAlarm(outbox(euid))).toBe(true);
}

export const registry = (): DurableObjectStub<Registry> => env.REGISTRY.getByName("registry");

/** Replaces a method of the registry once. */
export async function failRegistry(
  method: "list" | "slot" | "health",
  answer = (): never | Promise<never> => {
    throw new Error("overloaded");
  },
): Promise<void> {
  await runInDurableObject(registry(), (object: Registry) => {
    vi.spyOn(Object.getPrototypeOf(object), method).mockImplementationOnce(answer);
  });
}

/** EngageLab's answer to a value that another user has. */
export const CONFLICT = { status: 400, body: '{"code":55014,"message":"Contact exists"}' };

/** @returns a user whose email `a@b.c` failed once, so that it waits for the alarm */
export async function failOnce(): Promise<string> {
  const euid = newEuid();
  emulator.fail(FAILED);
  await set(euid, { email: "a@b.c" });
  return euid;
}

/** Waits until nothing is thrown. The limit is long, for a busy machine. */
export const eventually = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, 60_000);

/** Parks an email of a user. */
export async function park(euid: string, email = "a@b.c"): Promise<void> {
  emulator.fail(CONFLICT);
  await set(euid, { email }, LATER);
  await eventually(async () => expect(await parked()).toContain(euid));
}

/** Waits until the email of a user is parked. */
export const isParked = (euid: string, reason: string): Promise<void> =>
  eventually(async () => expect(await states(euid)).toMatchObject({ email: { state: "parked", reason } }));

/** As an operator does. */
export function forget(euid: string): Promise<Answered> {
  return ask(`/v1/user/contact/${euid}`, { method: "DELETE", token: OPERATOR });
}

/** The EUIDs on the first page of the list. */
export async function parked(): Promise<string[]> {
  const { envelope } = await ask("/parked", { token: OPERATOR });
  return (envelope.data as { euids: string[] }).euids;
}

/** Waits until EngageLab has these contacts of a user, and the gateway knows. */
export async function delivered(euid: string, contacts: Record<string, string>): Promise<void> {
  await eventually(async () => {
    expect(Object.fromEntries(emulator.contacts.get(euid) ?? [])).toEqual(contacts);
    expect(Object.values(await states(euid)).every(({ state }) => state === "delivered")).toBe(true);
  });
}

/** The contacts of each request that EngageLab received. */
export const sent = (): unknown[] => emulator.requests.map(({ body }) => JSON.parse(body).contacts);

export const retry = (euid: string): Promise<Answered> =>
  ask(`/parked/${euid}/retry`, { method: "POST", token: OPERATOR });

/** An answer of EngageLab that rules out a request still in progress. */
export const FAILED = { status: 500 } as const;
export const DEAD = { broken: "connection" } as const;
export const DAY_MS = 86_400_000;

/** Holds every request to EngageLab until `release`. Polls, since one object can't resolve another's promise. */
export function holdRequests(): { readonly count: () => number; readonly release: () => void } {
  let count = 0;
  let isHeld = true;
  globalThis.fetch = async (...args: unknown[]) => {
    count++;
    while (isHeld) await scheduler.wait(2);
    return emulator.fetch(...(args as Parameters<typeof emulator.fetch>));
  };
  return {
    count: () => count,
    release: () => {
      isHeld = false;
    },
  };
}

/** Makes the gateway's timers 50 times faster. */
export function hurryTimers(): void {
  const { setTimeout: platformTimeout } = globalThis;
  const platformWait = scheduler.wait.bind(scheduler);
  vi.spyOn(globalThis, "setTimeout").mockImplementation(((run: () => void, ms = 0) =>
    platformTimeout(run, ms / 50)) as typeof setTimeout);
  vi.spyOn(scheduler, "wait").mockImplementation((ms, options) => platformWait(ms / 50, options));
}
