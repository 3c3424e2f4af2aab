/** The Durable Object around `outbox.ts`: loads, applies, stores, sets the one alarm, and sends one request at a time. */
import { DurableObject } from "cloudflare:workers";
import { isEngageLabError } from "../src/index.ts";
import { breaker } from "./breaker.ts";
import { type Config, describeFault, type Env, readConfig } from "./config.ts";
import { causeCode, log } from "./log.ts";
import {
  type Attempt,
  accept,
  type Box,
  begin,
  createBox,
  decide,
  delay,
  fits,
  isParked,
  isPending,
  LEASE_MS,
  nextDue,
  prune,
  retry,
  retryParked,
  SLOT_MS,
  settle,
  some,
  toFailure,
  type Update,
  type Verdict,
  waitForCredentials,
} from "./outbox.ts";
import { askRegistry, type Registry } from "./registry.ts";

const KEY = "box";
/** How long a caller waits for the first attempt. */
const PATIENCE_MS = 5_000;
/** How long one run goes on. The alarm continues after it. */
const RUN_MS = 5_000;

/** What became of an update so far. */
export interface Submission {
  readonly box: Box;
  readonly seq: number;
  /** EngageLab's messages by code. They are not stored. */
  readonly messages: ReadonlyMap<number, string>;
}

interface Waiter {
  readonly messages: Map<number, string>;
  readonly tell: () => void;
}

export class Outbox extends DurableObject<Env> {
  /** Other events arrive while a request runs; whoever finds a run joins it. */
  #run: Promise<void> | undefined;
  /** Callers that wait to be told, by the number of their update. */
  readonly #waiters = new Map<number, Waiter>();
  /** The outbox has been listed, but the value is not parked yet. */
  #isParking = false;
  /** Saves setting the alarm to what it is. */
  #alarmAt: number | undefined;

  /**
   * Stores an update and sends it, if nothing older is pending for its names.
   *
   * @param wait whether to wait for the first attempt
   * @returns nothing if the outbox would become too large
   */
  async submit(euid: string, update: Update, wait: boolean): Promise<Submission | undefined> {
    const config = readConfig(this.env);
    const old = this.#load() ?? createBox(euid);
    const isQueued = update.contacts.some(([name]) => old.deliveries.get(name)?.state === "pending");
    const box = accept(old, update, Date.now());
    if (!fits(box)) return undefined;
    const messages = new Map<number, string>();
    // One write for both: the update and the lease of its first attempt.
    const attempt = this.#run || config.outboundRate !== undefined ? undefined : this.#begin(box, old);
    if (attempt === undefined) this.#save(box);
    const told = wait && !isQueued ? this.#wait(box.seq, messages) : undefined;
    this.#start(attempt, some(old, isPending));
    await told;
    return { box: this.#load() ?? box, seq: box.seq, messages };
  }

  /** Creates nothing. Sets the alarm again if the platform has lost it. */
  async read(): Promise<Box | undefined> {
    const box = this.#load();
    if (box && (await this.ctx.storage.getAlarm()) === null) {
      this.#alarmAt = undefined;
      this.#arm(box);
    }
    return box;
  }

  /** Whether a reader must leave this outbox on the list. */
  holdsParked(): boolean {
    const box = this.#load();
    return this.#isParking || (box !== undefined && some(box, isParked));
  }

  /** Deletes everything. A running request can't be cancelled: its lease stays until it ends, then the storage is erased. */
  async forget(): Promise<void> {
    const box = this.#load();
    if (box === undefined) return;
    this.#save({ ...box, deliveries: new Map() });
    if (this.#run === undefined) await this.#start(undefined, some(box, isPending));
  }

  /** @returns whether anything was parked */
  retry(): boolean {
    const box = this.#load();
    if (box === undefined || !some(box, isParked)) return false;
    this.#save(retryParked(box, Date.now()));
    return true;
  }

  override async alarm(): Promise<void> {
    this.#alarmAt = undefined;
    await this.#start();
  }

  #load(): Box | undefined {
    return this.ctx.storage.kv.get<Box>(KEY);
  }

  #save(box: Box): void {
    this.ctx.storage.kv.put(KEY, box);
    this.#arm(box);
    const now = Date.now();
    for (const [seq, { tell }] of this.#waiters) {
      const isOpen = some(box, (delivery) => delivery.seq === seq && isPending(delivery) && delivery.due <= now);
      if (!isOpen) tell();
    }
  }

  /** The one place that sets the alarm. */
  #arm(box: Box): void {
    const at = Math.ceil(Math.max(nextDue(box, readConfig(this.env).keepMs), Date.now()));
    if (at === this.#alarmAt) return;
    this.#alarmAt = at;
    this.ctx.waitUntil(this.ctx.storage.setAlarm(at));
  }

