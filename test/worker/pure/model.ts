/**
 * A reference model of the gateway's promises. It drives the transitions of one outbox with random events, crashes between any
 * two steps included, and throws if a promise is broken.
 */
import type * as decisions from "../../../worker/decide.ts";
import type * as outbox from "../../../worker/outbox.ts";
import type { Attempt, Box, Delivery } from "../../../worker/outbox.ts";
import { createRandomness, type Randomness } from "../../support/randomness.ts";
import { FAULTS, type Fault, toError } from "./faults.ts";

export type Transitions = typeof outbox & typeof decisions;

const NAMES = ["email", "mobile_phone", "whatsapp_phone"];
const VALUES = ["1", "2", "3"];
const KEEP_MS = 86_400_000;
/** Upstream finishes a request within the timeout of an attempt, even if its object has crashed. */
const MAX_REQUEST_MS = 5_000;

interface Running {
  readonly attempt: Attempt;
  readonly endsAt: number;
  /** Whether its object has crashed meanwhile. */
  isAbandoned: boolean;
}

/** The newest accepted value of a name. */
interface Accepted {
  readonly seq: number;
  readonly value: string;
  /** The first of the updates in a row that brought this very value. */
  readonly firstSeq: number;
  /** Whether an attempt without an answer may have set this value. */
  mayBeSet: boolean;
}

function check(holds: boolean, promise: string): void {
  if (!holds) throw new Error(promise);
}

class Model {
  now = 1_000_000;
  box: Box;
  readonly #accepted = new Map<string, Accepted>();
  /** By name, the numbers of the updates that upstream applied, in its order. */
  readonly #applied = new Map<string, number[]>();
  #running: Running[] = [];
  /** The updates whose callers wait. */
  readonly #waiting = new Set<number>();
  /** Listed in the registry. */
  #isListed = false;
  readonly #randomness: Randomness;
  readonly #t: Transitions;

  constructor(randomness: Randomness, transitions: Transitions) {
    this.#randomness = randomness;
    this.#t = transitions;
    this.box = transitions.createBox("1");
  }

