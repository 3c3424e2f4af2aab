/** Compares what Redocly does not: error codes, retry rules and the default server. */
import { type CompiledErrorCode, compileErrorCodes } from "../generate/error-codes.ts";
import { operationsOf } from "../generate/operations.ts";
import { compileServers } from "../generate/servers.ts";
import type { Spec } from "../generate/spec.ts";
import type { SpecNode } from "../generate/spec-node.ts";
import type { Change } from "./change.ts";

const ignore = (): void => {};

export function compareExtensions(before: Spec, after: Spec): Change[] {
  return [...compareServers(before, after), ...compareErrorCodes(before, after), ...compareOperations(before, after)];
}

function change(breaking: boolean, where: string, message: string, node: SpecNode): Change {
  return { breaking, where, ...node.problem(message, true) };
}

function compareServers(before: Spec, after: Spec): Change[] {
  const [[old], [now]] = [compileServers(before.root, ignore), compileServers(after.root, ignore)];
  if (old === now) return [];
  const node = after.root.find("servers", "0", "url") ?? after.root;
  return [change(true, "servers", `the default of baseUrl is ${now ?? "missing"}, not ${old ?? "missing"}`, node)];
}

function compareErrorCodes(before: Spec, after: Spec): Change[] {
  const [old, now] = [compileErrorCodes(before.root), compileErrorCodes(after.root)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((reason) => {
    const spec = now.has(reason) ? after : before;
    const node = spec.root.find("components", "x-error-codes")?.member(reason);
    const findings = compareErrorCode(old.get(reason), now.get(reason));
    return node ? findings.map(([breaking, message]) => change(breaking, `error code ${reason}`, message, node)) : [];
  });
}

type Finding = [breaking: boolean, message: string];

function compareErrorCode(old: CompiledErrorCode | undefined, now: CompiledErrorCode | undefined): Finding[] {
  if (old === undefined) return [[false, `${now?.code} was added`]];
  if (now === undefined) return [[true, `${old.code} was removed`]];
  const findings: Finding[] = [];
  if (old.code !== now.code) findings.push([true, `changed from ${old.code} to ${now.code}`]);
  if (old.retryable && !now.retryable) findings.push([true, "is no longer retried"]);
  if (!old.retryable && now.retryable) findings.push([false, "is retried"]);
  if (!old.inDoubt && now.inDoubt) findings.push([true, "no longer means that nothing was done (inDoubt)"]);
  if (old.inDoubt && !now.inDoubt) findings.push([false, "means that nothing was done (inDoubt)"]);
  return findings;
}

function compareOperations(before: Spec, after: Spec): Change[] {
  const earlier = operationsOf(before.root);
  return [...operationsOf(after.root)].flatMap(([name, { operation }]) => {
    const old = earlier.get(name)?.operation;
    if (old === undefined) return [];
    return [
      ...compareRepeatable(old, operation).map(([breaking, message]) =>
        change(breaking, name, message, operation.member("x-repeatable") ?? operation),
      ),
      ...compareReasons(old, operation).map((message) =>
        change(false, name, message, operation.member("x-error-codes") ?? operation),
      ),
    ];
  });
}

/** Losing a retry breaks: such calls fail more often. */
function compareRepeatable(before: SpecNode, after: SpecNode): Finding[] {
  const [old, now] = [before, after].map((node) => node.get("x-repeatable")?.value ?? false);
  if (JSON.stringify(old) === JSON.stringify(now)) return [];
  return [[!isWithin(old, now), `x-repeatable changed from ${JSON.stringify(old)} to ${JSON.stringify(now)}`]];
}

/** Whether every request that `rule` lets the client repeat may also be repeated under `other`. */
function isWithin(rule: unknown, other: unknown): boolean {
  if (typeof rule !== "object" || typeof other !== "object") return rule === false || other === true;
  return Object.entries(Object(other)).every(([name, values]) =>
    [Object(rule)[name]].flat().every((value) => [values].flat().includes(value)),
  );
}

function compareReasons(before: SpecNode, after: SpecNode): string[] {
  const reasons = (node: SpecNode) =>
    (node.get("x-error-codes")?.entries() ?? []).map(([, each]) => String(each.value));
  const [old, now] = [reasons(before), reasons(after)];
  return [
    ...now.filter((each) => !old.includes(each)).map((each) => `may answer with ${each}`),
    ...old.filter((each) => !now.includes(each)).map((each) => `no longer answers with ${each}`),
  ];
}
