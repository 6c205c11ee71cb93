import { defineConfig } from "vitest/config";

// A busy machine makes a condition come late, not wrong: the test's own limit is the one that counts.
const expect = { poll: { timeout: 15_000 } };

export default defineConfig({
  test: {
    coverage: {
      provider: "v8",
      include: ["client/**/*.ts", "components/**/*.ts", "ops/**/*.ts", "scripts/lib/**/*.ts"],
    },
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: 20_000, expect } },
      { test: { name: "contract", include: ["test/contract/**/*.test.ts"], testTimeout: 120_000 } },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "operations",
          include: ["test/e2e/ops/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "droplet",
          include: ["test/e2e/droplet/*.test.ts"],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "chaos",
          include: ["test/e2e/droplet/chaos/*.test.ts"],
          // It takes long: each fault is told when it is over.
          disableConsoleIntercept: true,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
