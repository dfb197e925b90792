import { where, type Tensor } from "@tensorflow/tfjs-core";
import type { Kernel } from "../kernel.ts";

export const whereKernel: Kernel = {
  operator: "Where",
  run({ inputs }) {
    const [condition, a, b] = inputs as [Tensor, Tensor, Tensor];
    return where(condition, a, b);
  },
};
