import { Graph, reshape, type Tensor } from "@pixelvla/core";
import { dinov2Names, openvlaNames, samPromptNames, siglipNames } from "@pixelvla/data/checkpoints";
import { goldenDifferences, openGolden, type GoldenDifference } from "@pixelvla/testing";
import { expect, test } from "vitest";
import {
  dinov2,
  embedMask,
  embedPoints,
  fusedDinoSiglip,
  fusedMlp,
  geluMlp,
  linearProjector,
  maskedMeanEncoder,
  multiscale,
  siglip,
} from "../src/index.ts";

// Tolerances of the issue: outputs to 2e-4, gradients to 1e-3, both relative to the largest value of the tensor.
const OUTPUT = 2e-4;
const GRADIENT = 1e-3;
const folder = new URL("golden/", import.meta.url);

function expectWithin(differences: readonly GoldenDifference[], tolerance: number): void {
  expect(differences.filter((d) => !(d.relative <= tolerance))).toEqual([]);
}

test("openvla's fused vision backbone and projector equal timm's towers and the original projector", async () => {
  const golden = await openGolden(folder, "openvla-vision");
  const config = golden.json.config as {
    image: number;
    patch: number;
    registers: number;
    dino: Record<string, number>;
    siglip: Record<string, number>;
    projector: { hidden: number; output: number };
  };
  const tower = ({ width, depth, heads, mlpWidth }: Record<string, number>) => ({ width, depth, heads, mlpWidth });
  const graph = new Graph();
  const image = graph.input("image", "float32", [2, config.image, config.image, 3]);
  const options = fusedDinoSiglip.options.parse({
    image: config.image,
    patch: config.patch,
    registers: config.registers,
    dino: tower(config.dino),
    siglip: tower(config.siglip),
    taps: [0],
  });
  const { tokens, levels } = graph.within("visionEncoder", () => fusedDinoSiglip.build(graph, image, options));
  const projected = graph.within("projector", () =>
    fusedMlp.build(graph, tokens, fusedMlp.options.parse({ hidden: config.projector.hidden }), config.projector.output),
  );
  const { outputs, gradients } = await goldenDifferences({
    golden,
    graph,
    names: openvlaNames,
    feeds: { image: await golden.read("input.image") },
    outputs: { tokens, projected, level0: flatten(levels[0]!) },
    inputGradients: { image },
  });
  expectWithin(outputs, OUTPUT);
  expectWithin(gradients, GRADIENT);
  expect(gradients.length).toBeGreaterThan(40);
});

test("siglip equals Hugging Face's tower with tanh GELU and final norm", async () => {
  const golden = await openGolden(folder, "siglip-hf");
  const { image: size, patch, width, depth, heads, mlpWidth } = golden.json.config as Record<string, number>;
  const graph = new Graph();
  const image = graph.input("image", "float32", [2, size!, size!, 3]);
  const options = siglip.options.parse({ image: size, patch, width, depth, heads, mlpWidth, taps: [0] });
  const { tokens, levels } = graph.within("visionEncoder", () => siglip.build(graph, image, options));
  const { outputs, gradients } = await goldenDifferences({
    golden,
    graph,
    names: siglipNames,
    feeds: { image: await golden.read("input.image") },
    outputs: { lastHiddenState: tokens, level0: flatten(levels[0]!) },
    inputGradients: { image },
  });
  expectWithin(outputs, OUTPUT);
  expectWithin(gradients, GRADIENT);
  expect(gradients.length).toBeGreaterThan(40);
});

test.each([
  ["at the table's size", "", 3],
  ["with a resampled position table", "small.", 2],
])("dinov2 with registers in Hugging Face's own layout equals transformers' tower %s", async (_, prefix, grid) => {
  const golden = await openGolden(folder, "dinov2-hf");
  const { image: size, patch, registers, width, depth, heads, mlpWidth } = golden.json.config as Record<string, number>;
  const graph = new Graph();
  const side = grid * patch!;
  const image = graph.input("image", "float32", [2, side, side, 3]);
  const sizes = { image: side, patch, registers, width, depth, heads, mlpWidth };
  const naming = { naming: "huggingface", positionGrid: size! / patch! };
  const options = dinov2.options.parse({ ...sizes, ...naming, taps: [0] });
  const { tokens } = graph.within("visionEncoder", () => dinov2.build(graph, image, options));
  const { outputs, gradients } = await goldenDifferences({
    golden,
    graph,
    names: dinov2Names,
    feeds: { image: await golden.read(`${prefix}input.image`) },
    outputs: { tokens },
    inputGradients: { image },
    prefix,
  });
  expectWithin(outputs, OUTPUT);
  expectWithin(gradients, GRADIENT);
  expect(gradients.length).toBeGreaterThan(30);
});