  #random(): number {
    return this.#randomness.below(1_000) / 1_000;
  }

  accept(): void {
    const names = NAMES.filter(() => this.#randomness.chance(0.5));
    const contacts = names.map((name) => [name, this.#randomness.pick(VALUES)] as const);
    const isQueued = names.some((name) => this.box.deliveries.get(name)?.state === "pending");
    this.box = this.#t.accept(this.box, { contacts, requestId: "r" }, this.now);
    const { seq } = this.box;
    for (const [name, value] of contacts) {
      const old = this.#accepted.get(name);
      const repeated = old?.value === value ? old : { firstSeq: seq, mayBeSet: false };
      this.#accepted.set(name, { seq, value, firstSeq: repeated.firstSeq, mayBeSet: repeated.mayBeSet });
    }
    if (!isQueued && this.#randomness.chance(0.5)) this.#waiting.add(seq);
  }

  begin(): void {
    if (this.#running.some(({ isAbandoned }) => !isAbandoned)) return; // an object sends one at a time
    const begun = this.#t.begin(this.box, this.now);
    if (begun === undefined) return;
    this.box = begun.box;
    if (this.#randomness.chance(0.1)) {
      this.crash(); // stored, but the request has not left
      return;
    }
    if (this.#randomness.chance(0.1)) {
      const decision = this.#t.postpone(begun.attempt, this.#random()); // the breaker is open
      this.box = this.#t.settle(this.box, begun.attempt, decision, this.now);
      return;
    }
    check(this.#running.length === 0, "sends two requests at a time");
    for (const [name, { value }] of begun.attempt.deliveries) {
      const accepted = this.#accepted.get(name);
      check(begun.attempt.seq === accepted?.seq && value === accepted.value, "sends an older value");
    }
    const endsAt = this.now + this.#randomness.below(MAX_REQUEST_MS);
    this.#running.push({ attempt: begun.attempt, endsAt, isAbandoned: false });
  }

  /** Lets a request end, and its object settle it, if that still exists. */
  finish(fault: Fault): void {
    const running = this.#running.shift();
    if (running === undefined) return;
    const { attempt, endsAt, isAbandoned } = running;
    this.now = Math.max(this.now, endsAt);
    // The connection broke, but upstream may still be working on the request.
    const goesOn = fault === "lost" && !isAbandoned;
    if (goesOn) this.#running.push({ attempt, endsAt: attempt.startedAt + MAX_REQUEST_MS, isAbandoned: true });
    const isApplied = fault === "none" || (isAbandoned && this.#randomness.chance(0.5));
    for (const name of isApplied ? attempt.deliveries.keys() : []) {
      const history = this.#applied.get(name) ?? [];
      check((history.at(-1) ?? 0) <= attempt.seq, "goes backwards");
      this.#applied.set(name, [...history, attempt.seq]);
    }
    // Without an answer, or an object to read it, each of these values may be set.
    const isUnknown = isAbandoned || fault === "lost" || fault === "failed";
    for (const [name, { value }] of isUnknown ? attempt.deliveries : []) {
      const accepted = this.#accepted.get(name);
      if (accepted?.value === value && accepted.firstSeq <= attempt.seq) accepted.mayBeSet = true;
    }
    if (!isAbandoned) this.#settle(attempt, toError(fault));
  }

  #settle(attempt: Attempt, error: unknown): void {
    const isAwaited = this.#waiting.has(attempt.seq);
    let decision = this.#t.decide(error, attempt, isAwaited, this.now, this.#random());
    const { verdict } = decision;
    if (verdict.kind === "parked") {
      const isFailing = this.#randomness.chance(0.2); // the registry
      if (isFailing) decision = { ...decision, verdict: this.#t.retry(attempt, error, verdict.inDoubt, 0.5) };
      else this.#isListed = true;
      if (this.#randomness.chance(0.1)) {
        this.crash();
        return;
      }
    }
    this.box = this.#t.settle(this.box, attempt, decision, this.now);
    for (const name of attempt.deliveries.keys()) {
      const accepted = this.#accepted.get(name);
      if (accepted?.seq !== attempt.seq) continue;
      if (verdict.kind === "delivered") accepted.mayBeSet = false; // it is set
      if (verdict.kind !== "refused") continue;
      check(isAwaited, "drops a value whose caller was not told");
      check(!accepted.mayBeSet, "calls a value refused that may be set");
      this.#accepted.delete(name);
    }
  }

  crash(): void {
    for (const running of this.#running) running.isAbandoned = true;
    this.#waiting.clear();
    this.box = this.#t.resume(this.box, this.now);
  }

  retryParked(): void {
    this.box = this.#t.retryParked(this.box, this.now);
  }

  prune(): void {
    const before = this.box;
    this.box = this.#t.prune(before, KEEP_MS, this.now);
    for (const [name, { state, since }] of before.deliveries) {
      if (this.box.deliveries.has(name)) continue;
      check(state !== "pending" && since + KEEP_MS <= this.now, "removes too early");
      this.#accepted.delete(name);
    }
  }

  forget(): void {
    this.box = { ...this.box, deliveries: new Map() };
    this.#accepted.clear();
  }

  /** Time passes, to the next alarm or by chance. Abandoned requests end by then. */
  pass(): void {
    const next = this.#randomness.chance(0.7)
      ? this.#t.nextDue(this.box, KEEP_MS)
      : this.now + this.#randomness.below(10_000);
    while (this.#running.some(({ endsAt }) => endsAt <= next))
      this.finish(this.#randomness.pick(["none", "lost", "failed"]));
    this.now = Math.max(this.now, next);
  }

  checkPromises(): void {
    for (const [name, accepted] of this.#accepted) {
      const delivery = this.box.deliveries.get(name);
      check(delivery?.seq === accepted.seq, "loses a value");
      if (delivery !== undefined) this.#checkDelivery(name, accepted, delivery);
    }
  }

  #checkDelivery(name: string, { value, mayBeSet }: Accepted, delivery: Delivery): void {
    switch (delivery.state) {
      case "pending":
        check(delivery.value === value, "changes a pending value");
        check(this.#t.nextDue(this.box, KEEP_MS) < this.now + 2 * KEEP_MS, "leaves a pending value without an alarm");
        break;
      case "parked":
        check(delivery.value === value, "changes a parked value");
        check(this.#isListed, "parks without listing");
        check(!mayBeSet || delivery.reason !== "conflict", "calls a value conflicting that may be set");
        break;
      case "delivered":
        check(
          this.#applied.get(name)?.includes(delivery.seq) === true,
          "calls a value delivered that was never applied",
        );
        check(delivery.value === "", "keeps a delivered value");
        break;
      case "refused":
        check(false, "drops a value whose caller was not told");
    }
  }

  /** Once upstream works, everything is delivered. */
  converge(): void {
    for (let i = 0; i < 50 && this.#t.hasPending(this.box); i++) {
      while (this.#running.length > 0) this.finish("none");
      this.now = Math.max(this.now, this.#t.nextDue(this.box, KEEP_MS));
      this.begin();
      this.prune();
      this.checkPromises();
    }
    while (this.#running.length > 0) this.finish("none");
    this.checkPromises();
    check(!this.#t.hasPending(this.box), "never delivers");
  }
}

/** @throws Error that names the broken promise */
export function simulate(seed: number, steps: number, transitions: Transitions): void {
  const randomness = createRandomness(seed);
  const model = new Model(randomness, transitions);
  for (let step = 0; step < steps; step++) {
    const roll = randomness.below(100);
    if (roll < 25) model.accept();
    else if (roll < 50) model.begin();
    else if (roll < 70) model.finish(randomness.chance(0.5) ? "none" : randomness.pick(FAULTS));
    else if (roll < 88) model.pass();
    else if (roll < 92) model.crash();
    else if (roll < 95) model.retryParked();
    else if (roll < 98) model.prune();
    else model.forget();
    model.checkPromises();
  }
  model.converge();
}
