import { add, reshape, scatterND } from "@tensorflow/tfjs-core";
import type { Kernel } from "../kernel.ts";
import type { Tensor } from "@tensorflow/tfjs-core";
import { elementCoordinates } from "../index-tensors.ts";

export const scatterElementsKernel: Kernel = {
  operator: "ScatterElements",
  run({ inputs, attributes }) {
    const [data, indices, updates] = inputs as [Tensor, Tensor, Tensor];
    const coordinates = elementCoordinates(indices, data.shape, attributes["axis"] as number);
    const rows = reshape(coordinates, [updates.size, data.rank]);
    return add(data, scatterND(rows, reshape(updates, [updates.size]), data.shape));
  },
};
