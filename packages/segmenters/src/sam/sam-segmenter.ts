import type { Executable } from "@pixelvla/engines";
import type { RgbImage } from "@pixelvla/data";
import { checkPrompt } from "../check-prompt.ts";
import type {
  ImageFeatures,
  MaskCandidate,
  ModelIdentity,
  OpenContext,
  Segmenter,
  SegmentPrompt,
} from "../contracts.ts";
import { foreignFeatures } from "../errors.ts";
import { longestSideFrame, type ImageFrame } from "../image/frame.ts";
import { pixelValues } from "../image/pixel-values.ts";
import { resizeRgb } from "../image/resize-rgb.ts";
import { bindModel, type ModelFolder } from "../model-folder.ts";
import { checkPicture } from "../picture.ts";
import { gridSide, type SamConfig, type SamProcessor } from "./config.ts";
import { fullMask, maskPromptLogits } from "./mask-logits.ts";
import { samDecoderProgram, samEncoderProgram, samNames, type BuiltProgram } from "./programs.ts";
import { promptSlots } from "./prompt-slots.ts";

/** SAM's encoded picture: plain data that survives `structuredClone` and a cache on disk. */
export interface SamFeatures extends ImageFeatures {
  /** Which model and version made it. */
  readonly model: string;
  readonly modelVersion: string;
  /** `[N, C]`, cells row-major. */
  readonly embedding: Float32Array;
}

export interface SamModelOptions {
  /** `auto`: candidates for a single point, else the one mask for unambiguous prompts. */
  readonly candidates: "auto" | "always" | "never";
  /** Logit above which a pixel belongs to the mask. */
  readonly maskThreshold: number;
  /** Pixels of a mask prompt enter as plus or minus this logit. */
  readonly maskLogit: number;
}

/** What a SAM model consists of once its folder is read. */
export interface SamModelParts {
  readonly folder: ModelFolder;
  readonly config: SamConfig;
  readonly processor: SamProcessor;
}

/** The segmenter over an opened folder. Programs compile when they are first needed; weights stay in their files. */
export function samSegmenter(
  { folder, config, processor }: SamModelParts,
  { candidates, maskThreshold, maskLogit }: SamModelOptions,
  { engine, threads }: Pick<OpenContext, "engine" | "threads">,
): Segmenter<SamFeatures> {
  const { model, modelVersion } = folder;
  const side = config.vision_config.image_size;
  const lowSide = 4 * gridSide(config.vision_config);
  const programs = programCache(({ graph, program }) => {
    bindModel(graph, folder, samNames);
    return engine.compile(program, threads === undefined ? {} : { threads });
  });
  const frameOf = (size: { widthPx: number; heightPx: number }) =>
    longestSideFrame(size, processor.size.longest_edge, side);

  return {
    model,
    modelVersion,
    async encode(image, { signal } = {}) {
      checkPicture(image);
      const encoder = await programs.get("encoder", () => samEncoderProgram(config));
      const { imageEmbedding } = await encoder.run(
        { pixelValues: samPixelValues(image, frameOf(image), processor) },
        { transfer: true, ...signalOption(signal) },
      );
      const { widthPx, heightPx } = image;
      return { widthPx, heightPx, model, modelVersion, embedding: imageEmbedding as Float32Array };
    },
    async segment(features, prompt, { signal } = {}) {
      checkFeatures(features, { model, modelVersion });
      const { mask, ...checked } = checkPrompt(prompt, features);
      const frame = frameOf(features);
      const { points, labels, slots } = promptSlots(checked, frame);
      const decoder = await programs.get(`decoder ${slots} ${mask !== undefined}`, () =>
        samDecoderProgram(config, slots, mask !== undefined),
      );
      const { masks, scores } = (await decoder.run(
        {
          imageEmbedding: features.embedding,
          points,
          labels,
          ...(mask === undefined ? {} : { maskLogits: maskPromptLogits(mask, frame, lowSide, maskLogit) }),
        },
        signalOption(signal),
      )) as { masks: Float32Array; scores: Float32Array };
      const chosen = chooseMasks(isAmbiguous(prompt), candidates, scores.length);
      return chosen
        .map((i): MaskCandidate => {
          const data = masks.subarray(i * lowSide ** 2, (i + 1) * lowSide ** 2);
          const score = Math.min(1, Math.max(0, scores[i]!));
          return { mask: fullMask({ width: lowSide, height: lowSide, data }, frame, maskThreshold), score };
        })
        .sort((a, b) => b.score - a.score);
    },
    dispose: () => programs.dispose(),
  };
}

/** A picture as the encoder takes it, `[1, 3, S, S]`: resized, normalised, padded with zeros right and below. */
export function samPixelValues(image: RgbImage, frame: ImageFrame, processor: SamProcessor): Float32Array {
  const resized = resizeRgb(image, frame.contentWidth, frame.contentHeight);
  const { rescale_factor: rescaleFactor, image_mean: mean, image_std: std } = processor;
  return pixelValues(resized, { rescaleFactor, mean, std }, frame.width, frame.height);
}

/** A single point may mean a part, the whole, or something around it. */
function isAmbiguous({ points = [], box, mask }: SegmentPrompt): boolean {
  return points.length === 1 && box === undefined && mask === undefined;
}

/** Output 0 is the mask for unambiguous prompts, the others are candidates. */
function chooseMasks(ambiguous: boolean, candidates: SamModelOptions["candidates"], count: number): number[] {
  const several = candidates === "always" || (candidates === "auto" && ambiguous);
  return several ? Array.from({ length: count - 1 }, (_, i) => i + 1) : [0];
}

function checkFeatures(features: SamFeatures, { model, modelVersion }: ModelIdentity): void {
  if (features.model !== model || features.modelVersion !== modelVersion)
    throw foreignFeatures(`${model} (${modelVersion})`, `features of ${features.model} (${features.modelVersion})`);
}

/** Executables by name, each compiled once. */
function programCache(compile: (built: BuiltProgram) => Promise<Executable>) {
  const executables = new Map<string, Promise<Executable>>();
  return {
    get(name: string, build: () => BuiltProgram): Promise<Executable> {
      let executable = executables.get(name);
      if (executable === undefined) {
        executable = Promise.resolve().then(() => compile(build()));
        executables.set(name, executable);
        executable.catch(() => executables.delete(name));
      }
      return executable;
    },
    async dispose(): Promise<void> {
      const open = [...executables.values()];
      executables.clear();
      for (const executable of open) await (await executable.catch(() => undefined))?.dispose();
    },
  };
}

const signalOption = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { signal });
