import type { PolicyPlugin } from "@pixelvla/core";
import { multiscale } from "./pixel/multiscale.ts";
import { fusedMlp } from "./projectors/fused-mlp.ts";
import { geluMlp } from "./projectors/gelu-mlp.ts";
import { linearProjector } from "./projectors/linear.ts";
import { fusedDinoSiglip } from "./vision/fused.ts";

/** Every encoder and projector of this package, for `createRegistry`. */
export const builtinEncoders: readonly PolicyPlugin[] = [
  fusedDinoSiglip,
  fusedMlp,
  geluMlp,
  linearProjector,
  multiscale,
];

export { fusedDinoSiglip, fusedMlp, geluMlp, linearProjector, multiscale };
