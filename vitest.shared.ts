import { defineConfig } from "vitest/config";

/** Vitest configuration of every package: workspace imports resolve to TypeScript source, so tests need no build. */
export function packageTests(overrides: { testTimeout?: number; setupFiles?: string[]; include?: string[] } = {}) {
  const conditions = ["@pixelvla/source", "node", "import", "module", "default"];
  return defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      include: ["src/**/*.test.ts", "test/**/*.test.ts"],
      pool: "forks",
      execArgv: ["--conditions=@pixelvla/source"],
      maxWorkers: 2,
      isolate: false, // files share what they import: loading the engines anew for each of 40 files cost a sixth of the time
      // For what hangs, not for what is slow: a suite's workers and all that they start share two cores.
      testTimeout: 300_000,
      hookTimeout: 300_000,
      passWithNoTests: false,
      reporters: ["default", ["json", { outputFile: ".cache/test-results.json" }]],
      ...overrides,
    },
  });
}
