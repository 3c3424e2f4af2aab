/** The contract, as plain functions: the same file runs on every runtime, against the installed package. */
import {
  type AnyEngageLabError,
  type ClientOptions,
  createClient,
  isEngageLabError,
  type SetContactBody,
} from "engagelab-ma";
import { assert, equal } from "./assert.ts";
import type { Target } from "./target.ts";

export interface Case {
  readonly name: string;
  run(target: Target): Promise<void>;
}

const GOLDEN = "Basic N2Q0MzFlNDJkZmE2YTZkNjkzYWMyZDA0OjVlOTg3YWM2ZDJlMDRkOTVhOWQ4ZjBkMQ==";
const SECRETS = ["7d431e42dfa6a6d693ac2d04", "5e987ac6d2e04d95a9d8f0d1", GOLDEN.slice("Basic ".length)];
const BODY = {
  euid: 10362473,
  contacts: { mobile_phone: "18023456879", email: "12@gmail.com" },
} satisfies SetContactBody;
const SENT = '{"euid":10362473,"contacts":{"mobile_phone":"18023456879","email":"12@gmail.com"}}';
const AT_ONCE = { "retry-after": "0" };
/** Deno and browsers themselves repeat a request on each idle connection that breaks. */
const EACH_CONNECTION = 20;

async function failure(promise: Promise<unknown>): Promise<AnyEngageLabError> {
  try {
    await promise;
  } catch (error) {
    if (isEngageLabError(error)) return error;
    throw error;
  }
  throw new Error("it resolved, where an error was expected");
}

function expectError(error: AnyEngageLabError, expected: object): void {
  const members = Object.keys(expected).map((name) => [name, Reflect.get(error, name)]);
  equal(Object.fromEntries(members), expected, error.name);
}

async function fails(target: Target, expected: object, options?: ClientOptions): Promise<AnyEngageLabError> {
  const error = await failure(target.client({ maxRetries: 0, ...options }).setContact(BODY));
  expectError(error, expected);
  return error;
}

