import { defineConfig } from "vitest/config";

// Stryker runs each test many times, so tests that open sockets are excluded.
export default defineConfig({
  test: { include: ["test/unit/**/*.test.ts"], exclude: ["test/unit/sockets.test.ts"], unstubGlobals: true },
});
