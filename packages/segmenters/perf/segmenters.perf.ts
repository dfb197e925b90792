import { samSide, type SamParams } from "./sam-case.ts";

const encoder = (size: SamParams["size"]) => ({ name: `sam-${size}`, params: { size, part: "encoder" } });

/** SAM at its published sizes against transformers on PyTorch; other families have a benchmark file of their own beside this. */
export const perf = {
  name: "segmenters",
  title: "SAM: encoding a picture, and a click on an encoded picture",
  cases: [
    encoder("vit-base"),
    { name: "sam-click", params: { size: "vit-base", part: "click" } },
    encoder("vit-large"),
    encoder("vit-huge"),
  ],
  peers: [{ name: "transformers", python: "perf_sam.py" }],
  goals: [
    { peer: "transformers", ratio: 0.7, case: "sam-vit-base" },
    { maxMs: 60, case: "sam-click" },
  ],
  rounds: 3,
  warmup: 1,
  turnMs: 200,
  ours: (params: SamParams) => samSide(params),
};
