/** The control routes: a small JSON API for tests in any language. */
import type { Emulator, Fault } from "../../src/emulator.ts";
import { problem } from "./problem.ts";

const PREFIX = "/__emulator/";

export function isControl(pathname: string): boolean {
  return pathname.startsWith(PREFIX);
}

const CHECKS: Readonly<Record<keyof Fault | "times", (value: unknown) => boolean>> = {
  delay: (value) => Number.isInteger(value) && Number(value) >= 0,
  applied: (value) => typeof value === "boolean",
  status: (value) => Number.isInteger(value) && Number(value) >= 200 && Number(value) < 600,
  headers: (value) =>
    typeof value === "object" && value !== null && Object.values(value).every((each) => typeof each === "string"),
  body: (value) => typeof value === "string",
  broken: (value) => value === "connection" || value === "body",
  times: (value) => Number.isInteger(value) && Number(value) >= 1,
};

function isKnown(name: string): name is keyof typeof CHECKS {
  return Object.hasOwn(CHECKS, name);
}

/** What is wrong with a fault, if anything. */
function faultProblem(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "a fault is a JSON object";
  for (const [name, member] of Object.entries(value)) {
    if (!isKnown(name)) return `a fault has no ${name}; it has ${Object.keys(CHECKS).join(", ")}`;
    if (!CHECKS[name](member)) return `the fault's ${name} is not valid`;
  }
  const { status = 200, headers = {}, body = "" }: Fault = value;
  if (body !== "" && [204, 205, 304].includes(status)) return `an answer with status ${status} has no body`;
  try {
    new Headers({ ...headers });
  } catch (error) {
    return `the fault's headers are not valid: ${error instanceof Error ? error.message : error}`;
  }
  return undefined;
}

export function answerControl(emulator: Emulator, method: string, pathname: string, body: string): Response {
  const route = `${method} ${pathname.slice(PREFIX.length)}`;
  switch (route) {
    case "GET requests":
      return Response.json(emulator.requests);
    case "POST reset":
      emulator.reset();
      return Response.json({});
    case "POST faults":
      return queueFault(emulator, body);
    default:
      return problem(404, `no control route ${method} ${pathname}; there are GET requests, POST faults, POST reset`);
  }
}

function queueFault(emulator: Emulator, body: string): Response {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return problem(400, "the body is not JSON");
  }
  const wrong = faultProblem(value);
  if (wrong !== undefined) return problem(400, wrong);
  const { times = 1, ...fault } = value as Fault & { times?: number };
  emulator.fail(fault, times);
  return Response.json({});
}
