import type { Problem } from "./problem.ts";
import type { SpecNode } from "./spec.ts";

/** The first server, with the defaults of its variables, if it is an absolute URL. */
export function compileServer(root: SpecNode, warn: (problem: Problem) => void): string | undefined {
  const servers = root.get("servers");
  const server = servers?.get("0");
  const url = server?.get("url");
  if (server === undefined || typeof url?.value !== "string") return undefined;
  const filled = url.value.replaceAll(/\{([^}]+)\}/g, (_, name: string) =>
    String(server.get("variables")?.get(name)?.get("default")?.value),
  );
  if (URL.canParse(filled)) return filled;
  warn(url.problem(`${filled} is no absolute URL: createClient will need baseUrl`));
  return undefined;
}
