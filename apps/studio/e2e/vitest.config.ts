import { mergeConfig } from "vitest/config";
import { packageTests } from "../../../vitest.shared.ts";

/** Two stories at a time: each drives its own host and Chromium, and waits for them most of the time. */
export default mergeConfig(packageTests({ testTimeout: 180_000 }), {
  // A browser on two busy cores may miss a time limit once; twice in a row is a fault.
  test: {
    retry: 1,
    globalSetup: ["test/build-app.ts"],
    maxWorkers: 2,
    expect: { poll: { timeout: 20_000 } },
  },
});