  #wait(seq: number, messages: Map<number, string>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const tell = (): void => {
      clearTimeout(timer);
      this.#waiters.delete(seq);
      resolve();
    };
    const timer = setTimeout(tell, PATIENCE_MS);
    this.#waiters.set(seq, { messages, tell });
    return promise;
  }

  /** @param wasPending whether anything was pending before what starts it, if not now */
  #start(attempt?: Attempt, wasPending?: boolean): Promise<void> {
    this.#run ??= this.#deliver(attempt, wasPending).finally(() => {
      this.#run = undefined;
      for (const { tell } of this.#waiters.values()) tell();
    });
    this.ctx.waitUntil(this.#run);
    return this.#run;
  }

  /** Never fails, and leaves an alarm if something is left to do: the platform gives up after six failures. */
  async #deliver(begun: Attempt | undefined, wasPending: boolean | undefined): Promise<void> {
    const end = Date.now() + RUN_MS;
    try {
      const config = readConfig(this.env);
      const wasWaiting = wasPending ?? this.#isWaiting();
      let attempt = begun ?? (await this.#next(config));
      while (attempt !== undefined) {
        await this.#send(attempt, config);
        attempt = Date.now() < end ? await this.#next(config) : undefined;
      }
      await this.#finish(config, wasWaiting);
    } catch (error) {
      log({ euid: this.ctx.id.name, outcome: "postponed", error: describeFault(error) });
      this.#alarmAt = undefined;
      await this.ctx.storage.setAlarm(Date.now() + LEASE_MS);
    }
  }

  #isWaiting(): boolean {
    const box = this.#load();
    return box !== undefined && some(box, isPending);
  }

  async #next({ outboundRate }: Config): Promise<Attempt | undefined> {
    const box = this.#load();
    if (box === undefined || begin(box, Date.now()) === undefined) return undefined;
    if (outboundRate !== undefined && !(await this.#hasSlot(box, outboundRate))) return undefined;
    const current = this.#load(); // an update may have arrived while the registry was asked
    return current && this.#begin(current, current);
  }

  async #hasSlot({ slotAt }: Box, ratePerSecond: number): Promise<boolean> {
    const late = Date.now() - slotAt;
    if (late >= 0 && late <= SLOT_MS) return true;
    const { wait, isReserved } = await askRegistry(this.env, (registry) => registry.slot(ratePerSecond));
    if (wait <= 0) return true;
    const box = this.#load();
    if (box) this.#save(delay(box, Date.now() + wait, isReserved));
    return false;
  }

  /** Begins the next attempt and stores its lease. While the breaker is open, what is due counts as refused, unsent. */
  #begin(box: Box, stored: Box): Attempt | undefined {
    const now = Date.now();
    let next = box;
    for (let begun = begin(next, now); begun !== undefined; begun = begin(next, now)) {
      const { attempt } = begun;
      if (breaker.allows(now)) {
        this.#save(begun.box);
        return attempt;
      }
      next = settle(begun.box, attempt, waitForCredentials(attempt, Math.random()), undefined, now);
    }
    if (next !== stored) this.#save(next);
    return undefined;
  }

  async #send(attempt: Attempt, { engagelab }: Config): Promise<void> {
    const euid = this.#load()?.euid ?? "";
    const contacts = Object.fromEntries(Array.from(attempt.deliveries, ([name, { value }]) => [name, value]));
    const error: unknown = await engagelab.setContact({ euid, contacts }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const waiter = this.#waiters.get(attempt.seq);
    const decided = decide(error, attempt, waiter !== undefined, Math.random());
    this.#learn(decided);
    const verdict = decided.kind === "parked" ? await this.#list(euid, attempt, decided, error) : decided;
    if (isEngageLabError(error, "api")) waiter?.messages.set(error.code, error.message);
    const box = this.#load();
    if (box) this.#save(settle(box, attempt, verdict, error, Date.now()));
    this.#isParking = false;
    this.#log(euid, attempt, verdict, error, waiter !== undefined);
  }

  /** Lists the outbox before something is parked. If that fails, the value stays pending. */
  async #list(euid: string, attempt: Attempt, verdict: Verdict & { kind: "parked" }, error: unknown): Promise<Verdict> {
    this.#isParking = true;
    try {
      await askRegistry(this.env, (registry) => registry.list(euid));
      return verdict;
    } catch {
      return retry(attempt, error, verdict.inDoubt, Math.random());
    }
  }

  /** What an attempt says about the credentials. One that brought no answer says nothing. */
  #learn(verdict: Verdict): void {
    if (verdict.kind === "credentials") {
      breaker.open(Date.now());
      this.#tell((registry) => registry.setCredentialsRefused(true));
    } else if (verdict.kind !== "retry" && !(verdict.kind === "parked" && verdict.reason === "expired")) {
      if (breaker.close()) this.#tell((registry) => registry.setCredentialsRefused(false));
    }
  }

  /** Nothing waits for the registry to hear this, or fails if it does not. */
  #tell(message: (registry: DurableObjectStub<Registry>) => Promise<void>): void {
    this.ctx.waitUntil(askRegistry(this.env, message).catch(() => {}));
  }

  #log(euid: string, attempt: Attempt, verdict: Verdict, error: unknown, isAwaited: boolean): void {
    if (isAwaited && (verdict.kind === "delivered" || verdict.kind === "refused")) return; // the caller's line says it
    const attempts = Math.max(...Array.from(attempt.deliveries.values(), (before) => before.attempts)) + 1;
    log({
      ...{ requestId: attempt.requestId, euid, outcome: verdict.kind, attempts },
      ...(error !== undefined && { ...toFailure(error), cause: causeCode(error) }),
      ...("reason" in verdict && { reason: verdict.reason }),
      ...("wait" in verdict && { nextAttempt: new Date(Date.now() + verdict.wait).toISOString() }),
    });
  }

  /** Prunes, erases or sets the alarm, and tells the registry whether an attempt is still to come. */
  async #finish({ keepMs }: Config, wasWaiting: boolean): Promise<void> {
    const box = this.#load();
    if (box === undefined) return;
    const now = Date.now();
    const kept = prune(box, keepMs, now);
    for (const [name, delivery] of box.deliveries) {
      if (isParked(delivery) && !kept.deliveries.has(name)) log({ euid: box.euid, outcome: "removed", name });
    }
    const isWaiting = some(kept, isPending);
    if (isWaiting || wasWaiting) this.#tell((registry) => registry.setPending(box.euid, isWaiting));
    if (kept.deliveries.size === 0 && kept.holdUntil <= now) {
      this.#alarmAt = undefined;
      await this.ctx.storage.deleteAll();
    } else if (kept !== box) this.#save(kept);
    else this.#arm(kept);
  }
}
