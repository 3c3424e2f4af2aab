/** The Durable Object around `outbox.ts`: loads, applies, stores, sets the one alarm, and sends one request at a time. */
import { DurableObject } from "cloudflare:workers";
import { isEngageLabError } from "../src/index.ts";
import { breaker } from "./breaker.ts";
import { type Config, describeFault, type Env, readConfig } from "./config.ts";
import { decide, postpone, retry } from "./decide.ts";
import { log, logAttempt } from "./log.ts";
import type { Attempt, Box, Decision, Update, Verdict } from "./outbox.ts";
import * as outbox from "./outbox.ts";
import { askRegistry, type Registry } from "./registry.ts";
import type { Submission } from "./view.ts";

const KEY = "box";
/** Time slice of one run. The alarm continues after it. */
const RUN_MS = 5_000;
/** How long a caller waits for the first attempt. */
const PATIENCE_MS = 5_000;

export class Outbox extends DurableObject<Env> {
  /** The current run. Events that arrive during it join it. */
  #run: Promise<void> | undefined;
  /** Waiting callers by update number, each with EngageLab's messages by code. Messages are not stored. */
  readonly #waiters = new Map<number, { readonly messages: Map<number, string>; readonly tell: () => void }>();
  /** Avoids a write if the alarm would not change. */
  #alarmAt: number | undefined;
  /** Whether the registry counts this outbox as pending. Unknown until the first load. */
  #isCounted: boolean | undefined;

  /**
   * Stores an update and sends it, if nothing older is pending for its names.
   *
   * @param wait whether to wait for the first attempt
   * @returns `undefined` if the outbox would become too large
   */
  async submit(euid: string, update: Update, wait: boolean): Promise<Submission | undefined> {
    const { outboundRate } = readConfig(this.env);
    const old = this.#load() ?? outbox.createBox(euid);
    const isQueued = update.contacts.some(([name]) => old.deliveries.get(name)?.state === "pending");
    const box = outbox.accept(old, update, Date.now());
    if (!outbox.fits(box)) return undefined;
    // One write for both the update and the lease of its first attempt.
    const begun = this.#run || outboundRate !== undefined ? undefined : outbox.begin(box, Date.now());
    this.#save(begun?.box ?? box);
    const messages = new Map<number, string>();
    const firstAttempt = wait && !isQueued ? this.#wait(box.seq, messages) : undefined;
    this.#start(begun?.attempt);
    await firstAttempt;
    return { box: this.#load() ?? box, seq: box.seq, messages };
  }

  /** Does not create an outbox. Sets the alarm again if the platform has lost it. */
  async read(): Promise<Box | undefined> {
    const box = this.#load();
    if (box && (await this.ctx.storage.getAlarm()) === null) {
      this.#alarmAt = undefined;
      this.#arm(box);
    }
    return box;
  }

  /** Whether this outbox must stay on the list. */
  holdsParked(): boolean {
    return this.#run !== undefined || outbox.hasParked(this.#load()); // a run lists the outbox before parking
  }

  /** Deletes everything. A running request can't be cancelled: its lease stays until it ends, then the storage is erased. */
  async forget(): Promise<void> {
    const box = this.#load();
    if (box === undefined) return;
    this.#save({ ...box, deliveries: new Map() });
    if (this.#run === undefined) await this.#start();
  }

  /** @returns whether anything was parked */
  retry(): boolean {
    const box = this.#load();
    if (box === undefined || !outbox.hasParked(box)) return false;
    this.#save(outbox.retryParked(box, Date.now()));
    this.#start();
    return true;
  }

  override async alarm(): Promise<void> {
    this.#alarmAt = undefined;
    await this.#start();
  }

  #load(): Box | undefined {
    const { kv } = this.ctx.storage;
    const box = kv.get<Box>(KEY);
    if (this.#isCounted !== undefined) return box;
    const resumed = box && outbox.resume(box, Date.now());
    if (resumed !== box) kv.put(KEY, resumed);
    this.#isCounted = outbox.hasPending(resumed);
    return resumed;
  }

  #save(box: Box): void {
    this.ctx.storage.kv.put(KEY, box);
    this.#arm(box);
    const now = Date.now();
    for (const [seq, { tell }] of this.#waiters) if (!outbox.hasDue(box, seq, now)) tell();
  }

  /** Resolves when the first attempt at an update has ended, or after `PATIENCE_MS`. */
  async #wait(seq: number, messages: Map<number, string>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, PATIENCE_MS);
    this.#waiters.set(seq, { messages, tell: resolve });
    await promise;
    clearTimeout(timer);
    this.#waiters.delete(seq);
  }

  /** The one place that sets the alarm. */
  #arm(box: Box): void {
    const at = Math.ceil(Math.max(outbox.nextDue(box, readConfig(this.env).keepMs), Date.now()));
    if (at === this.#alarmAt) return;
    this.#alarmAt = at;
    this.ctx.waitUntil(this.ctx.storage.setAlarm(at).catch((error) => this.#postpone(error)));
  }

  /** Sets an alarm after a failure, with jitter, because the cause may affect all outboxes. */
  async #postpone(error: unknown): Promise<void> {
    log({ euid: this.ctx.id.name, outcome: "postponed", error: describeFault(error) });
    this.#alarmAt = undefined;
    await this.ctx.storage.setAlarm(Date.now() + outbox.LEASE_MS * (1 + 9 * Math.random()));
  }

  #start(attempt?: Attempt): Promise<void> {
    this.#run ??= this.#deliver(attempt).finally(() => {
      this.#run = undefined;
      for (const { tell } of this.#waiters.values()) tell();
    });
    this.ctx.waitUntil(this.#run);
    return this.#run;
  }

  /** Never throws, because the platform drops an alarm after six failures. Sets an alarm if work remains. */
  async #deliver(begun: Attempt | undefined): Promise<void> {
    const end = Date.now() + RUN_MS;
    try {
      const config = readConfig(this.env);
      let attempt = begun ?? (await this.#next(config));
      while (attempt !== undefined) {
        await this.#send(attempt, config);
        attempt = Date.now() < end ? await this.#next(config) : undefined;
      }
      await this.#finish(config);
    } catch (error) {
      await this.#postpone(error);
    }
  }

  async #next({ outboundRate }: Config): Promise<Attempt | undefined> {
    const box = this.#load();
    if (box === undefined || outbox.begin(box, Date.now()) === undefined) return undefined;
    if (outboundRate !== undefined && !(await this.#hasSlot(box, outboundRate))) return undefined;
    const current = this.#load(); // an update may have arrived during the call to the registry
    const begun = current && outbox.begin(current, Date.now());
    if (begun) this.#save(begun.box);
    return begun?.attempt;
  }

  async #hasSlot({ slotAt }: Box, ratePerSecond: number): Promise<boolean> {
    if (Date.now() - slotAt <= outbox.SLOT_MS) return true;
    const { wait, isReserved } = await askRegistry(this.env, (registry) => registry.slot(ratePerSecond));
    if (wait <= 0) return true;
    const box = this.#load();
    if (box) this.#save(outbox.delay(box, Date.now() + wait, isReserved));
    return false;
  }

  async #send(attempt: Attempt, { engagelab }: Config): Promise<void> {
    if (!breaker.allows(Date.now())) return this.#settle(attempt, postpone(attempt, Math.random()));
    const { euid } = attempt;
    const contacts = Object.fromEntries(Array.from(attempt.deliveries, ([name, { value }]) => [name, value]));
    const error: unknown = await engagelab.setContact({ euid, contacts }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const waiter = this.#waiters.get(attempt.seq);
    let decision = decide(error, attempt, waiter !== undefined, Date.now(), Math.random());
    const { verdict } = decision;
    this.#learn(verdict);
    if (verdict.kind === "parked") {
      // Parked values are always listed. If that fails, the value stays pending.
      const listing = askRegistry(this.env, (registry) => registry.list(euid));
      await listing.catch(() => {
        decision = { ...decision, verdict: retry(attempt, error, verdict.inDoubt, Math.random()) };
      });
    }
    if (isEngageLabError(error, "api")) waiter?.messages.set(error.code, error.message);
    this.#settle(attempt, decision);
    const isAnswered = waiter !== undefined && (verdict.kind === "delivered" || verdict.kind === "refused");
    if (!isAnswered) logAttempt(attempt, decision, error); // otherwise the line of the caller's request has it
  }

  #settle(attempt: Attempt, decision: Decision): void {
    const box = this.#load();
    if (box) this.#save(outbox.settle(box, attempt, decision, Date.now()));
  }

