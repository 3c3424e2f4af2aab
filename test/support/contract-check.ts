/**
 * Checks an emulator against the contract: each request that it accepts and each of its answers is validated against
 * openapi/ma.yaml by ajv, which shares nothing with src/validate.ts.
 *
 *     const emulator = checked(createEmulator());
 */
import { fileURLToPath } from "node:url";
import { bundle, createConfig } from "@redocly/openapi-core";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import type { Emulator } from "../../src/emulator.ts";
import { readRequest, signalOf } from "../../src/emulator-request.ts";
import { parseJson } from "../../src/int64.ts";

interface MediaType {
  schema: object;
  examples?: Record<string, { value: unknown }>;
}

export interface DescribedOperation {
  requestBody?: { content: { "application/json": MediaType } };
  responses: { "200": { content: { "application/json": MediaType } } };
}

export interface Description {
  paths: Record<string, Record<string, DescribedOperation>>;
}

/** A description of openapi/, without references. */
export async function loadDescription(name: string): Promise<Description> {
  const ref = fileURLToPath(new URL(`../../openapi/${name}`, import.meta.url));
  const { bundle: loaded } = await bundle({ ref, config: await createConfig({}), dereference: true });
  return loaded.parsed as Description;
}

const ajv = new Ajv2020({ strict: true, allErrors: true });
ajv.addFormat("int64", { type: "number", validate: Number.isInteger });

export function compile(schema: object): ValidateFunction {
  return ajv.compile(schema);
}

/** For ajv a bigint becomes the nearest number; that its digits fit into 64 bits is checked here. */
function toNumbers(value: unknown): unknown {
  if (typeof value === "bigint") {
    if (BigInt.asIntN(64, value) !== value) throw new Error(`${value} is beyond 64 bits`);
    return Number(value);
  }
  if (Array.isArray(value)) return value.map(toNumbers);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toNumbers(member)]));
}

/** @throws Error with the place where `value` violates the contract */
export function assertValid(validate: ValidateFunction, value: unknown, what: string): void {
  if (!validate(toNumbers(value)))
    throw new Error(`${what} is not in the contract: ${ajv.errorsText(validate.errors)}`);
}

interface Validators {
  request: ValidateFunction | undefined;
  response: ValidateFunction;
}

const operations = new Map<string, Validators>();
for (const [path, item] of Object.entries((await loadDescription("ma.yaml")).paths)) {
  for (const [method, { requestBody, responses }] of Object.entries(item)) {
    operations.set(`${method.toUpperCase()} ${path}`, {
      request: requestBody && compile(requestBody.content["application/json"].schema),
      response: compile(responses["200"].content["application/json"].schema),
    });
  }
}

/**
 * The same emulator, whose `fetch` rejects if a request that was answered with code 0, or any JSON answer to an
 * operation of the contract, violates the contract. Answers made by `fail()` with a `status` or a `body` are exempt:
 * they are wrong on purpose.
 */
export function checked(emulator: Emulator): Emulator {
  const deliberate: boolean[] = [];
  return {
    ...emulator,
    fail: (fault, times = 1) => {
      const wrong = fault.status !== undefined || fault.body !== undefined || fault.broken !== undefined;
      deliberate.push(...Array<boolean>(times).fill(wrong));
      emulator.fail(fault, times);
    },
    reset: () => {
      deliberate.length = 0;
      emulator.reset();
    },
    fetch: async (input, init) => {
      const signal = signalOf(input, init) ?? null;
      const { headers, body, ...request } = await readRequest(input, init);
      const text = async () => body;
      const wrong = deliberate.shift();
      const response = await emulator.fetch({ ...request, headers: Object.entries(headers), signal, text });
      const name = `${request.method} ${new URL(request.url).pathname}`;
      const validators = operations.get(name);
      if (wrong || !validators) return response;
      const envelope = parseJson(await response.clone().text());
      assertValid(validators.response, envelope, `The answer to ${name}`);
      const accepted = Object(envelope).code === 0;
      if (accepted && validators.request) assertValid(validators.request, parseJson(body), `The request ${name}`);
      return response;
    },
  };
}
