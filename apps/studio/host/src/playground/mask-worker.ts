// Worker thread: turns drawn prompts into masks with the embedded segmenter. A cut takes up to a tenth of a second of computing.
import { onnxruntimeEngine } from "@pixelvla/engines";
import { grabcut, type ImageFeatures, type Segmenter } from "@pixelvla/segmenters";
import { serveThread } from "../thread/serve-thread.ts";
import type { MaskMethods, MaskQuestion, MaskReply } from "./mask-thread.ts";

/** Encoded pictures kept: the one that is drawn on and those before. */
const KEPT = 4;

const encoded = new Map<string, ImageFeatures>();
let opening: Promise<Segmenter> | undefined;

function open(): Promise<Segmenter> {
  opening ??= grabcut.open(grabcut.options.parse({}), { engine: onnxruntimeEngine({ provider: "cpu" }) });
  return opening;
}

serveThread({ segment } satisfies MaskMethods);

async function segment({ key, image, prompt }: MaskQuestion): Promise<MaskReply> {
  const segmenter = await open();
  const startMs = performance.now();
  const features = encoded.get(key) ?? (await segmenter.encode(image));
  encoded.delete(key);
  encoded.set(key, features);
  for (const oldest of encoded.keys()) {
    if (encoded.size <= KEPT) break;
    encoded.delete(oldest);
  }
  const encodedMs = performance.now();
  const [best] = await segmenter.segment(features, prompt);
  const { mask, score } = best!;
  return {
    mask,
    score,
    model: `${segmenter.model} ${segmenter.modelVersion}`,
    encodeMs: encodedMs - startMs,
    segmentMs: performance.now() - encodedMs,
  };
}