  /** Opens or closes the breaker. An attempt without an answer does neither. */
  #learn(verdict: Verdict): void {
    if (verdict.kind === "credentials") {
      breaker.open(Date.now());
      this.#tell((registry) => registry.setCredentialsRefused(true));
    } else if (verdict.kind !== "retry" && !(verdict.kind === "parked" && verdict.reason === "expired")) {
      if (breaker.close()) this.#tell((registry) => registry.setCredentialsRefused(false));
    }
  }

  /** Best effort: doesn't wait for the registry, and ignores failures. */
  #tell(message: (registry: DurableObjectStub<Registry>) => Promise<void>): void {
    this.ctx.waitUntil(askRegistry(this.env, message).catch(() => {}));
  }

  /** Prunes, erases or sets the alarm, and reports to the registry whether an attempt is pending. */
  async #finish({ keepMs }: Config): Promise<void> {
    const box = this.#load();
    if (box === undefined) return;
    const now = Date.now();
    const kept = outbox.prune(box, keepMs, now);
    for (const [name, delivery] of box.deliveries) {
      if (outbox.isParked(delivery) && !kept.deliveries.has(name)) log({ euid: box.euid, outcome: "removed", name });
    }
    const isPending = outbox.hasPending(kept);
    if (isPending || this.#isCounted) this.#tell((registry) => registry.setPending(box.euid, isPending));
    this.#isCounted = isPending;
    if (kept.deliveries.size === 0 && kept.holdUntil <= now) {
      this.#alarmAt = undefined;
      await this.ctx.storage.deleteAll();
    } else if (kept !== box) this.#save(kept);
    else this.#arm(kept);
  }
}