test("sam's sparse and dense prompt embeddings equal the original's, points, boxes and masks mixed and padded", async () => {
  const golden = await openGolden(folder, "sam-prompt");
  const { width, image: size, maskInput, maskChannels } = golden.json.config as Record<string, number>;
  const points = await golden.read("input.points");
  const boxes = await golden.read("input.boxes");
  const labels = [...(await golden.read("input.labels"))];
  const B = boxes.length / 4;
  const n = labels.length / B;
  const fraction = (v: number) => (v + 0.5) / size!;

  /** Points, then for a box its corners, then SAM's own padding point when there is no box. */
  const prompt = (kind: "points" | "boxes" | "mixed") => {
    const coordinates: number[] = [];
    const kinds: bigint[] = [];
    for (let b = 0; b < B; b++) {
      for (let i = 0; kind !== "boxes" && i < n; i++) {
        coordinates.push(fraction(points[(b * n + i) * 2]!), fraction(points[(b * n + i) * 2 + 1]!));
        kinds.push(BigInt(labels[b * n + i]!));
      }
      if (kind === "points") {
        coordinates.push(0, 0);
        kinds.push(-1n);
      } else {
        coordinates.push(...Array.from(boxes.subarray(b * 4, b * 4 + 4), fraction));
        kinds.push(2n, 3n);
      }
    }
    return { coordinates: Float32Array.from(coordinates), labels: BigInt64Array.from(kinds) };
  };

  const graph = new Graph();
  const feeds: Record<string, Float32Array | BigInt64Array> = { masks: await golden.read("input.masks") };
  const sparse = (kind: "points" | "boxes" | "mixed"): Tensor => {
    const made = prompt(kind);
    const count = made.labels.length / B;
    feeds[`${kind}.coordinates`] = made.coordinates;
    feeds[`${kind}.labels`] = made.labels;
    const p = graph.input(`${kind}.coordinates`, "float32", [B, count, 2]);
    const l = graph.input(`${kind}.labels`, "int64", [B, count]);
    return graph.reusing(() => graph.within("promptEncoder", () => embedPoints(graph, p, l, width!)));
  };
  const masks = graph.input("masks", "float32", [B, 1, maskInput!, maskInput!]);
  const outputs = {
    pointsSparse: sparse("points"),
    boxesSparse: sparse("boxes"),
    mixedSparse: sparse("mixed"),
    maskDense: graph.within("promptEncoder", () =>
      embedMask(graph, masks, { width: width!, maskChannels: maskChannels! }),
    ),
  };
  // The golden's gradients also count the no-mask embedding, which our summary token does not use: parameters only.
  const { outputs: differences, gradients } = await goldenDifferences({
    golden,
    graph,
    names: samPromptNames,
    feeds,
    outputs,
    inputGradients: { masks },
  });
  expectWithin(differences, OUTPUT);
  expectWithin(gradients, GRADIENT);
  expect(gradients.length).toBeGreaterThan(10);
});

test("the pixel-aware encoders equal Eq. (3) restated, an empty mask too; the projectors equal theirs", async () => {
  const golden = await openGolden(folder, "pixel-parts");
  const { batch: B, mask: side, hidden, width, tokens: np } = golden.json.config as Record<string, number>;
  const graph = new Graph();
  const level0 = graph.input("level0", "float32", [B!, 6, 6, 5]);
  const level1 = graph.input("level1", "float32", [B!, 3, 3, 7]);
  const mask = graph.input("mask", "float32", [B!, side!, side!]);
  const tokens = graph.input("tokens", "float32", [B!, 4, 9]);
  const levels = { levels: [level0, level1], mask };
  const options = multiscale.options.parse({ levels: 2, width: hidden, tokens: np });
  const part = (name: string, build: () => Tensor) => graph.within(name, build);
  const { outputs, gradients } = await goldenDifferences({
    golden,
    graph,
    // PyTorch's Sequential has a GELU at 1, as we do; PaliGemma's module calls its layer "linear", as we do.
    names: (name) => [name],
    feeds: {
      level0: await golden.read("input.level0"),
      level1: await golden.read("input.level1"),
      mask: await golden.read("input.mask"),
      tokens: await golden.read("input.tokens"),
    },
    outputs: {
      multiscale: part("multiscale", () => multiscale.build(graph, levels, options, width!)),
      maskedMean: part("maskedMean", () => maskedMeanEncoder.build(graph, levels, { tokens: np! }, width!)),
      geluMlp: part("geluMlp", () => geluMlp.build(graph, tokens, geluMlp.options.parse({}), width!)),
      paligemma: part("paligemma", () =>
        linearProjector.build(graph, tokens, linearProjector.options.parse({}), width!),
      ),
    },
    inputGradients: { level0, level1, tokens },
  });
  expectWithin(outputs, OUTPUT);
  expectWithin(gradients, GRADIENT);
  expect([outputs.length, gradients.length]).toEqual([4, 3 + 8 + 4 + 4 + 2]);
});

/** `[B, h, w, D]` -> `[B, h w, D]`. */
function flatten(map: Tensor): Tensor {
  const [b, h, w, d] = map.shape as [number, number, number, number];
  return reshape(map, [b, h * w, d]);
}
