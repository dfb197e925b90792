import type { VisionPlugin } from "./contracts.ts";
import { colourShape, colourTracker, grabcut } from "./embedded/plugins.ts";
import { groundingDino } from "./grounding-dino/plugin.ts";
import { onnxDetector, onnxSegmenter } from "./onnx-files/plugins.ts";
import { onnxTracker } from "./onnx-files/tracker-plugin.ts";
import { sam } from "./sam/sam.ts";
import { sam2 } from "./sam2/segmenter.ts";
import { sam2Video } from "./sam2/video/tracker.ts";

/** Every vision model of this package, for `createVisionRegistry`. One line a plugin. */
export const builtinSegmenters: readonly VisionPlugin[] = [
  colourShape,
  grabcut,
  colourTracker,
  sam,
  sam2,
  sam2Video,
  groundingDino,
  onnxSegmenter,
  onnxDetector,
  onnxTracker,
];
