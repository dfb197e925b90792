import fc from "fast-check";
import { expect, test } from "vitest";
import type { Dataset, Episode } from "../episode.ts";
import { createMixture, mixtureStateSchema, type MixtureSampler } from "./mixture-sampler.ts";
import { permutation } from "./permutation.ts";

test("a permutation visits every number once", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), fc.integer(), (n, key) => {
      const permute = permutation(n, key);
      expect(new Set(Array.from({ length: n }, (_, i) => permute(i))).size).toBe(n);
    }),
    { numRuns: 30 },
  );
});

test("permutations of different keys differ", () => {
  const order = (key: number) => Array.from({ length: 50 }, (_, i) => permutation(50, key)(i)).join();
  expect(new Set([0, 1, 2, 3].map(order)).size).toBe(4);
});

/** Episode i of a made dataset has `frames(i)` frames; episode 2 is damaged. */
function made(name: string, nEpisodes: number, frames: (i: number) => number): Dataset & { peak: number } {
  const loaded = { peak: 0 };
  const dataset = {
    info: { name, nFrames: Array.from({ length: nEpisodes }, (_, i) => frames(i)).reduce((a, b) => a + b, 0) },
    episodeIndices: Int32Array.from({ length: nEpisodes }, (_, i) => i),
    tryEpisode: (i: number) => {
      loaded.peak++;
      const episode = { episodeIndex: i, nFrames: frames(i), task: i === 1 ? "" : `task ${i}` } as Episode;
      return Promise.resolve(i === 2 ? undefined : episode);
    },
  };
  return Object.assign(dataset as unknown as Dataset, loaded);
}

const draw = async (sampler: MixtureSampler, n: number) => {
  const names: string[] = [];
  for (let i = 0; i < n; i++) {
    const { datasetIndex, episode, frameIndex, epoch } = await sampler.next();
    names.push(`${datasetIndex}/${epoch}/${episode.episodeIndex}/${frameIndex}`);
  }
  return names;
};

test("an epoch has every frame of every usable episode once", async () => {
  const dataset = made("a", 11, (i) => i); // episode 0 is empty, 1 has no task, 2 is damaged
  const sampler = await createMixture([{ dataset, weight: 1 }], { seed: 5, windowEpisodes: 3 });
  const total = 55 - 1 - 2;
  const first = await draw(sampler, total);
  expect(new Set(first).size).toBe(total);
  expect(first.every((name) => name.startsWith("0/0/"))).toBe(true);
  const second = await draw(sampler, total);
  expect(new Set(second).size).toBe(total);
  expect(second.every((name) => name.startsWith("0/1/"))).toBe(true);
  expect(second.map((name) => name.slice(4))).not.toEqual(first.map((name) => name.slice(4)));
});

test("a mixture resumed from its state at any point draws what the first would have drawn", async () => {
  const sources = () => [
    { dataset: made("a", 9, (i) => 3 + i), weight: 1 },
    { dataset: made("b", 5, () => 7), weight: 2 },
  ];
  const whole = await draw(await createMixture(sources(), { seed: 1, windowEpisodes: 2 }), 200);
  for (const cut of [0, 1, 17, 64, 130]) {
    const before = await createMixture(sources(), { seed: 1, windowEpisodes: 2 });
    const head = await draw(before, cut);
    const state = mixtureStateSchema.parse(JSON.parse(JSON.stringify(before.state())));
    const after = await createMixture(sources(), { seed: 1, windowEpisodes: 2, state });
    expect([...head, ...(await draw(after, 200 - cut))]).toEqual(whole);
  }
});

test("datasets come in proportion to weight times frames, or to weight alone", async () => {
  const sources = [
    { dataset: made("a", 20, () => 10), weight: 1 },
    { dataset: made("b", 20, () => 30), weight: 1 },
  ];
  const byFrames = await createMixture(sources, { seed: 2 });
  expect(byFrames.probabilities).toEqual([0.25, 0.75]);
  const drawn = await draw(byFrames, 4000);
  expect(drawn.filter((name) => name.startsWith("1")).length / 4000).toBeCloseTo(0.75, 1);
  expect((await createMixture(sources, { seed: 2, weightBy: "datasets" })).probabilities).toEqual([0.5, 0.5]);
});

test("a state of another mixture is refused", async () => {
  const one = await createMixture([{ dataset: made("a", 4, () => 3), weight: 1 }], { seed: 1 });
  const other = createMixture([{ dataset: made("b", 4, () => 3), weight: 1 }], { seed: 1, state: one.state() });
  await expect(other).rejects.toMatchObject({ code: "PVLA_DATA_MIXTURE" });
});

test("a dataset without any usable frame says so instead of searching for ever", async () => {
  const sampler = await createMixture([{ dataset: made("a", 3, () => 0), weight: 1, nFrames: 1 }], { seed: 1 });
  await expect(sampler.next()).rejects.toMatchObject({ code: "PVLA_DATA_EMPTY" });
});
