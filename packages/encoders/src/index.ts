import type { PolicyPlugin } from "@pixelvla/core";
import { maskedMeanEncoder } from "./pixel/masked-mean.ts";
import { multiscale } from "./pixel/multiscale.ts";
import { fusedMlp } from "./projectors/fused-mlp.ts";
import { geluMlp } from "./projectors/gelu-mlp.ts";
import { linearProjector } from "./projectors/linear.ts";
import { samPrompt } from "./prompt/sam.ts";
import { convStem } from "./vision/conv-stem.ts";
import { dinov2 } from "./vision/dinov2.ts";
import { fusedDinoSiglip } from "./vision/fused.ts";
import { siglip } from "./vision/siglip.ts";

/** Every encoder and projector of this package, for `createRegistry`. */
export const builtinEncoders: readonly PolicyPlugin[] = [
  fusedDinoSiglip,
  dinov2,
  siglip,
  convStem,
  fusedMlp,
  geluMlp,
  linearProjector,
  multiscale,
  maskedMeanEncoder,
  samPrompt,
];

export {
  convStem,
  dinov2,
  fusedDinoSiglip,
  fusedMlp,
  geluMlp,
  linearProjector,
  maskedMeanEncoder,
  multiscale,
  samPrompt,
  siglip,
};
export { embedMask, embedPoints, positionFeatures } from "./prompt/sam.ts";
