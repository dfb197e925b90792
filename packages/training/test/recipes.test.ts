import { readdirSync, readFileSync } from "node:fs";
import { composePolicy, parseRecipe, sizeOf, type ComposedPolicy, type Recipe } from "@pixelvla/core";
import { randomFeeds, runGraph } from "@pixelvla/testing";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { builtinRegistry } from "../src/recipe/registry.ts";
import { stageOf, type StageName } from "../src/train/stages.ts";

const folder = new URL("../../../recipes/", import.meta.url);
/** Annotation recipes lie in the same folder; they name no policy. */
const names = readdirSync(folder).filter((f) => f.endsWith(".yaml") && !f.startsWith("annotate-"));
const registry = builtinRegistry();
const recipeOf = (name: string): Recipe => parseRecipe(parse(readFileSync(new URL(`${name}.yaml`, folder), "utf8")));
const compose = (name: string, mode: "train" | "predict" = "train", withoutPixelParts = false) =>
  composePolicy(recipeOf(name), registry, { batch: 2, mode, withoutPixelParts });

const count = ({ graph }: ComposedPolicy, matches: (name: string) => boolean = () => true) =>
  [...graph.parameters.values()].reduce((sum, p) => sum + (matches(p.name) ? sizeOf(p.tensor.shape) : 0), 0);
const under = (prefix: string) => (name: string) => name.startsWith(prefix);

test("every paper-size recipe has a tiny twin with the same parts", () => {
  const twins = {
    "openvla-7b": "openvla-tokens-tiny",
    "openvla-oft-7b": "openvla-oft-tiny",
    pi0: "pi0-tiny",
    "pixelvla-openvla-7b": "pixelvla-openvla-tiny",
    "pixelvla-pi0": "pixelvla-pi0-tiny",
  };
  for (const [full, tiny] of Object.entries(twins)) {
    const parts = (r: Recipe) =>
      [r.visionEncoder, r.projector, r.pixelEncoder, r.promptEncoder, r.backbone, r.decoder].map((p) => p?.name);
    expect(parts(recipeOf(tiny)), full).toEqual(parts(recipeOf(full)));
  }
});

