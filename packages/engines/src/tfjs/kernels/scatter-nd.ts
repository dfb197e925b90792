import { add, scatterND, type Tensor } from "@tensorflow/tfjs-core";
import type { Kernel } from "../kernel.ts";

export const scatterNDKernel: Kernel = {
  operator: "ScatterND",
  run({ inputs }) {
    const [data, indices, updates] = inputs as [Tensor, Tensor, Tensor];
    return add(data, scatterND(indices, updates, data.shape));
  },
};
