import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { createEmulator, VENDOR_CREDENTIALS } from "./src/emulator.ts";

const emulator = createEmulator();

/** In ms. They catch tests that hang: on a busy machine a test may take ten times as long as on an idle one. */
const limits = { testTimeout: 120_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    maxWorkers: "100%", // tests that start processes mostly wait
    coverage: {
      include: ["src/**"],
      exclude: ["src/generated/**"],
      reporter: ["text"],
      thresholds: { lines: 100, branches: 100 },
    },
    projects: [
      // All files of a worker process share modules: importing them for each file took half of the time.
      { test: { ...limits, name: "unit", include: ["test/unit/**/*.test.ts"], isolate: false, unstubGlobals: true } },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              // An outbox may retry between two files, when no emulator is installed. Nothing may leave the machine.
              outboundService: (request) =>
                request.url.startsWith("https://emulator.example/")
                  ? emulator.fetch(request)
                  : new Response(null, { status: 503 }),
              bindings: {
                ENGAGELAB_API_KEY: VENDOR_CREDENTIALS.apiKey,
                ENGAGELAB_API_SECRET: VENDOR_CREDENTIALS.apiSecret,
                ENGAGELAB_BASE_URL: "https://ma-api.engagelab.com",
                GATEWAY_TOKENS: "crm:token-of-the-crm, app:token-of-the-app, crm:next-token",
                OPERATOR_TOKENS: "ops:token-of-the-operator",
                PAGE_TOKEN_KEY: "the-key-that-signs-tokens-for-pages",
              },
            },
          }),
        ],
        test: { ...limits, name: "worker", include: ["test/worker/*.test.ts"] },
      },
      // Pure functions of the gateway: Node runs them faster.
      { test: { ...limits, name: "worker-pure", include: ["test/worker/pure/*.test.ts"] } },
      {
        test: {
          ...limits,
          name: "package",
          include: ["test/package/**/*.test.ts"],
          globalSetup: "test/package/setup.ts",
        },
      },
      { test: { ...limits, name: "e2e", include: ["test/e2e/**/*.test.ts"] } },
    ],
  },
});
