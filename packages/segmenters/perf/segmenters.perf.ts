import { groundingDinoSide, type GroundingDinoParams } from "./grounding-dino-case.ts";
import { samSide, type SamParams } from "./sam-case.ts";
import { sam2Side, type Sam2Params } from "./sam2-case.ts";

type Case<P> = { name: string; params: { family: string } & Omit<P, "threads" | "folder"> };

const sam = (name: string, size: SamParams["size"], part: SamParams["part"] = "encoder"): Case<SamParams> => ({
  name: `sam-${name}`,
  params: { family: "sam", size, part },
});
const sam2 = (name: string, size: Sam2Params["size"], part: Sam2Params["part"] = "encoder"): Case<Sam2Params> => ({
  name: `sam2-${name}`,
  params: { family: "sam2", size, part },
});
const groundingDino = (name: string, params: Omit<GroundingDinoParams, "threads" | "folder">) => ({
  name: `grounding-dino-${name}`,
  params: { family: "grounding-dino", ...params },
});

/** `npm run perf -- segmenters`: the three families at their published sizes, random weights, against transformers on PyTorch. */
export const perf = {
  name: "segmenters",
  title: "SAM, SAM 2.1 and Grounding DINO: pictures encoded, clicks, a tracked frame, boxes of three phrases",
  order: 40,
  cases: [
    sam("vit-base", "vit-base"),
    sam("click", "vit-base", "click"),
    sam("vit-large", "vit-large"),
    sam("vit-huge", "vit-huge"),
    sam2("tiny", "tiny"),
    sam2("click", "tiny", "click"),
    sam2("track", "tiny", "track"),
    sam2("small", "small"),
    sam2("base-plus", "base-plus"),
    sam2("large", "large"),
    groundingDino("tiny", { size: "tiny", width: 1068, height: 800 }),
    groundingDino("tiny-480", { size: "tiny", width: 640, height: 480 }),
    groundingDino("base", { size: "base", width: 1068, height: 800 }),
  ],
  peers: [{ name: "transformers", python: "perf_segmenters.py" }],
  goals: [
    ...["sam-vit-base", "sam-vit-large", "sam-vit-huge", "sam2-tiny", "sam2-small", "sam2-base-plus", "sam2-large"].map(
      (name) => ({ peer: "transformers", ratio: 0.7, case: name }),
    ),
    ...["tiny", "tiny-480", "base"].map((name) => ({
      peer: "transformers",
      ratio: 0.7,
      case: `grounding-dino-${name}`,
    })),
    { maxMs: 60, case: "sam-click" },
    { maxMs: 100, case: "sam2-click" },
  ],
  rounds: 3,
  warmup: 0,
  turnMs: 200,
  ours: ({ family, ...params }: { family: "sam" | "sam2" | "grounding-dino" }) =>
    family === "sam"
      ? samSide(params as unknown as SamParams)
      : family === "sam2"
        ? sam2Side(params as unknown as Sam2Params)
        : groundingDinoSide(params as unknown as GroundingDinoParams),
};
