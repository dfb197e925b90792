import { extractProgram, Random, type ComposedPolicy, type FileRegion } from "@pixelvla/core";
import { onnxruntimeEngine } from "@pixelvla/engines";
import { assembleBatch, batchSpec, builtinRegistry, recipeText } from "@pixelvla/training";
import { GraphPolicy } from "../policy/graph-policy.ts";
import type { GraphSource } from "../policy/open-source.ts";

/** How far exported actions are from the source's, in the dataset's units normalised to [-1, 1]. */
export interface ActionError {
  readonly observations: number;
  readonly mean: number;
  readonly max: number;
}

const INSTRUCTIONS = [
  "pick up the red cube",
  "put carrot on plate",
  "open the middle drawer",
  "move the can near the sponge",
];

/** Compares the exported weights with the source on synthetic observations: smooth random pictures, states and instructions. */
export async function measureActionError(
  source: GraphSource,
  exported: ComposedPolicy,
  written: ReadonlyMap<string, FileRegion>,
  observations: number,
): Promise<ActionError> {
  const { trainingRecipe } = source;
  const { image, stateDim } = trainingRecipe.recipe;
  for (const parameter of exported.graph.parameters.values()) {
    const region = written.get(parameter.name);
    if (region !== undefined) parameter.source = region;
  }
  const program = extractProgram(exported.graph, { chunk: exported.chunk! });
  const executable = await onnxruntimeEngine({ provider: "cpu" }).compile(program);
  const original = await GraphPolicy.open({ ...source, statistics: undefined }, { maxBatch: 1 });
  const text = recipeText(trainingRecipe.recipe, builtinRegistry());
  const spec = batchSpec(trainingRecipe, exported, program);
  let [sum, max, count] = [0, 0, 0];
  try {
    for (let visit = 0; visit < observations; visit++) {
      const random = new Random(`export:${visit}`);
      const picture = smoothPicture(image.width, image.height, random);
      const state = Float32Array.from({ length: stateDim }, () => 2 * random.uniform() - 1);
      const instruction = INSTRUCTIONS[visit % INSTRUCTIONS.length]!;
      const sample = {
        instruction,
        image: picture,
        state,
        chunk: EMPTY,
        annotation: undefined,
        episodeIndex: 0,
        frameIndex: 0,
      };
      const { chunk } = await executable.run(assembleBatch([sample], [visit], spec, text));
      const shown = {
        image: { widthPx: image.width, heightPx: image.height, data: picture },
        state,
        instruction,
        visit,
      };
      const [expected] = await original.predict([shown]);
      expected!.forEach((value, i) => {
        const error = Math.abs(value - (chunk as Float32Array)[i]!);
        sum += error;
        max = Math.max(max, error);
        count++;
      });
    }
  } finally {
    await executable.dispose();
    await original.close();
  }
  return { observations, mean: sum / count, max };
}

const EMPTY = { actions: new Float32Array(), weights: new Float32Array() };

/** `[H, W, 3]`: a few soft blobs of colour. */
function smoothPicture(width: number, height: number, random: Random): Uint8Array {
  const blobs = Array.from({ length: 6 }, () => ({
    x: random.uniform() * width,
    y: random.uniform() * height,
    r: (0.1 + 0.2 * random.uniform()) * width,
    rgb: [random.uniform(), random.uniform(), random.uniform()] as const,
  }));
  return Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    const value = blobs.reduce(
      (s, b) => s + b.rgb[i % 3]! * Math.exp(-((x - b.x) ** 2 + (y - b.y) ** 2) / (2 * b.r ** 2)),
      0.15,
    );
    return Math.min(255, Math.floor(200 * value));
  });
}
