/** Finds the operation of a request. */
import type { Contract, Operation } from "./contract.ts";

export interface Route {
  readonly name: string;
  readonly operation: Operation;
  readonly pattern: RegExp;
}

/** Operations match below the path of each server, too. Concrete paths take precedence over templated ones. */
export function findRoutes({ operations, servers }: Contract): Route[] {
  const prefixes = servers.map((server) => new URL(server, "https://localhost").pathname.replace(/\/+$/, ""));
  const prefix = `(${["", ...prefixes].map(escapeRegExp).join("|")})`;
  const rank = (name: string) => `${name.replaceAll(/\{[^}]*\}/g, "\uffff")}\uffff`;
  return Object.entries(operations)
    .sort(([a], [b]) => (rank(a) < rank(b) ? -1 : 1))
    .map(([name, operation]) => {
      const [method, path = ""] = name.split(/ (.*)/s);
      const parts = path.split(/\{[^}]*\}/).map((part) => escapeRegExp(normalize(part)));
      return { name, operation, pattern: new RegExp(`^${method} ${prefix}${parts.join("[^/]+")}$`) };
    });
}

/** Writers differ in which characters of a path they percent-encode. */
export function normalize(path: string): string {
  return path.split("/").map(encodeAgain).join("/");
}

function encodeAgain(segment: string): string {
  try {
    return encodeURIComponent(decodeURIComponent(segment));
  } catch {
    return segment; // not UTF-8
  }
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Removes parameters: `application/json; charset=utf-8` becomes `application/json`. */
export function essenceOf(mediaType = ""): string {
  return mediaType.replace(/;.*/s, "").trim().toLowerCase();
}
