import { describe, expect, test } from "vitest";

import { nullPolicy, randomPolicy, expertPolicy } from "../policies/builtin.ts";
import { ROLLOUT_DEFAULTS, runEpisode } from "../rollout/run-episode.ts";
import { TASKS } from "../tasks/task.ts";

const options = { ...ROLLOUT_DEFAULTS, executeSteps: 1, end: "settled" as const };

describe.each(["widowx", "google-robot"] as const)("%s", (embodiment) => {
  test.each(TASKS)("the expert does %s, and repeats itself exactly", async (task) => {
    const key = { embodiment, task, variant: "base", seed: 2 };
    const [first, second] = [
      await runEpisode(expertPolicy(), key, options),
      await runEpisode(expertPolicy(), key, options),
    ];
    expect(first.result.outcome).toBe("success");
    expect(first.result.nClipped).toBe(0);
    expect(second.log.stateHash).toBe(first.log.stateHash);
  });
});

test("floors achieve nothing on tasks that need a grasp", async () => {
  for (const policy of [nullPolicy(), randomPolicy()])
    for (const task of ["pick", "stack"] as const) {
      const { result } = await runEpisode(policy, { embodiment: "widowx", task, variant: "base", seed: 2 }, options);
      expect(result.success).toBe(false);
    }
});

test("the target of moved-target moves, and the expert follows", async () => {
  const { result } = await runEpisode(
    expertPolicy(),
    { embodiment: "widowx", task: "pick", variant: "moved-target", seed: 4 },
    options,
  );
  expect(result.outcome).toBe("success");
});
