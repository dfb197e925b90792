import { mergeConfig } from "vitest/config";
import { packageTests } from "../../../vitest.shared.ts";

/** One browser test at a time: each drives its own host and Chromium, and two cores are shared with whatever they start. */
export default mergeConfig(packageTests({ testTimeout: 90_000 }), {
  test: { globalSetup: ["test/build-app.ts"], fileParallelism: false, hookTimeout: 60_000 },
});
