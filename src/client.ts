import type { QuerySerializerOptions } from "openapi-fetch";
import { type Answer, startCall } from "./call.ts";
import type { Contract, Operation } from "./contract.ts";
import type { Envelope } from "./envelope.ts";
import type { paths } from "./generated/contract.ts";
import { getEuids } from "./get-euids.ts";
import { type HeaderLayer, paramToText, toLayer } from "./headers.ts";
import { checkHooks, isMiddleware, type Middleware } from "./middleware.ts";
import {
  type CallOptions,
  type ClientOptions,
  checkCallOptions,
  checkNames,
  checkObject,
  checkOptions,
  fail,
  isCallOption,
} from "./options.ts";
import type { Client, Euids, GetEuidsBody, SetContactResult } from "./types.ts";
import { checkPath, makeUrl, type Params, type QuerySerializer, toQuerySerializer } from "./url.ts";
import { encode } from "./validate.ts";
import { buildRequest, watch } from "./watched.ts";

const METHODS = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"] as const;

const SET_CONTACT = "/v1/user/contact" satisfies keyof paths;

/** The untyped arguments of a verb. Further members go into the init for `fetch`. */
interface VerbInit extends CallOptions {
  readonly params?: Params | undefined;
  readonly querySerializer?: QuerySerializer | QuerySerializerOptions | undefined;
  readonly middleware?: readonly Middleware[] | undefined;
}

const NO_INIT = {};
const VERB_ONLY = ["body", "params", "querySerializer", "middleware"];

const JSON_TYPE: HeaderLayer = { "content-type": "application/json" };

function toContentType(operation: Operation | undefined): HeaderLayer {
  const { contentType } = operation ?? {};
  const refuse = (problem: string): never => fail("contract", problem);
  return contentType === undefined ? JSON_TYPE : toLayer({ "content-type": contentType }, false, refuse);
}

/** @throws the error of the answer */
function orThrow(answer: Answer): Answer & { envelope: Envelope } {
  if (answer.error) throw answer.error;
  return answer;
}

/**
 * Makes a client.
 *
 * @throws ConfigurationError if an option is not valid
 */
export function createClient<Paths extends object>(
  options: ClientOptions & { contract: Contract<Paths> },
): Client<Paths>;
export function createClient<Paths extends object = paths>(options?: ClientOptions): Client<Paths>;
export function createClient(options: ClientOptions = {}): Client {
  const settings = checkOptions(options);
  const { baseUrl, contract, credentials, fetch = globalThis.fetch } = settings;
  const setContactOperation = contract.operations[`POST ${SET_CONTACT}`];
  let registered: readonly Middleware[] = [];

  function send(
    method: string,
    path: string,
    body: unknown,
    given: VerbInit,
    init: object = NO_INIT,
    operation = contract.operations[`${method} ${path}`],
  ): Promise<Answer> {
    const callSettings = checkCallOptions(given, settings);
    const { params = {}, middleware, querySerializer, signal } = given;
    checkObject(params, "params");
    if (middleware !== undefined && !Array.isArray(middleware)) fail("middleware", "must be a list");
    const bodiless = body === undefined && (!operation?.body || operation.bodyOptional);
    const text = bodiless ? null : encode(body, operation?.body);
    const headers = bodiless ? [...callSettings.headers] : [toContentType(operation), ...callSettings.headers];
    if (params.header) {
      const refuse = (problem: string): never => fail("params.header", problem);
      headers.push(toLayer(params.header, credentials !== undefined, refuse, paramToText));
    }
    const serializer = toQuerySerializer(querySerializer);
    const request = { url: makeUrl(baseUrl, path, params, serializer), method, headers, body: text, init };
    const call = startCall(settings, callSettings, signal, operation, text);

    const stack = middleware ? registered.concat(middleware.filter(isMiddleware).map(checkHooks)) : registered;
    if (stack.length > 0) {
      const info = {
        schemaPath: path,
        params,
        options: { baseUrl, querySerializer: serializer, fetch: fetch as typeof globalThis.fetch },
      };
      return watch(stack, call, request, info);
    }
    const usual = method === "POST" && init === NO_INIT;
    if (!usual && typeof Request === "function") {
      buildRequest(call, request, call.merge(headers.filter((source) => typeof source !== "function")));
    }
    return call.send(request, callSettings.totalTimeout);
  }

  function verb(method: string) {
    return async (path: string, given: VerbInit & { body?: unknown } = {}) => {
      checkPath(path);
      const further = Object.entries(checkObject(given)).filter(
        ([name]) => !isCallOption(name) && !VERB_ONLY.includes(name),
      );
      const { envelope, error, response } = await send(method, path, given.body, given, Object.fromEntries(further));
      return error ? { error, response } : { data: envelope, response };
    };
  }

  const client = {
    async setContact(body: unknown, callOptions?: CallOptions): Promise<SetContactResult> {
      const { envelope, response } = orThrow(
        await send("POST", SET_CONTACT, body, checkNames(callOptions), NO_INIT, setContactOperation),
      );
      return { code: 0, message: envelope.message, status: response.status };
    },
    async getEuids(body: GetEuidsBody, callOptions?: CallOptions): Promise<Euids> {
      const checked = checkNames(callOptions);
      checkCallOptions(checked, settings);
      return getEuids(
        contract,
        async (path, group) => orThrow(await send("POST", path, group, checked)).envelope,
        body,
      );
    },
    ...Object.fromEntries(METHODS.map((method) => [method, verb(method)])),
    use(...middleware: Middleware[]): void {
      for (const each of middleware.filter(Boolean)) {
        if (!isMiddleware(each)) fail("middleware", "must be an object with onRequest, onResponse or onError");
        registered = [...registered, checkHooks(each)];
      }
    },
    eject(...middleware: Middleware[]): void {
      for (const each of middleware) {
        const index = registered.indexOf(each);
        registered = registered.filter((_, i) => i !== index);
      }
    },
  };
  // The verbs are typed by `Paths`, which doesn't exist at run time.
  return client as unknown as Client;
}
