import type { RgbImage } from "@pixelvla/data";
import { z } from "zod";
import { checkPrompt } from "../check-prompt.ts";
import { defineSegmenter, type MaskCandidate, type Segmenter, type SegmentPrompt } from "../contracts.ts";
import { resizeAndThreshold, type FloatPlane } from "../image/resize-plane.ts";
import { Sam2Model, type Sam2Features } from "./model.ts";
import { promptTokens } from "./prompts.ts";
import { candidates, maskOf, singleMask } from "./select-mask.ts";
import { planeFromMask, softResize } from "./soft-resize.ts";

/** Logits of background and object pixels of a mask prompt: nearly 0 and 1 after a sigmoid. */
export const MASK_LOGITS = { background: -10, object: 10 } as const;

export const folderOption = z
  .string()
  .min(1)
  .default("facebook/sam2.1-hiera-small")
  .describe("Model folder: a path, or a name below the models folder, as transformers saves it");

/** SAM 2.1 on single pictures. */
export class Sam2Segmenter implements Segmenter<Sam2Features> {
  readonly model: string;
  readonly modelVersion: string;
  readonly #sam2: Sam2Model;

  constructor(sam2: Sam2Model) {
    this.#sam2 = sam2;
    this.model = sam2.folder.model;
    this.modelVersion = sam2.folder.modelVersion;
  }

  /** @throws PVLA_PICTURE */
  encode(image: RgbImage, { signal }: { signal?: AbortSignal } = {}): Promise<Sam2Features> {
    return this.#sam2.encode(image, signal);
  }

  /**
   * Three candidates for a single point or a mask alone, else one.
   * @throws PVLA_SEGMENT_PROMPT, PVLA_FEATURES
   */
  async segment(
    features: Sam2Features,
    prompt: SegmentPrompt,
    options: { signal?: AbortSignal } = {},
  ): Promise<readonly MaskCandidate[]> {
    const { widthPx, heightPx } = features;
    const found = await this.logits(features, prompt, options);
    return [...found]
      .sort((a, b) => b.score - a.score)
      .map(({ logits, score }) => ({
        mask: { widthPx, heightPx, data: resizeAndThreshold(logits, widthPx, heightPx, 0) },
        score,
      }));
  }

  /** What `segment` cuts at zero, in low resolution and in the model's own order. */
  async logits(
    features: Sam2Features,
    prompt: SegmentPrompt,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<readonly { logits: FloatPlane; score: number }[]> {
    const checked = checkPrompt(prompt, features);
    const tokens = promptTokens(checked, this.#sam2.frameOf(features));
    const decoded = await this.#sam2.decode(features, { tokens, mask: this.#maskLogits(checked), signal });
    const chosen = tokens.nPoints <= 1 ? candidates(decoded) : [singleMask(decoded, this.#sam2.config.decoder)];
    const { side, iou } = decoded;
    return chosen.map((token) => ({
      logits: { width: side, height: side, data: maskOf(decoded, token) },
      score: iou[token]!,
    }));
  }

  dispose(): Promise<void> {
    return this.#sam2.dispose();
  }

  #maskLogits({ mask }: SegmentPrompt): Float32Array | undefined {
    if (mask === undefined) return undefined;
    const { imageSize, prompt } = this.#sam2.config;
    const side = (4 * imageSize) / prompt.patchSize;
    return softResize(planeFromMask(mask, MASK_LOGITS.background, MASK_LOGITS.object), side, side).data;
  }
}

/** SAM 2.1 as a promptable segmenter of single pictures. */
export const sam2 = defineSegmenter({
  name: "sam2",
  summary: "SAM 2.1 (tiny to large): masks of single pictures from points, boxes and rough masks.",
  options: z.strictObject({ folder: folderOption }),
  open: async ({ folder }, context) => new Sam2Segmenter(await Sam2Model.open(folder, context)),
});
