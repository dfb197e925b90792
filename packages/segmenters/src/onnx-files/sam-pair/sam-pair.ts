import type { FileTensor } from "@pixelvla/engines";
import type { ImageFeatures, MaskCandidate, SegmentPrompt, Segmenter } from "../../contracts.ts";
import { foreignFeatures } from "../../errors.ts";
import { longestSideFrame } from "../../image/frame.ts";
import { checkPicture } from "../../picture.ts";
import { checkPrompt } from "../../check-prompt.ts";
import { unknownSignature } from "../errors.ts";
import type { ModelFile } from "../model-file.ts";
import { decoderForm, DECODER_FORMS } from "./decoders.ts";
import { encoderForm, ENCODER_FORMS } from "./encoders.ts";

/** What an encoder file gave for a picture, by the names of its outputs. */
interface PairFeatures extends ImageFeatures {
  readonly embeddings: Readonly<Record<string, FileTensor>>;
}

/**
 * SAM or MobileSAM from an encoder and a decoder file. Which export family they are of is read from the names and shapes they
 * declare; the encoder's outputs must be the inputs the decoder still needs.
 *
 * @throws PVLA_ONNX_SIGNATURE
 */
export function samPair(encoder: ModelFile, decoder: ModelFile): Segmenter {
  const pictures = encoderForm(encoder.onnx);
  if (pictures === undefined) throw unknownSignature(encoder.onnx.path, "SAM's encoder", encoder.onnx, [ENCODER_FORMS]);
  const prompts = decoderForm(decoder.onnx);
  const needed = decoder.onnx.inputs.map(({ name }) => name);
  const given = encoder.onnx.outputs.map(({ name }) => name);
  if (prompts === undefined || !given.every((name) => needed.includes(name)))
    throw unknownSignature(decoder.onnx.path, `SAM's decoder to ${encoder.onnx.path}`, decoder.onnx, [DECODER_FORMS]);
  const model = `${encoder.model} + ${decoder.model}`;
  const frameOf = (size: { widthPx: number; heightPx: number }) => longestSideFrame(size, pictures.sidePx);
  return {
    model,
    modelVersion: `${encoder.modelVersion} + ${decoder.modelVersion}`,
    async encode(image, { signal } = {}): Promise<PairFeatures> {
      checkPicture(image);
      const { widthPx, heightPx } = image;
      const feeds = { [pictures.input]: pictures.feed(image, frameOf(image)) };
      return { widthPx, heightPx, embeddings: await encoder.onnx.run(feeds, signal === undefined ? {} : { signal }) };
    },
    async segment(features: ImageFeatures, prompt: SegmentPrompt, { signal } = {}): Promise<MaskCandidate[]> {
      if (!("embeddings" in features)) throw foreignFeatures(model, "features of another model");
      const frame = frameOf(features);
      const feeds = {
        ...(features as PairFeatures).embeddings,
        ...prompts.feeds(checkPrompt(prompt, features), frame),
      };
      const outputs = await decoder.onnx.run(feeds, signal === undefined ? {} : { signal });
      const masks = prompts
        .answer(outputs, frame)
        .map(({ mask, score }) => ({ mask, score: Math.min(1, Math.max(0, score)) }));
      return (masks.length === 4 ? ofFour(masks, prompt) : masks).sort((a, b) => b.score - a.score);
    },
    async dispose() {
      await Promise.all([encoder.onnx.dispose(), decoder.onnx.dispose()]);
    },
  };
}

/** SAM's first mask is for prompts that leave no doubt, the three others for a single point. */
function ofFour(masks: MaskCandidate[], { points = [], box, mask }: SegmentPrompt): MaskCandidate[] {
  const isAmbiguous = points.length === 1 && box === undefined && mask === undefined;
  return isAmbiguous ? masks.slice(1) : masks.slice(0, 1);
}
