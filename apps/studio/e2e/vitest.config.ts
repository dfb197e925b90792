import { mergeConfig } from "vitest/config";
import { packageTests } from "../../../vitest.shared.ts";

/** One browser test at a time: each drives its own host and Chromium, and two cores are shared with whatever they start. */
export default mergeConfig(packageTests({ testTimeout: 90_000 }), {
  // A browser on two busy cores may miss a time limit once; twice in a row is a fault.
  test: { retry: 1, globalSetup: ["test/build-app.ts"], maxWorkers: 2, hookTimeout: 60_000 },
});
