import { annotateSide, type AnnotateParams } from "./annotate-case.ts";

const sam = (size: AnnotateParams["size"], nFrames: number) => ({ name: `sam-${size}`, params: { size, nFrames } });

/** `npm run perf -- annotate`: frames a second of the whole job with SAM, against transformers on PyTorch. */
export const perf = {
  name: "annotate",
  title: "Annotating an episode with SAM at full size (random weights): picture to masks, prompts, quality, files",
  order: 41,
  cases: [sam("vit-base", 2)],
  peers: [{ name: "transformers", python: "perf_annotate.py" }],
  goals: [{ peer: "transformers", ratio: 1 / 1.5, case: "sam-vit-base" }],
  rounds: 2,
  warmup: 0,
  turnMs: 200,
  ours: annotateSide,
};
