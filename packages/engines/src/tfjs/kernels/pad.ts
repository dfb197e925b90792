import { pad } from "@tensorflow/tfjs-core";
import type { Kernel } from "../kernel.ts";

export const padKernel: Kernel = {
  operator: "Pad",
  run({ inputs, attributes }) {
    const after = attributes["after"] as number[];
    return pad(
      inputs[0]!,
      (attributes["before"] as number[]).map((before, axis): [number, number] => [before, after[axis]!]),
    );
  },
};
