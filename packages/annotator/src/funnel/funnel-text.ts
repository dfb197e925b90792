import type { Funnel } from "./funnel.ts";

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

/** The funnel as a few lines for a terminal or `funnel.txt`. */
export function funnelText(funnel: Funnel): string {
  const { kept, nIn } = funnel;
  const width = String(nIn).length;
  const count = (n: number) => String(n).padStart(width);
  const lines = [`${count(nIn)} episodes in (${funnel.dataset}, recipe ${funnel.recipe}, run ${funnel.run})`];
  for (const { nDropped, share, cause, meaning, examples } of funnel.dropped) {
    lines.push(`${count(nDropped)} dropped  ${percent(share).padStart(7)}  ${cause}: ${meaning}`);
    const [example] = examples;
    if (example !== undefined)
      lines.push(`${" ".repeat(width)}          e.g. episode ${example.episodeIndex}: ${example.detail}`);
  }
  lines.push(
    `${count(funnel.nKept)} kept     ${percent(funnel.keptShare).padStart(7)}  ` +
      `${kept.nFramesWithMask} of ${kept.nFrames} frames have a mask; mean score ${kept.meanScore.toFixed(2)}, mean doubt ${kept.meanDoubt.toFixed(2)}`,
  );
  if (kept.nRedetections > 0)
    lines.push(`${count(kept.nRedetections)} times the object was found again after it was lost`);
  if (kept.nOutsideRegion > 0)
    lines.push(`${count(kept.nOutsideRegion)} targets were found outside the region around the gripper`);
  if (funnel.failure !== null) lines.push(`the job failed: ${funnel.failure.code}  ${funnel.failure.message}`);
  return `${lines.join("\n")}\n`;
}
