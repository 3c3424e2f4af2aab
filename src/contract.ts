/** What `engagelab-ma generate` writes of a spec, and what `createClient` and `createEmulator` take as `contract`. */

/** The part of a spec that is read at run time. A generated module states its types: `const contract: Contract<paths>`. */
export interface Contract<Paths extends object = object> {
  /** The URLs of the servers. The first one is the default of `baseUrl`. */
  readonly servers: readonly string[];
  /** The operations, by method and path: `POST /v1/user/contact`. */
  readonly operations: Readonly<Record<string, Operation>>;
  /** The codes of the envelope, apart from 0. */
  readonly errorCodes: Readonly<Record<number, ErrorCode>>;
  /** Sample answers for an emulator. */
  readonly examples?: Examples;
  /** Carries the types of the paths. It never has a value. */
  readonly paths?: Paths;
}

/** One operation of the contract. */
export interface Operation {
  /** Whether sending it twice leaves the same state: always, never, or if members of the body have one of these values. */
  readonly repeatable: boolean | Readonly<Record<string, readonly string[]>>;
  /** The schema of the JSON body, if it takes one; `false` if it takes a body that is no JSON. */
  readonly body?: Schema | false;
  /** Whether the body may be left out. */
  readonly bodyOptional?: true;
  /** The media type of the body, if it is not `application/json`. */
  readonly contentType?: string;
}

/** One code of the envelope. */
export interface ErrorCode {
  /** The name of the code: `contact_already_set`. */
  readonly reason: string;
  /** What to do about it, if the message does not say so. */
  readonly solution?: string;
  /** Whether sending the same request again can help. */
  readonly retryable?: true;
  /** Whether the request may have taken effect all the same. */
  readonly inDoubt?: true;
}

/** Sample answers of an API. */
export interface Examples {
  /** The answer to a success, by method and path. */
  readonly successes: Readonly<Record<string, ExampleEnvelope>>;
  /** The answer to a failure, by the name of its code. */
  readonly failures: Readonly<Record<string, ExampleEnvelope>>;
}

/** An envelope, perhaps with further members. */
export interface ExampleEnvelope {
  readonly code: number;
  readonly message: string;
  readonly [more: string]: unknown;
}

export type TypeName = "object" | "array" | "string" | "number" | "integer" | "boolean" | "null";

/** The part of JSON Schema that bodies are checked against. `false`, for a member or an item: there must be none. */
export interface Schema {
  readonly type?: TypeName | readonly TypeName[];
  /** `int64`: digits of any length up to 64 bits; all others are not checked. */
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
  readonly exclusiveMinimum?: number | bigint;
  readonly exclusiveMaximum?: number | bigint;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema | false>>;
  /** For members that `properties` does not list: the first pattern that fits. */
  readonly patternProperties?: Readonly<Record<string, Schema | false>>;
  readonly additionalProperties?: Schema | false;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly prefixItems?: readonly (Schema | false)[];
  readonly items?: Schema | false;
  readonly minItems?: number;
  readonly maxItems?: number;
  /** Items are compared as JSON. */
  readonly uniqueItems?: true;
  /** At least one of these fits; a schema that has it has nothing else. */
  readonly anyOf?: readonly Schema[];
  /** Exactly one of these fits; a schema that has it has nothing else. */
  readonly oneOf?: readonly Schema[];
}
