/** The effects of operations in the emulator. */
import type { Envelope } from "./envelope.ts";
import { ConfigurationError } from "./errors.ts";
import type { components, failures as ownFailures } from "./generated/contract.ts";
import { type Euid, int64Digits } from "./int64.ts";

/** How the emulator decides what the vendor leaves open. */
export interface StateOptions {
  /** Names of contacts of which two users can't have the same value (55014). Default: none. */
  unique?: readonly string[] | undefined;
  /** Whether a user's own value, sent again, is a conflict too. Not documented. Default: `false`. */
  ownValueConflicts?: boolean | undefined;
  /**
   * Whether the other contacts of a request are set if some conflict, with `code` 0 as the vendor's
   * "partial success". If `false`, one conflict refuses them all. Default: `true`.
   */
  partialSuccess?: boolean | undefined;
  /** The EUID of the first user that is registered; each further one has the next. Default: 10000091198. */
  firstEuid?: Euid | undefined;
  /** Identity values that come back without an EUID. When that happens is not documented. Default: none. */
  withoutEuid?: readonly string[] | undefined;
}

/** An event as it was reported, its EUID in decimal digits. */
export interface RecordedEvent extends Omit<components["schemas"]["Event"], "euid"> {
  euid: string;
  /** That of the request, if it had one. */
  app_key?: string;
}

export interface State {
  /** From EUID (decimal digits) to the user's contacts, from name to value. */
  readonly contacts: Map<string, Map<string, string>>;
  /** From EUID (decimal digits) to the user's attributes, from name to value. */
  readonly attributes: Map<string, Map<string, unknown>>;
  /** The events that were reported so far. */
  readonly events: RecordedEvent[];
  /** What an operation answers, by method and path. An operation that is not here has no effect. */
  readonly effects: Readonly<Record<string, (body: never) => Envelope>>;
  /** Forgets everything. */
  clear(): void;
}

type Schemas = components["schemas"];

export const SUCCESS: Envelope = { code: 0, message: "success" };

/** The failures that the emulator produces without a fault. */
type Failures = { readonly [Reason in keyof typeof ownFailures]: Envelope };

/** The first EUID of the vendor's samples beyond 31 bits. */
const FIRST_EUID = 10000091198n;

function failFirstEuid(problem: string): never {
  throw new ConfigurationError("firstEuid", problem);
}

export function createState(options: StateOptions, failures: Failures): State {
  const { unique = [], ownValueConflicts = false, partialSuccess = true, withoutEuid = [] } = options;
  const firstEuid = BigInt(int64Digits(options.firstEuid ?? FIRST_EUID, failFirstEuid));
  const euids = new Map<string, bigint>();
  const contacts: State["contacts"] = new Map();
  const attributes: State["attributes"] = new Map();
  const events: RecordedEvent[] = [];

  function register(body: Schemas["GetEuidsRequest"]): Schemas["GetEuidsResult"] {
    const known = body.identity_values.filter((value) => !withoutEuid.includes(value));
    const data = known.map((identity_value) => {
      const key = `${body.identity_name} ${identity_value}`;
      const euid = euids.get(key) ?? firstEuid + BigInt(euids.size);
      euids.set(key, euid);
      return { identity_value, euid };
    });
    return { ...SUCCESS, data };
  }

  function conflicts(euid: string, name: string, value: string): boolean {
    if (!unique.includes(name)) return false;
    return [...contacts].some(([owner, held]) => (owner !== euid || ownValueConflicts) && held.get(name) === value);
  }

  function setContact(body: Schemas["SetContactRequest"]): Envelope {
    const euid = String(body.euid);
    const entries = Object.entries(body.contacts);
    const settable = entries.filter(([name, value]) => !conflicts(euid, name, value));
    if (settable.length === 0 || (!partialSuccess && settable.length < entries.length)) {
      return failures.contact_already_set;
    }
    contacts.set(euid, new Map([...(contacts.get(euid) ?? []), ...settable]));
    return SUCCESS;
  }

  function setProperties({ euid, type, properties }: Schemas["SetPropertiesRequest"]): Envelope {
    const changed = new Map(attributes.get(String(euid)));
    for (const [name, value] of Object.entries(properties)) {
      const next = changeAttribute(type, changed.get(name), value);
      if (next === undefined) return failures.invalid_user_attributes;
      if (next === DELETED) changed.delete(name);
      else changed.set(name, next);
    }
    attributes.set(String(euid), changed);
    return SUCCESS;
  }

  function reportEvents({ data, ...rest }: Schemas["ReportEventsRequest"]): Envelope {
    events.push(...data.map((event) => ({ ...rest, ...event, euid: String(event.euid) })));
    return SUCCESS;
  }

  return {
    contacts,
    attributes,
    events,
    effects: {
      "POST /v1/user/register": register,
      "POST /v1/user/contact": setContact,
      "POST /v1/user/property": setProperties,
      "POST /v1/event/report": reportEvents,
    },
    clear: () => {
      euids.clear();
      contacts.clear();
      attributes.clear();
      events.length = 0;
    },
  };
}

const DELETED = Symbol();

/**
 * The new value of an attribute, or `undefined` if the change does not fit it. The vendor doesn't document the types, so
 * their effects are inferred from their names: `increase` takes a number and starts at 0, `add` and `remove` take lists.
 */
function changeAttribute(type: Schemas["SetPropertiesRequest"]["type"], held: unknown, value: unknown): unknown {
  switch (type) {
    case "set":
      return value;
    case "delete":
      return DELETED;
    case "increase":
      return isNumber(value) && isNumber(held ?? 0) ? Number(held ?? 0) + Number(value) : undefined;
    case "add":
    case "remove": {
      const list = held ?? [];
      if (!Array.isArray(list) || !Array.isArray(value)) return undefined;
      return type === "add" ? [...list, ...value] : list.filter((item) => !value.includes(item));
    }
  }
}

function isNumber(value: unknown): boolean {
  return typeof value === "number" || typeof value === "bigint";
}
