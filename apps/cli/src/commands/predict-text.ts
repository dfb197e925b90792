import type { Prediction } from "@pixelvla/training";

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
