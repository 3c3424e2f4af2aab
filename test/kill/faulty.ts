/** Gateways with one fault, to show that the kill test notices. Each is a worker entry that wraps the real one. */
import { join } from "node:path";

const entry = (name: string): string => join(import.meta.dirname, "faulty", `${name}.ts`);

export const FAULTY: Readonly<Record<string, string>> = {
  "answers before the update is stored": entry("answers-early"),
  "loses updates that arrive during a request": entry("lost-update"),
  "has two objects for one EUID": entry("two-objects"),
};
