import { expect, test } from "vitest";
import * as decisions from "../../../worker/decide.ts";
import * as outbox from "../../../worker/outbox.ts";
import { simulate, type Transitions } from "./model.ts";

const STEPS = 200;
const SOUND: Transitions = { ...outbox, ...decisions };

test("400,000 random steps keep every promise", { timeout: 60_000 }, () => {
  const first = Date.now() % 1e9;
  for (let seed = first; seed < first + 2_000; seed++) {
    try {
      simulate(seed, STEPS, SOUND);
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
});

/** Transitions with one fault, and the promises of which the model must find one broken. */
const FAULTY: Record<string, Partial<Transitions> & { promise: RegExp }> = {
  "settles what has been replaced": {
    promise: /loses|older|never applied/,
    settle: (box, attempt, ...rest) => {
      const deliveries = new Map(box.deliveries);
      for (const name of attempt.deliveries.keys()) {
        const current = deliveries.get(name);
        if (current) deliveries.set(name, { ...current, seq: attempt.seq });
      }
      return outbox.settle({ ...box, deliveries }, attempt, ...rest);
    },
  },
  "sends without a lease": {
    promise: /two requests|backwards/,
    begin: (box, now) => {
      const begun = outbox.begin(box, now);
      return begun && { ...begun, box: { ...begun.box, holdUntil: 0, isRunning: false } };
    },
  },
  "ignores the lease after a crash": {
    promise: /two requests|backwards/,
    resume: (box) => ({ ...box, holdUntil: 0 }),
  },
  "ignores the hold after a lost request": {
    promise: /two requests|backwards/,
    settle: (...args) => ({ ...outbox.settle(...args), holdUntil: 0 }),
  },
  "sends without storing the doubt": {
    promise: /may be set/,
    begin: (box, now) => {
      const begun = outbox.begin(box, now);
      if (begun === undefined) return undefined;
      const deliveries = new Map([...begun.box.deliveries, ...begun.attempt.deliveries]);
      return { ...begun, box: { ...begun.box, deliveries } };
    },
  },
  "forgets the doubt when the value is sent again": {
    promise: /may be set/,
    accept: (box, ...rest) => {
      const deliveries = new Map(Array.from(box.deliveries, ([name, one]) => [name, { ...one, inDoubt: false }]));
      return outbox.accept({ ...box, deliveries }, ...rest);
    },
  },
  "keeps the older value": {
    promise: /loses/,
    accept: (box, update, now) => {
      const isNew = ([name]: readonly [string, string]) => box.deliveries.get(name)?.state !== "pending";
      return outbox.accept(box, { ...update, contacts: update.contacts.filter(isNew) }, now);
    },
  },
  "drops a refused value though nobody waits": {
    promise: /not told/,
    decide: (error, attempt, _isAwaited, ...rest) => decisions.decide(error, attempt, true, ...rest),
  },
  "prunes what is pending": {
    promise: /too early/,
    prune: (box) => ({ ...box, deliveries: new Map([...box.deliveries].slice(1)) }),
  },
};

test.each(Object.entries(FAULTY))("the model notices a gateway that %s", (_name, { promise, ...faults }) => {
  const transitions = { ...SOUND, ...faults };
  expect(() => {
    for (let seed = 0; seed < 500; seed++) simulate(seed, STEPS, transitions);
  }).toThrow(promise);
});
