import { stageStep, type StageParams } from "./stage-step.ts";

/**
 * `npm run perf -- stage2`: LoRA, pixel and prompt encoders and the decoder train, as in the paper's second stage, on the tiny PixelVLA.
 * The peer does the same in PyTorch: vision encoder and projector run anew at every step, and their results kept.
 */
export const perf = {
  name: "stage2",
  title: "Train step of stage 2 (LoRA, pixel parts, decoder), tiny PixelVLA, batch 16",
  order: 4,
  cases: [
    { name: "from the cache", params: { recipe: "pixelvla-openvla-tiny", stage: "stage2", batch: 16, cached: true } },
    { name: "whole", params: { recipe: "pixelvla-openvla-tiny", stage: "stage2", batch: 16, cached: false } },
  ],
  peers: [
    { name: "pytorch-recompute", python: "perf_stage.py" },
    { name: "pytorch-cached", python: "perf_stage.py", params: { cachedPeer: true } },
  ],
  goals: [{ peer: "pytorch-recompute", ratio: 1 / 1.3, case: "from the cache" }],
  ours: (params: StageParams) => stageStep(params),
};
