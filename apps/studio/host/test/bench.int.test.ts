import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runRollouts } from "@pixelvla/bench";
import type { RolloutEvent } from "@pixelvla/studio-contract";
import { expect, test, vi } from "vitest";
import { makeJob } from "./job.ts";
import { bridgeDebug, bridgeWorkspace, connect, makeWorkspace, startHost } from "./studio.ts";
import { PATIENCE } from "./patience.ts";

type Start = Extract<RolloutEvent, { kind: "start" }>;
type Step = Extract<RolloutEvent, { kind: "step" }>;

/** Where the solids of an owner are at a step, metres: x, y of each. */
function placesOf(start: Start, step: Step, owner: string): [number, number][] {
  const bytes = Uint8Array.from(Buffer.from(step.poses, "base64"));
  const poses = new Float32Array(bytes.buffer);
  return start.geoms.flatMap((geom, i) => (geom.owner === owner ? [[poses[12 * i]!, poses[12 * i + 1]!]] : []));
}

test("a watched rollout waits, steps, lets an object be pushed, and ends with the expert's success", async () => {
  const client = connect(await startHost(makeWorkspace()));
  const events: RolloutEvent[] = [];
  const watchId = "watched-by-a-test";
  client.bench.watch.subscribe(
    {
      watchId,
      player: { kind: "builtin", name: "expert" },
      episode: { embodiment: "widowx", task: "pick", variant: "base", seed: 3 },
      options: { maskSource: "exact" },
      stepMs: 0,
      isPaused: true,
    },
    { onData: (event) => events.push(event as RolloutEvent) },
  );
  const steps = () => events.filter((event): event is Step => event.kind === "step");
  await vi.waitFor(() => expect(steps()).toHaveLength(1), PATIENCE);
  const start = events[0] as Start;
  expect(start.instruction).toMatch(/\w+ \w+/);
  expect(start.objectIds).toContain(start.targetOwner);

  const other = start.objectIds.find((id) => id !== start.targetOwner)!;
  const [[x0, y0]] = placesOf(start, steps()[0]!, other) as [[number, number]];
  await client.bench.control.mutate({ watchId, command: { kind: "push", objectId: other, xM: x0 + 0.02, yM: y0 } });
  await client.bench.control.mutate({ watchId, command: { kind: "step" } });
  await vi.waitFor(() => expect(steps()).toHaveLength(2), PATIENCE);
  const [[x1]] = placesOf(start, steps()[1]!, other) as [[number, number]];
  expect(x1 - x0).toBeCloseTo(0.02, 2);
  expect(steps()[1]!.isPushed).toBe(true);

  await client.bench.control.mutate({ watchId, command: { kind: "release" } });
  await client.bench.control.mutate({ watchId, command: { kind: "play" } });
  await vi.waitFor(() => expect(events.at(-1)!.kind).toBe("end"), PATIENCE);
  expect(events.at(-1)).toMatchObject({ kind: "end", outcome: { success: true, outcome: "success" } });
  expect(steps().map(({ stepIndex }) => stepIndex)).toEqual(steps().map((_, i) => i));
});

test.skipIf(bridgeDebug === undefined)(
  "an evaluation is reported, replayed, led back to training episodes, and found from their dataset",
  async () => {
    const workspace = bridgeWorkspace();
    const run = makeJob(workspace, "policy", {
      config: JSON.stringify({ version: 1, dataset: join(workspace, "datasets", "bridge"), recipe: { name: "tiny" } }),
    });
    const dir = makeJob(workspace, "judged", {
      config: JSON.stringify({
        version: 1,
        policy: { policy: "module.js", options: { run } },
        options: { maskSource: "exact", imageSizePx: 32 },
      }),
    });
    const status = join(dir, "status.json");
    writeFileSync(status, JSON.stringify({ ...(JSON.parse(readFileSync(status, "utf8")) as object), kind: "bench" }));
    const played = await runRollouts({
      policy: { policy: "null" },
      episodes: [4, 5].map((seed) => ({ embodiment: "widowx", task: "put-on", variant: "base", seed })),
      threads: 0,
    });
    const lines = (rows: readonly unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
    writeFileSync(join(dir, "results.jsonl"), `${lines(played.map(({ result }) => result))}{"half":`);
    writeFileSync(join(dir, "episodes.jsonl"), lines(played.map(({ log }) => log)));

    const client = connect(await startHost(workspace));
    const jobs = (await client.runs.list.query({})).rows;
    const runId = jobs.find(({ kind }) => kind === "bench")!.runId;
    const policyRunId = jobs.find(({ kind }) => kind === "train")!.runId;
    const report = await client.bench.evaluation.query({ runId });
    expect(report).toMatchObject({ policy: "policy", policyRunId, options: { imageSizePx: 32 } });
    expect(report.cells).toMatchObject([{ task: "put-on", nEpisodes: 2, success: { share: 0, low: 0 } }]);
    expect(report.episodes.map(({ outcome }) => outcome)).toEqual(["time-out", "time-out"]);

    const events: RolloutEvent[] = [];
    client.bench.replay.subscribe({ runId, line: 1 }, { onData: (event) => events.push(event as RolloutEvent) });
    await vi.waitFor(() => expect(events.at(-1)?.kind).toBe("end"), PATIENCE);
    expect(events.filter(({ kind }) => kind === "step")).toHaveLength(played[1]!.result.nSteps + 1);
    expect((events[1] as Step).maskPng).toBeDefined();

    const similar = await client.bench.similar.query({ runId, line: 0 });
    expect(similar.instruction).toBe(played[0]!.result.instruction);
    expect(similar.nCompared).toBe(50);
    const likenesses = similar.episodes.map(({ likeness }) => likeness);
    expect(likenesses).toEqual(likenesses.toSorted((a, b) => b - a));
    expect(similar.episodes[0]!.task).toMatch(/put .* on/); // the dataset's own "put carrot on plate"

    const { datasetId } = similar.episodes[0]!;
    const uses = await client.bench.uses.query({ datasetId });
    expect(uses).toMatchObject([{ runId: policyRunId, name: "policy", evaluations: [{ runId, name: "judged" }] }]);
  },
);
