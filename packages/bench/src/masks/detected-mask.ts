import { onnxruntimeEngine } from "@pixelvla/engines";
import { colourShape, type ObjectDetector } from "@pixelvla/segmenters";

import type { Frame } from "../render/renderer.ts";

let opened: Promise<ObjectDetector> | undefined;

/** The annotator's embedded detector, one a thread, opened when first asked. */
function detector(): Promise<ObjectDetector> {
  return (opened ??= colourShape.open(colourShape.options.parse({}), {
    engine: onnxruntimeEngine({ provider: "cpu" }),
    threads: 1,
  }));
}

/** What the annotator's embedded detector finds for a phrase, `[H, W]` in {0, 1}; empty where it finds nothing. */
export async function detectedMask({ image, sizePx }: Frame, phrase: string): Promise<Uint8Array> {
  const found = await (await detector()).detect({ widthPx: sizePx, heightPx: sizePx, data: image }, [phrase]);
  return found[0]?.mask?.data ?? new Uint8Array(sizePx * sizePx);
}
