import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"] } },
      {
        plugins: [cloudflareTest({ wrangler: { configPath: "./wrangler.toml" } })],
        test: { name: "worker", include: ["test/worker/**/*.test.ts"] },
      },
      // What starts processes and listens on ports runs alone.
      { test: { name: "local", include: ["test/local/**/*.test.ts"], testTimeout: 60_000, fileParallelism: false } },
    ],
  },
});
