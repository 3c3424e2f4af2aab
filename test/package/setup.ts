/** The package is packed and installed once for all tests of this folder. */
import type { TestProject } from "vitest/node";
import { type Packed, pack } from "../support/packed.ts";

declare module "vitest" {
  export interface ProvidedContext {
    packed: Pick<Packed, "project" | "files" | "tarball">;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { remove, ...packed } = await pack();
  project.provide("packed", packed);
  return remove;
}
