import { groundingDinoSide } from "./grounding-dino-case.ts";

/** `npm run perf -- grounding-dino`: one picture and one text of three phrases, from pixels to boxes, real sizes, random weights. */
export const perf = {
  name: "grounding-dino",
  title: "Grounding DINO: a picture as the processor resizes it and three phrases, random weights, float32",
  order: 41,
  rounds: 3,
  warmup: 0,
  cases: [
    { name: "tiny", params: { size: "tiny", width: 1068, height: 800 } },
    { name: "tiny-480", params: { size: "tiny", width: 640, height: 480 } },
    { name: "base", params: { size: "base", width: 1068, height: 800 } },
  ],
  peers: [{ name: "transformers", python: "perf_grounding_dino.py" }],
  goals: [{ peer: "transformers", ratio: 0.7 }],
  ours: groundingDinoSide,
};
