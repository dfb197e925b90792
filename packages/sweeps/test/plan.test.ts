import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadSweep, planSweep, sweepCost } from "../src/index.ts";
import { RECIPES, smallSweep } from "./sweep-fixture.ts";

const options = { dataset: "demos", threads: 1 };
const training = (recipe: Record<string, unknown>) => recipe["training"] as Record<string, unknown>;

test("a sweep is spelled out as runs and evaluations; a stage that two arms share is trained once", () => {
  const { tasks, cells } = planSweep(smallSweep(), options);
  expect(tasks.filter(({ kind }) => kind === "train").map(({ id, needs }) => [id, ...needs])).toEqual([
    ["openvla.base"],
    ["openvla.ft.s0.1", "openvla.base"],
    ["openvla.ft.s1.1", "openvla.base"],
    ["openvla.ft-cat.s0.1", "openvla.base"],
    ["openvla.ft-cat.s0.2", "openvla.ft-cat.s0.1"],
    ["openvla.ft-cat.s1.1", "openvla.base"],
    ["openvla.ft-cat.s1.2", "openvla.ft-cat.s1.1"],
    ["openvla.pixelvla.s0.2", "openvla.ft-cat.s0.1"], // the same stage 1
    ["openvla.pixelvla.s1.2", "openvla.ft-cat.s1.1"],
  ]);
  expect(cells).toHaveLength(1 + 3 * 2); // the base has no seeds
  const stage2 = tasks.find(({ id }) => id === "openvla.pixelvla.s1.2")!;
  expect(stage2.kind === "train" && training(stage2.config.recipe)).toMatchObject({
    stage: "stage2",
    seed: 1,
    steps: 2,
    pretrain: null,
  });
  expect(stage2.kind === "train" && training(stage2.config.recipe)["trainable"]).toBeUndefined();
});

test("arms are paired: every evaluation plays the same layouts", () => {
  const { tasks } = planSweep(smallSweep(), options);
  const evaluations = tasks.filter((task) => task.kind === "evaluate");
  expect(new Set(evaluations.map(({ firstSeed, variants }) => JSON.stringify([firstSeed, variants]))).size).toBe(1);
  expect(evaluations[0]!.variants).toEqual([
    { name: "base", episodes: 20 },
    { name: "camera-high", episodes: 40 },
    { name: "light-dark", episodes: 40 },
  ]);
});

test("a dry run counts samples and episodes and says what they can show", () => {
  const loaded = smallSweep();
  const cost = sweepCost(loaded.sweep, planSweep(loaded, options));
  expect(cost).toMatchObject({ nEvaluations: 7, nEpisodes: 700 });
  expect(cost.training).toHaveLength(9);
  expect(cost.training[0]).toMatchObject({ id: "openvla.base", steps: 2, samples: 64 });
  expect(cost.columns.map(({ n }) => n)).toEqual([40, 160]);
  expect(cost.columns[0]!.detectable).toBeCloseTo(2 * cost.columns[1]!.detectable, 10);
});

test("names that nothing defines are refused", () => {
  expect(() => planSweep(smallSweep({ compare: "+FTT" }), options)).toThrow(
    /no arm is named "\+FTT", needs one of Baseline/,
  );
});

const shipped = readdirSync(join(RECIPES, "sweeps"));

test.each(shipped)("the shipped sweep %s can be planned, and every stage suits its recipe", (name) => {
  const loaded = loadSweep(join(RECIPES, "sweeps", name));
  expect(`${loaded.sweep.name}.yaml`).toBe(name);
  const plan = planSweep({ ...loaded, sweep: { ...loaded.sweep, seeds: [0] } }, options);
  expect(sweepCost(loaded.sweep, plan).nEpisodes).toBeGreaterThan(0);
});
