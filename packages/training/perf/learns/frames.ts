import { POINT_LABEL } from "@pixelvla/core";
import type { TrainingRecipe } from "../../src/recipe/load-recipe.ts";
import { sampleShape } from "../../src/samples/for-recipe.ts";
import { SampleStore, type Sample } from "../../src/samples/sample-store.ts";

/** `count` frames at equal distances over a dataset's episodes, as a run would see them. */
export async function framesOf(dataset: string, recipe: TrainingRecipe, count: number): Promise<Sample[]> {
  const shape = { ...sampleShape(recipe), usesAnnotations: false };
  const store = await SampleStore.open({ dataset, shape, data: recipe.training.data });
  try {
    const all = store.frames.flatMap((n, episode) =>
      Array.from({ length: n }, (_, frame) => [episode, frame] as const),
    );
    const chosen = Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]!);
    const samples: Sample[] = [];
    for (const [episode, frame] of chosen)
      samples.push(withMiddleMask(await store.sample(episode, frame), recipe.recipe.image));
    return samples;
  } finally {
    await store.close();
  }
}

/** A square in the middle as the object: these frames have no masks, and the pixel parts must not stand idle. */
function withMiddleMask(sample: Sample, { height, width }: { height: number; width: number }): Sample {
  const inside = (at: number, length: number) => at >= 0.4 * length && at < 0.6 * length;
  const mask = Uint8Array.from({ length: height * width }, (_, i) =>
    inside(i % width, width) && inside(Math.floor(i / width), height) ? 1 : 0,
  );
  const at = (x: number, y: number, label: number) => ({ x, y, label });
  const prompts = {
    point: [at(0.5, 0.5, POINT_LABEL.positive)],
    line: [at(0.45, 0.5, POINT_LABEL.positive), at(0.55, 0.5, POINT_LABEL.positive)],
    box: [at(0.4, 0.4, POINT_LABEL.boxTopLeft), at(0.6, 0.6, POINT_LABEL.boxBottomRight)],
  };
  return { ...sample, annotation: { phrase: "object", mask, prompts } };
}

/** Mean L1 over the steps that lie inside their episodes, normalised actions. */
export function meanL1(samples: readonly Sample[], chunks: readonly Float32Array[]): number {
  let sum = 0;
  let count = 0;
  samples.forEach(({ chunk: { actions, weights } }, i) => {
    const width = actions.length / weights.length;
    actions.forEach((value, k) => {
      const weight = weights[Math.floor(k / width)]!;
      sum += weight * Math.abs(value - chunks[i]![k]!);
      count += weight;
    });
  });
  return sum / count;
}

/** The L1 of the best constant chunk: the median of every step and dimension over the samples. */
export function constantL1(samples: readonly Sample[]): number {
  const length = samples[0]!.chunk.actions.length;
  const width = length / samples[0]!.chunk.weights.length;
  const best = Float32Array.from({ length }, (_, k) => {
    const inside = samples.filter(({ chunk }) => chunk.weights[Math.floor(k / width)] === 1);
    const sorted = inside.map(({ chunk }) => chunk.actions[k]!).sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? 0;
  });
  return meanL1(
    samples,
    samples.map(() => best),
  );
}
