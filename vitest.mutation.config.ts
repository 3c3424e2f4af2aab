import { defineConfig } from "vitest/config";

// Stryker runs each test many times, so those that open sockets are left out.
export default defineConfig({
  test: { include: ["test/unit/**/*.test.ts"], exclude: ["test/unit/sockets.test.ts"], unstubGlobals: true },
});
