import type { Problem } from "./problem.ts";
import type { SpecNode } from "./spec-node.ts";

/** The absolute URLs of the servers, with the defaults of their variables. */
export function compileServers(root: SpecNode, warn: (problem: Problem) => void): string[] {
  return (root.get("servers")?.entries() ?? []).flatMap(([, entry]) => {
    const server = entry.target ?? entry;
    const url = server.get("url");
    if (url === undefined) return [];
    const filled = String(url.value).replaceAll(/\{([^}]+)\}/g, (_, name: string) =>
      String(server.get("variables")?.get(name)?.get("default")?.value),
    );
    if (URL.canParse(filled)) return [filled];
    warn(url.problem(`${filled} is no absolute URL, so it can't be the default of baseUrl`));
    return [];
  });
}
