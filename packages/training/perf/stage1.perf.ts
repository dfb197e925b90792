import { stageStep, type StageParams } from "./stage-step.ts";

/**
 * `npm run perf -- stage1`: only the action decoder trains, as in the paper's first stage, on a tiny OpenVLA with the paper's decoder
 * (zero slots). The peer does the same in PyTorch: the frozen policy run anew at every step, as public code does, and its result kept.
 */
export const perf = {
  name: "stage1",
  title: "Train step of stage 1 (decoder only), tiny OpenVLA-OFT, batch 16",
  order: 3,
  cases: [
    { name: "from the cache", params: { recipe: "openvla-oft-tiny", stage: "stage1", batch: 16, cached: true } },
    { name: "whole", params: { recipe: "openvla-oft-tiny", stage: "stage1", batch: 16, cached: false } },
  ],
  peers: [
    { name: "pytorch-recompute", python: "perf_stage.py" },
    { name: "pytorch-cached", python: "perf_stage.py", params: { cachedPeer: true } },
  ],
  goals: [{ peer: "pytorch-recompute", ratio: 1 / 20, case: "from the cache" }],
  ours: (params: StageParams) => stageStep(params),
};
