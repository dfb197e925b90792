import { fileURLToPath } from "node:url";

import { expect, test } from "vitest";

import { expertPolicy } from "../policies/builtin.ts";
import type { Policy } from "../policies/policy.ts";
import type { EpisodeKey } from "../tasks/episode-spec.ts";
import { actionsOf, replayEpisode } from "./episode-log.ts";
import { runRollouts } from "./run-rollouts.ts";

const FAULTY = fileURLToPath(new URL("../../test/policies/faulty.mjs", import.meta.url));

const picks = (n: number): EpisodeKey[] =>
  Array.from({ length: n }, (_, seed) => ({ embodiment: "widowx", task: "pick", variant: "base", seed }));

const faulty = (fault: string, seed?: number) => ({
  policy: FAULTY,
  options: { fault, ...(seed === undefined ? {} : { seed }) },
});

test("gives the same states whatever the number of workers, and logs that replay bit for bit", async () => {
  const plan = { policy: { policy: "expert" }, episodes: picks(4) };
  const [here, two] = await Promise.all([runRollouts({ ...plan, threads: 0 }), runRollouts({ ...plan, threads: 2 })]);
  expect(two.map(({ log }) => log)).toEqual(here.map(({ log }) => log));
  expect(here.every(({ result }) => result.success && result.grasped)).toBe(true);
  for (const { log } of here) await replayEpisode(log);
});

test("a changed action is noticed by the replay", async () => {
  const [played] = await runRollouts({ policy: { policy: "expert" }, episodes: picks(1), threads: 0 });
  const actions = actionsOf(played!.log);
  actions[0]! += 1e-6;
  const log = { ...played!.log, actions: Buffer.from(actions.buffer).toString("base64") };
  await expect(replayEpisode(log)).rejects.toMatchObject({ code: "PVLA_BENCH_REPLAY" });
});

test.each([
  ["throw", "policy-error", /network is gone/],
  ["nan", "invalid-action", /NaN at \[0, 1\]/],
  ["shape", "invalid-action", /7 values for a chunk of 2 x 7/],
  ["nothing", "invalid-action", /no Float32Array/],
])("a policy that does %s ends its episode as %s, and the run goes on", async (fault, outcome, message) => {
  const played = await runRollouts({ policy: faulty(fault, 1), episodes: picks(3), threads: 0 });
  expect(played.map(({ result }) => result.outcome)).toEqual(["time-out", outcome, "time-out"]);
  expect(played[1]!.result.fault?.message).toMatch(message);
  expect(played[1]!.result.success).toBe(false);
});

test("actions far out of range are cut off and counted, and the scene survives", async () => {
  const [played] = await runRollouts({ policy: faulty("huge"), episodes: picks(1), threads: 0 });
  expect(played!.result.outcome).toBe("time-out");
  expect(played!.result.nClipped).toBe(7 * played!.result.nSteps);
  await replayEpisode(played!.log);
});

test("a worker that dies costs the episode it played, and another takes its place", async () => {
  const played = await runRollouts({ policy: faulty("exit", 1), episodes: picks(4), threads: 1 });
  expect(played.map(({ result }) => result.outcome)).toEqual(["time-out", "worker-lost", "time-out", "time-out"]);
});

test("a worker that hangs is stopped after the time limit", async () => {
  const played = await runRollouts({ policy: faulty("hang", 0), episodes: picks(2), threads: 1, episodeTimeoutS: 10 }); // an episode under load takes seconds
  expect(played.map(({ result }) => result.outcome)).toEqual(["worker-lost", "time-out"]);
  expect(played[0]!.result.fault?.message).toMatch(/too slow/);
});

test("a live policy of the main thread plays through a worker and sees image, mask and prompt", async () => {
  const seen: { image: number; mask: number; kind: string | undefined; instruction: string }[] = [];
  const policy: Policy = {
    name: "watcher",
    reset: () => undefined,
    act({ image, objectMask, prompt, instruction }) {
      const mask = objectMask?.reduce((sum, value) => sum + value, 0) ?? -1;
      seen.push({ image: image.length, mask, kind: prompt?.kind, instruction });
      return { chunkSize: 8, actions: Float32Array.from({ length: 56 }, (_, i) => (i % 7 === 6 ? 1 : 0)) };
    },
  };
  const [played] = await runRollouts({
    policy,
    episodes: picks(1),
    threads: 1,
    options: { maskSource: "exact", promptKind: "box", executeSteps: 8 },
  });
  expect(played!.result.nQueries).toBe(4);
  expect(seen).toHaveLength(4);
  expect(seen[0]!.image).toBe(3 * 64 * 64);
  expect(seen[0]!.mask).toBeGreaterThan(10);
  expect(seen[0]!.kind).toBe("box");
  expect(seen[0]!.instruction).toMatch(/cube|ball|can|cylinder|block|rod|spoon|bottle/);
});

test("the expert of another thread is refused with a sentence", async () => {
  const [played] = await runRollouts({ policy: expertPolicy(), episodes: picks(1), threads: 1 });
  expect(played!.result.outcome).toBe("policy-error");
});

test("options out of range and unknown names are refused", async () => {
  const plan = { policy: { policy: "expert" }, episodes: picks(1), threads: 0 };
  await expect(runRollouts({ ...plan, threads: -1 })).rejects.toMatchObject({ code: "PVLA_BENCH_OPTION" });
  await expect(runRollouts({ ...plan, options: { executeSteps: 0 } })).rejects.toMatchObject({
    code: "PVLA_BENCH_OPTION",
  });
  await expect(runRollouts({ ...plan, policy: { policy: "expart" } })).rejects.toMatchObject({
    code: "PVLA_BENCH_UNKNOWN_NAME",
  });
  await expect(runRollouts({ ...plan, policy: { policy: "./no.mjs" }, threads: 1 })).rejects.toMatchObject({
    code: "PVLA_BENCH_POLICY_MODULE",
  });
});
