import { encodePrompt } from "@pixelvla/backbones";
import { POINT_LABEL, POLICY_INPUT, Random, TARGET_WORDS, type HostArray, type Recipe } from "@pixelvla/core";
import type { RecipeText } from "../recipe/tokenizer.ts";
import { augmentImage, type AugmentOptions } from "./augment-image.ts";
import { bytesToUnit, type ImageFit } from "./fit-image.ts";
import type { Sample } from "./sample-store.ts";
import { drawPrompt, type PromptOptions, type VisitPrompt } from "./visual-prompts.ts";

/** What a batch is made for. */
export interface BatchSpec {
  readonly text: Recipe["text"];
  readonly placeholders: { readonly annotations: number; readonly visualPrompts: number };
  /** Inputs of the compiled program: element count of one sample by name. */
  readonly inputs: Readonly<Record<string, number>>;
  readonly seed: number;
  readonly image: ImageFit;
  readonly prompts: PromptOptions;
  /** Random changes of the pictures' look, in training only. */
  readonly augment: AugmentOptions | null;
}

/**
 * Assembles feeds for `samples`. `visits` numbers each sample's visit over the whole run: noise and time of flow matching
 * are drawn from it, so a resumed run draws the same.
 */
export function assembleBatch(
  samples: readonly Sample[],
  visits: readonly number[],
  spec: BatchSpec,
  { tokenizer, special }: RecipeText,
): Record<string, HostArray> {
  const feeds: Record<string, HostArray> = {};
  const floats = (name: string): Float32Array | undefined => {
    const count = spec.inputs[name];
    return count === undefined ? undefined : (feeds[name] = new Float32Array(count * samples.length));
  };
  const image = floats(POLICY_INPUT.image);
  const state = floats(POLICY_INPUT.state);
  const actions = floats(POLICY_INPUT.actions);
  const weights = floats(POLICY_INPUT.actionWeights);
  const tokenValid = floats(POLICY_INPUT.tokenValid);
  const noise = floats(POLICY_INPUT.noise);
  const time = floats(POLICY_INPUT.time);
  const tokens = new BigInt64Array(spec.text.maxTokens * samples.length);
  if (spec.inputs[POLICY_INPUT.tokens] !== undefined) feeds[POLICY_INPUT.tokens] = tokens;

  const waypoint = floats(POLICY_INPUT.waypointState);
  const targetMask = floats(POLICY_INPUT.targetMask);
  const targetWords = new BigInt64Array(TARGET_WORDS * samples.length).fill(-1n);
  if (spec.inputs[POLICY_INPUT.targetWords] !== undefined) feeds[POLICY_INPUT.targetWords] = targetWords;

  const promptFeeds = promptWriter(feeds, spec, samples.length);

  samples.forEach((sample, i) => {
    if (image !== undefined) {
      const { length } = sample.image;
      bytesToUnit(sample.image, image, i * length);
      const { seed, augment } = spec;
      if (augment !== null) {
        const random = new Random(`${seed}:image:${visits[i]!}`);
        augmentImage(image.subarray(i * length, (i + 1) * length), spec.image, augment, random);
      }
    }
    if (sample.waypoint !== undefined) waypoint?.set(sample.waypoint, i * sample.waypoint.length);
    state?.set(sample.state, i * sample.state.length);
    actions?.set(sample.chunk.actions, i * sample.chunk.actions.length);
    weights?.set(sample.chunk.weights, i * sample.chunk.weights.length);
    if (sample.target !== undefined) {
      targetMask?.set(sample.target.mask, i * sample.target.mask.length);
      const words = tokenizer.encode(sample.target.phrase).slice(0, TARGET_WORDS);
      targetWords.set(words.map(BigInt), i * TARGET_WORDS);
    }
    const prompt = drawPrompt(
      sample.annotation,
      spec.prompts,
      spec.image,
      new Random(`${spec.seed}:prompt:${visits[i]!}`),
    );
    if (prompt !== undefined) promptFeeds.set(i, prompt);
    const { ids, valid } = encodePrompt(tokenizer, special, spec.text, {
      instruction: sample.instruction,
      placeholders: prompt === undefined ? PLAIN : spec.placeholders,
    });
    tokens.set(ids, i * ids.length);
    tokenValid?.set(valid, i * valid.length);
    if (noise === undefined && time === undefined) return;
    const random = new Random(`${spec.seed}:noise:${visits[i]!}`);
    const nTimes = spec.inputs[POLICY_INPUT.time] ?? 0;
    for (let k = 0; k < nTimes; k++) time![i * nTimes + k] = flowTime(random);
    const nNoise = spec.inputs[POLICY_INPUT.noise] ?? 0;
    for (let k = 0; k < nNoise; k++) noise![i * nNoise + k] = random.normal();
  });
  return feeds;
}

/** Placeholder counts of the plain template: what a sample without mask and prompt gets. */
const PLAIN = { annotations: 0, visualPrompts: 0 } as const;

/** Makes the feeds of masks and prompts, empty, and returns what fills those of one sample. */
function promptWriter(feeds: Record<string, HostArray>, { inputs, image }: BatchSpec, count: number) {
  const nPixels = image.height * image.width;
  const floats = (name: string) =>
    inputs[name] === undefined ? undefined : (feeds[name] = new Float32Array(inputs[name] * count));
  const objectMask = floats(POLICY_INPUT.objectMask);
  const promptMask = floats(POLICY_INPUT.promptMask);
  const points = floats(POLICY_INPUT.promptPoints);
  const nPoints = inputs[POLICY_INPUT.promptLabels] ?? 0;
  const labels = new BigInt64Array(nPoints * count).fill(BigInt(POINT_LABEL.padding));
  if (nPoints > 0) feeds[POLICY_INPUT.promptLabels] = labels;
  return {
    set(sample: number, prompt: VisitPrompt): void {
      objectMask?.set(prompt.mask, sample * nPixels);
      if (prompt.isMaskPrompt) promptMask?.set(prompt.mask, sample * nPixels);
      prompt.points.slice(0, nPoints).forEach(({ x, y, label }, k) => {
        points?.set([x, y], 2 * (sample * nPoints + k));
        labels[sample * nPoints + k] = BigInt(label);
      });
    },
  };
}

/** Beta(1.5, 1) in [0.001, 1): openpi's distribution of the flow time. */
const flowTime = (random: Random): number => random.uniform() ** (1 / 1.5) * 0.999 + 0.001;
