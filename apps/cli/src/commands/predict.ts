import { resolve } from "node:path";
import { predictFrame, readRunConfig, type Prediction } from "@pixelvla/training";
import { defineCommand } from "citty";
import { jsonArg, printResult } from "../terminal/output.ts";
import { wholeNumber } from "../terminal/whole-number.ts";

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

/** Two tables side by side: predicted left, demonstrated right; metres, radians, gripper 1 = open. */
export function predictionText(prediction: Prediction): string {
  const { instruction, episodeIndex, frameIndex, actionNames, predicted, demonstrated, l1, trainStep, latencyMs } =
    prediction;
  const cell = (value: number) => value.toFixed(4).padStart(8);
  const heading = actionNames.map((name) => name.slice(0, 8).padStart(8)).join("");
  const blank = " ".repeat(heading.length);
  const rows = predicted.map((row, k) => {
    const right = demonstrated[k];
    return `${String(k).padStart(4)} ${row.map(cell).join("")}   ${right ? right.map(cell).join("") : "past the end of the episode"}`;
  });
  return [
    `episode ${episodeIndex}, frame ${frameIndex}: "${instruction}"`,
    `     ${"predicted".padEnd(blank.length)}   demonstrated`,
    `step ${heading}   ${heading}`,
    ...rows,
    `L1 ${l1.toFixed(4)} (normalised), checkpoint of train step ${trainStep}, ${latencyMs.toFixed(1)} ms`,
  ].join("\n");
}