/** The parts of the suite, each by name. */
const cases: Record<string, (target: Target) => Promise<void>> = {
  "the vendor's example, with the golden header": async (target) => {
    equal(await target.client().setContact(BODY), { code: 0, message: "success", status: 200 }, "result");
    const [request] = await target.requests();
    assert(request, "no request came");
    equal(request.body, SENT, "body");
    equal(request.headers.authorization, GOLDEN, "Authorization");
    equal(request.headers["content-type"], "application/json", "Content-Type");
    assert(request.url.endsWith("/v1/user/contact"), request.url);
    equal(await target.contacts(), { "10362473": BODY.contacts }, "contacts");
  },
  "Unicode credentials are sent as UTF-8": async (target) => {
    const pair = { apiKey: "clé", apiSecret: "秘密🔑" };
    expectError(await failure(target.client(pair).setContact(BODY)), { kind: "api", reason: "authentication_failed" });
    const [request] = await target.requests();
    equal(request?.headers.authorization, "Basic Y2zDqTrnp5jlr4bwn5SR", "Authorization");
  },
  "64-bit EUIDs arrive digit for digit": async (target) => {
    for (const digits of ["9223372036854775807", "-9223372036854775808", "9007199254740993", "0"]) {
      await target.client().setContact({ euid: BigInt(digits), contacts: { mobile_phone: "1" } });
      await target.client().setContact({ euid: digits, contacts: { mobile_phone: "2" } });
      const bodies = (await target.requests()).slice(-2).map(({ body }) => body.slice(0, 9 + digits.length));
      equal(bodies, [`{"euid":${digits},`, `{"euid":${digits},`], "bodies");
    }
  },
  "64-bit integers come back digit for digit": async (target) => {
    await target.fail({ body: '{"code":0,"message":"","data":[{"identity_value":"a","euid":9223372036854775807}]}' });
    const euids = await target.client().getEuids({ identity_name: "user_id", identity_values: ["a"] });
    equal([...euids], [["a", "9223372036854775807"]], "EUIDs");
  },
  "configuration: named at once": async () => {
    try {
      createClient({ timeout: -1 });
    } catch (error) {
      assert(isEngageLabError(error, "configuration"), String(error));
      return equal(error.option, "timeout", "option");
    }
    throw new Error("createClient took a bad option");
  },
  "validation: nothing is sent": async (target) => {
    const error = await failure(target.client().setContact({ euid: 2 ** 53, contacts: { email: "a" } }));
    expectError(error, { kind: "validation", path: "euid", outcome: "not_sent" });
    equal((await target.requests()).length, 0, "requests");
  },
  "api: refused, with reason and solution": async (target) => {
    await target.client().setContact({ ...BODY, euid: 1 });
    const expected = { kind: "api", code: 55014, reason: "contact_already_set", status: 400, outcome: "refused" };
    const error = await fails(target, expected);
    assert(error.kind === "api" && error.solution?.includes("unique"), "solution");
  },
  "a verb: data for code 0, else an error": async (target) => {
    const good = await target.client().POST("/v1/user/contact", { body: BODY });
    equal(good.data, { code: 0, message: "success" }, "data");
    const bad = await target.client().POST("/v1/user/contact", { body: { ...BODY, euid: 2 } });
    assert(bad.data === undefined && isEngageLabError(bad.error, "api"), "error");
    equal(bad.response.status, 400, "status");
  },
  "response: HTML, nothing, other JSON": async (target) => {
    for (const body of ["<html>", " ", '"success"', "{}"]) {
      await target.fail({ body });
      await fails(target, { kind: "response", status: 200, excerpt: body, outcome: "unknown", attempts: 1 });
    }
    await target.fail({ status: 204 });
    await fails(target, { kind: "response", status: 204 });
  },
  "response: a body cut off": async (target) => {
    await target.fail({ broken: "body", applied: true });
    await fails(target, { kind: "response", outcome: "unknown" });
    equal(Object.keys(await target.contacts()), ["10362473"], "contacts");
  },
  "response: a body beyond 1 MiB": async (target) => {
    await target.fail({ body: "x".repeat(1024 * 1024 + 1) });
    const error = await fails(target, { kind: "response", excerpt: "x".repeat(256) });
    assert(error.message.includes("1 MiB"), error.message);
  },
  "response: a gzip bomb stops at 1 MiB": async (target) => {
    await target.answerOddly("gzip bomb");
    const error = await fails(target, { kind: "response", outcome: "unknown", excerpt: "x".repeat(256), attempts: 1 });
    assert(error.message.includes("1 MiB"), error.message);
  },
  "response: in chunks": async (target) => {
    await target.answerOddly("chunked");
    equal(await target.client().setContact(BODY), { code: 0, message: "in chunks", status: 200 }, "result");
  },
  "response: lengths that contradict each other": async (target) => {
    await target.answerOddly("contradictory lengths");
    const error = await failure(target.client({ maxRetries: 0 }).setContact(BODY));
    equal(error.outcome, "unknown", "outcome");
    // Node rejects such an answer, the others deliver it.
    const bounded = error.kind === "response" && error.message.includes("1 MiB");
    assert(error.kind === "network" || bounded, error.message);
  },
  "response: cut off, with and without a length": async (target) => {
    for (const name of ["cut off", "cut off, with a length"] as const) {
      await target.answerOddly(name);
      const error = await failure(target.client({ maxRetries: 0 }).setContact(BODY));
      equal(error.outcome, "unknown", "outcome");
      assert(error.kind === "response", error.kind);
    }
  },
  "response: a redirect is not followed": async (target) => {
    await target.fail({ status: 307, headers: { location: "/v1/elsewhere" } });
    const error = await fails(target, { kind: "response", outcome: "unknown" });
    assert(error.message.includes("redirect"), error.message);
    equal((await target.requests()).length, 1, "requests");
  },
  "network: no answer": async (target) => {
    await target.fail({ broken: "connection" }, EACH_CONNECTION);
    await fails(target, { kind: "network", outcome: "unknown", retryable: true });
  },
  "timeout: of an attempt": async (target) => {
    await target.fail({ delay: 5_000, status: 503 });
    await fails(target, { kind: "timeout", timeout: 100, outcome: "unknown", attempts: 1 }, { timeout: 100 });
  },
  "timeout: of the call with its waits": async (target) => {
    await target.fail({ delay: 5_000, status: 503 }, 3);
    const limits = { timeout: 10_000, totalTimeout: 100, maxRetries: 2 };
    await fails(target, { kind: "timeout", timeout: 100, outcome: "unknown", attempts: 1 }, limits);
  },
  "aborted: before, and while it is sent": async (target) => {
    const early = await failure(target.client().setContact(BODY, { signal: AbortSignal.abort("early") }));
    expectError(early, { kind: "aborted", cause: "early", outcome: "not_sent" });
    await target.fail({ delay: 5_000, status: 503 });
    const controller = new AbortController();
    const late = failure(target.client().setContact(BODY, { signal: controller.signal }));
    setTimeout(() => controller.abort("late"), 50);
    expectError(await late, { kind: "aborted", cause: "late", outcome: "unknown" });
  },
  "aborted: during a backoff": async (target) => {
    await target.fail({ status: 503, headers: { "retry-after": "20" } });
    const controller = new AbortController();
    const onRetry = () => void setTimeout(() => controller.abort("tired"), 10);
    const error = failure(target.client({ onRetry }).setContact(BODY, { signal: controller.signal }));
    expectError(await error, { kind: "aborted", cause: "tired", outcome: "unknown", attempts: 1 });
  },
  "a retry after Retry-After, with the same body": async (target) => {
    const delays: number[] = [];
    await target.fail({ status: 503, headers: { "retry-after": "1" } });
    await target.fail({ status: 429, headers: AT_ONCE });
    const client = target.client({ onRetry: ({ delay }) => delays.push(delay) });
    equal((await client.setContact(BODY)).code, 0, "code");
    equal(delays, [1000, 0], "delays");
    equal(
      (await target.requests()).map(({ body }) => body),
      [SENT, SENT, SENT],
      "bodies",
    );
  },
  "a lost answer and a refusal leave the doubt": async (target) => {
    await target.fail({ applied: true, broken: "body", status: 503, headers: AT_ONCE });
    await target.fail({ status: 400, body: '{"code":55014,"message":"Contact exists"}' });
    await fails(target, { kind: "api", code: 55014, outcome: "unknown", attempts: 2 }, { maxRetries: 1 });
  },
  "no error shows a secret": async (target) => {
    await target.fail({ status: 400, body: `{"code":40050,"message":"${SECRETS.join(" ")}"}` });
    await target.fail({ body: `<html>${SECRETS.join(" ")}` });
    await target.fail({ broken: "connection" }, EACH_CONNECTION);
    for (const kind of ["api", "response", "network"]) {
      const error = await fails(target, { kind });
      const texts = [
        String(error),
        error.stack,
        JSON.stringify(error),
        JSON.stringify({ ...error }),
        String(error.cause),
      ];
      for (const secret of SECRETS) assert(!texts.join().includes(secret), `a secret is in ${error.name}`);
    }
    assert(!JSON.stringify(target.client()).includes(SECRETS[1] ?? ""), "the client shows a secret");
  },
  "a burst of fifty at once": async (target) => {
    const client = target.client();
    const euids = Array.from({ length: 50 }, (_, i) => i + 1);
    const calls = euids.map((euid) => client.setContact({ euid, contacts: { mobile_phone: String(euid) } }));
    equal(
      (await Promise.all(calls)).every(({ code }) => code === 0),
      true,
      "codes",
    );
    const expected = Object.fromEntries(euids.map((euid) => [euid, { mobile_phone: String(euid) }]));
    equal(await target.contacts(), expected, "contacts");
  },
  "middleware sees each call once, without the credentials": async (target) => {
    const client = target.client();
    const seen: Array<[string, string | null]> = [];
    const middleware = {
      async onRequest({ request }: { request: Request }) {
        seen.push([await request.clone().text(), request.headers.get("authorization")]);
        request.headers.set("x-trace", "t");
        return new Request(request);
      },
    };
    client.use(middleware);
    await target.fail({ status: 503, headers: AT_ONCE });
    await client.setContact(BODY);
    client.eject(middleware);
    await client.setContact(BODY);
    equal(seen, [[SENT, null]], "seen");
    const requests = await target.requests();
    equal(
      requests.map(({ headers }) => headers["x-trace"] ?? null),
      ["t", "t", null],
      "x-trace",
    );
    equal(
      requests.map(({ body }) => body),
      [SENT, SENT, SENT],
      "bodies",
    );
  },
};

export const suite: Case[] = Object.entries(cases).map(([name, run]) => ({ name, run }));
