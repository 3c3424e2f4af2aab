import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    coverage: {
      include: ["src/**"],
      // codegen.ts runs in a process of its own, in test/local.
      exclude: ["src/generated/**", "src/codegen.ts"],
      reporter: ["text"],
      thresholds: { lines: 100, branches: 100 },
    },
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"] } },
      {
        plugins: [cloudflareTest({ wrangler: { configPath: "./wrangler.toml" } })],
        test: { name: "worker", include: ["test/worker/**/*.test.ts"] },
      },
      {
        test: {
          name: "package",
          include: ["test/package/**/*.test.ts"],
          globalSetup: "test/package/setup.ts",
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      // What starts processes and listens on ports runs alone.
      { test: { name: "local", include: ["test/local/**/*.test.ts"], testTimeout: 60_000, fileParallelism: false } },
    ],
  },
});