describe.each(names)("%s", (file) => {
  const name = file.replace(".yaml", "");

  test("composes for training and prediction, in milliseconds and without reading a weight", () => {
    const started = performance.now();
    const train = compose(name);
    const predict = compose(name, "predict");
    expect(train.loss?.shape).toEqual([]);
    expect(predict.chunk?.shape).toEqual([2, predict.recipe.chunkSize, predict.recipe.actionDim]);
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  test("training and prediction use the same parameters", () => {
    const predict = new Set(compose(name, "predict").graph.parameters.keys());
    expect([...compose(name).graph.parameters.keys()].sort()).toEqual([...predict].sort());
  });
});

describe("parameter counts equal the published ones", () => {
  test("OpenVLA-7B: 7,541,237,184, the unused last ViT blocks, final norms and attention pool included", () => {
    const policy = compose("openvla-7b", "predict");
    const dino = { width: 1024, mlp: 4096 };
    const siglip = { width: 1152, mlp: 4304 };
    const block = ({ width, mlp }: typeof dino, layerScale: boolean) =>
      4 * width * width + 4 * width + 2 * width * mlp + mlp + width + 4 * width + (layerScale ? 2 * width : 0);
    const unused = block(dino, true) + 2 * dino.width + block(siglip, false) + 2 * siglip.width + 15_238_352;
    expect(count(policy) + unused).toBe(7_541_237_184);
    expect(count(policy, under("projector."))).toBe(71_385_600);
  });

  test("LoRA r = 32 on the seven linear kinds: 79,953,920; OFT's head: 151,117,831", () => {
    const policy = compose("openvla-oft-7b");
    expect(count(policy, (n) => n.includes(".lora_"))).toBe(79_953_920);
    expect(count(policy, under("decoder."))).toBe(151_117_831);
  });

  test("pi0: Gemma 2B 2,508,531,712, action expert 311,464,960, SigLIP 412,442,352", () => {
    const policy = compose("pi0", "predict");
    const gemma = count(policy, under("backbone.paligemma.model.language_model."));
    // Inference needs the last layer's keys and values only, but all its parameters exist.
    expect(gemma).toBe(2_508_531_712);
    expect(count(policy, under("backbone.gemma_expert."))).toBe(311_464_960);
    expect(count(policy, under("visionEncoder."))).toBe(412_442_352);
  });

  test("the multiscale pixel-aware encoder's level projections: 4,722,688", () => {
    expect(count(compose("pixelvla-openvla-7b"), under("pixelEncoder.level_proj."))).toBe(4_722_688);
  });
});

describe("what trains in which stage, by name and count", () => {
  const trained = (name: string, stageName: StageName) => {
    const recipe = recipeOf(name);
    const stage = stageOf(recipe, stageName);
    const { graph } = composePolicy(recipe, registry, {
      batch: 2,
      mode: "train",
      withoutPixelParts: stage.withoutPixelParts,
    });
    const chosen = [...graph.parameters.values()].filter((p) => stage.trains(p.name));
    return { names: chosen.map((p) => p.name), size: chosen.reduce((sum, p) => sum + sizeOf(p.tensor.shape), 0) };
  };

  test.each(["pixelvla-openvla-7b", "pixelvla-openvla-tiny"])(
    "stage 1 of %s trains the action decoder alone",
    (name) => {
      const { names: stage1 } = trained(name, "stage1");
      expect(stage1.every((n) => n.startsWith("decoder."))).toBe(true);
    },
  );

  test("stage 1 at full size trains 151,117,831 values", () => {
    expect(trained("pixelvla-openvla-7b", "stage1").size).toBe(151_117_831);
  });

  test.each(["pixelvla-openvla-7b", "pixelvla-pi0", "pixelvla-openvla-tiny", "pixelvla-pi0-tiny"])(
    "stage 2 of %s trains adapters, pixel and prompt encoders and the decoder, never towers, projector or SAM's random matrix",
    (name) => {
      const { names: stage2 } = trained(name, "stage2");
      for (const part of ["pixelEncoder.", "promptEncoder.", "decoder."])
        expect(stage2.some(under(part)), part).toBe(true);
      expect(stage2.some((n) => n.includes(".lora_"))).toBe(true);
      expect(stage2.some((n) => n.startsWith("visionEncoder.") || n.startsWith("projector."))).toBe(false);
      expect(stage2.some((n) => n.endsWith("gaussian_matrix"))).toBe(false);
      const base = stage2.filter((n) => n.startsWith("backbone.") && !n.includes(".lora_"));
      expect(base.every((n) => n.startsWith("backbone.gemma_expert."))).toBe(true);
    },
  );

  /** Tensors and values by part, and those that stay as they are. LoRA at full size: 32 (in + out) over every adapted layer. */
  const gemmaLora = 18 * 32 * (2 * (2048 + 2048) + 2 * (2048 + 256) + 3 * (2048 + 16384));
  test.each([
    [
      "pixelvla-openvla-7b",
      {
        pixelEncoder: [12, 25_702_400],
        promptEncoder: [19, 4_467_532],
        lora: [448, 79_953_920],
        decoder: [16, 151_117_831],
        frozen: [939, 7_366_822_816],
      },
    ],
    [
      "pixelvla-pi0",
      {
        pixelEncoder: [12, 11_018_240],
        promptEncoder: [19, 2_368_332],
        lora: [252, gemmaLora],
        expert: [163, 311_464_960],
        decoder: [10, 3_248_160],
        frozen: [604, 2_923_335_664],
      },
    ],
    [
      "pixelvla-openvla-tiny",
      {
        pixelEncoder: [8, 33_152],
        promptEncoder: [19, 11_468],
        lora: [28, 34_816],
        decoder: [17, 373_511],
        frozen: [87, 938_656],
      },
    ],
    [
      "pixelvla-pi0-tiny",
      {
        pixelEncoder: [8, 33_152],
        promptEncoder: [19, 11_468],
        lora: [42, 47_616],
        expert: [28, 258_720],
        decoder: [10, 30_055],
        frozen: [85, 806_176],
      },
    ],
  ])("stage 2 of %s: so many tensors and values of every part train, all others are frozen", (name, expected) => {
    const stage = stageOf(recipeOf(name), "stage2");
    const counts: Record<string, [number, number]> = {};
    for (const p of compose(name).graph.parameters.values()) {
      const part = !stage.trains(p.name)
        ? "frozen"
        : p.name.includes(".lora_")
          ? "lora"
          : p.name.startsWith("backbone.gemma_expert.")
            ? "expert"
            : p.name.split(".")[0]!;
      const [tensors, values] = counts[part] ?? [0, 0];
      counts[part] = [tensors + 1, values + sizeOf(p.tensor.shape)];
    }
    expect(counts).toEqual(expected);
  });

  test("stage 1 is refused for pi0, whose expert comes pre-trained", () => {
    expect(() => stageOf(recipeOf("pixelvla-pi0"), "stage1")).toThrow(/flow-matching|expert/);
  });
});

test.each(["pixelvla-openvla-tiny", "pixelvla-pi0-tiny"])(
  "%s without its pixel parts asks for no mask and no prompt",
  (name) => {
    const { graph, placeholders } = compose(name, "predict", true);
    expect([...graph.inputs.keys()].some((n) => n === "objectMask" || n.startsWith("prompt"))).toBe(false);
    expect(placeholders).toEqual({ annotations: 0, visualPrompts: 0 });
    expect(
      [...graph.parameters.keys()].some((n) => n.startsWith("pixelEncoder.") || n.startsWith("promptEncoder.")),
    ).toBe(false);
  },
);

test.each([
  ["pixelvla-openvla-tiny", "openvla-tiny"],
  ["pixelvla-pi0-tiny", "pi0-tiny"],
])("%s without its pixel parts predicts exactly what %s does", async (pixel, base) => {
  // Equal weights by name; a fresh adapter adds nothing. The prompt's places are as many in both.
  const recipe = recipeOf(base);
  const plain = { ...recipe, text: { ...recipe.text, maxTokens: recipeOf(pixel).text.maxTokens } };
  const dropped = compose(pixel, "predict", true);
  const of = composePolicy(plain, registry, { batch: 2, mode: "predict" });
  const image = Float32Array.from({ length: 2 * 64 * 64 * 3 }, (_, i) => 0.5 + 0.4 * Math.sin(i / 9));
  const feeds = randomFeeds(of.graph, { image, tokenValid: new Float32Array(2 * plain.text.maxTokens).fill(1) });
  expect([...dropped.graph.inputs.keys()].sort()).toEqual([...of.graph.inputs.keys()].sort());
  const { chunk } = await runGraph(dropped.graph, { chunk: dropped.chunk! }, feeds);
  expect(chunk).toEqual((await runGraph(of.graph, { chunk: of.chunk! }, feeds))["chunk"]);
});

test("an impossible swap is refused in one sentence that names both parts", () => {
  const recipe = recipeOf("openvla-tiny");
  expect(() =>
    composePolicy({ ...recipe, visionEncoder: { name: "conv-stem", options: { image: 32 } } }, registry, {
      batch: 1,
      mode: "train",
    }),
  ).toThrow(/vision encoder "conv-stem" reads 32 x 32 px and the recipe's image is 64 x 64 px/);
  expect(() =>
    composePolicy(
      { ...recipe, decoder: { name: "action-tokens", options: {} }, backbone: { ...recipeOf("pi0-tiny").backbone } },
      registry,
      { batch: 1, mode: "train" },
    ),
  ).toThrow(/action-tokens.*without action tokens in its vocabulary/);
});
