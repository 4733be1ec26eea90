import { existsSync } from "node:fs";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** Unit tests of packages and rooms that run in Node; end-to-end tests have a project of their own. */
const NODE_TESTS = [
  "packages/*/test/**/*.test.ts",
  "local/*/test/**/*.test.ts",
  "dashboard/test/**/*.test.ts",
  "workers/*/sdk-test/**/*.test.ts",
  "tests/unit/**/*.test.ts",
];

const WORKERD_DATE = "2026-10-01";

const workers = [
  { name: "ingest", configPath: "./wrangler.toml" },
  { name: "generator", configPath: "./workers/generator/wrangler.toml" },
].filter((worker) => existsSync(worker.configPath));

export default defineConfig({
  test: {
    projects: [
      ...workers.map(({ name, configPath }) => ({
        plugins: [cloudflareTest({ wrangler: { configPath } })],
        test: {
          name,
          include: [`workers/${name}/test/**/*.test.ts`],
          testTimeout: 30_000,
          // Tests inside workerd do not see this process's environment.
          provide: { fuzzRuns: Number(process.env["FUZZ_RUNS"] ?? 0) },
        },
      })),
      {
        // The engine's own tests once more, where it has to run without Node.
        plugins: [
          cloudflareTest({
            miniflare: {
              compatibilityDate: WORKERD_DATE,
              modulesRules: [{ type: "CompiledWasm", include: ["**/*.wasm"] }],
            },
          }),
        ],
        resolve: { alias: [{ find: /^\.\/modules\.ts$/, replacement: "./modules.workerd.ts" }] },
        test: {
          name: "sdf-workerd",
          include: ["packages/sdf/test/engine/**/*.test.ts"],
          testTimeout: 30_000,
        },
      },
      { test: { name: "node", include: NODE_TESTS, testTimeout: 30_000 } },
      {
        test: {
          name: "e2e",
          include: ["tests/e2e/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
