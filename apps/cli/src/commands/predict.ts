import { resolve } from "node:path";
import { predictFrame, readRunConfig } from "@pixelvla/training";
import { defineCommand } from "citty";
import { jsonArg, printResult } from "../terminal/output.ts";
import { wholeNumber } from "../terminal/whole-number.ts";
import { predictionText } from "./predict-text.ts";

export const predictCommand = defineCommand({
  meta: {
    name: "predict",
    description: "Print the action chunk a run predicts for a frame beside the demonstrated one",
  },
  args: {
    run: { type: "positional", required: true, description: "Run directory or checkpoint folder" },
    episode: { type: "string", default: "0", description: "Episode index" },
    frame: { type: "string", default: "0", description: "Frame index in the episode" },
    dataset: { type: "string", description: "Dataset folder; default: the one the run was trained on" },
    ...jsonArg,
  },
  async run({ args }) {
    const run = resolve(args.run);
    const prediction = await predictFrame({
      run,
      dataset: args.dataset === undefined ? readRunConfig(run).dataset : resolve(args.dataset),
      episodeIndex: wholeNumber("--episode", args.episode),
      frameIndex: wholeNumber("--frame", args.frame),
    });
    printResult(args.json, prediction, () => predictionText(prediction));
  },
});
