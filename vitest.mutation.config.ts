import { defineConfig } from "vitest/config";

// Stryker runs each test many times over, so the ones that start processes or servers stay out, and those that read files.
export default defineConfig({
  test: { include: ["test/unit/**/*.test.ts"], exclude: ["test/unit/{sockets,errors-doc}.test.ts"] },
});
