import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { onnxruntimeEngine } from "@pixelvla/engines";
import type { EpisodeKey } from "@pixelvla/bench";
import { readJournal, runPaths } from "../src/job/journal.ts";
import { annotateJob, annotationJobSchema, builtinAnnotatorRegistry, loadAnnotationRecipe } from "../src/index.ts";
import { MaskComparison, recordedTabletop, tasksNamed, whatIsUnder } from "./tabletop-episodes.ts";

/**
 * Scores the embedded default against exact masks: records evaluation episodes of the tabletop benchmark, runs the annotation job on
 * them and compares every frame.
 *
 *   node --conditions=@pixelvla/source --import tsx packages/annotator/perf/score-embedded.ts [--tasks all] [--episodes 10]
 *     [--size 64] [--embodiment widowx] [--variants base] [--keep FOLDER] [--job NAME] [--recipe FILE]
 *
 * With --keep the recording and the job stay, and a second score (of another --job) works on the same recording.
 *
 * Mean IoU is over every frame in which the target is visible, a frame without a mask counting 0. An episode's target is found when the
 * key mask overlaps the exact one by more than half.
 */
const { values } = parseArgs({
  options: {
    tasks: { type: "string", default: "all" },
    episodes: { type: "string", default: "10" },
    size: { type: "string", default: "64" },
    embodiment: { type: "string", default: "widowx" },
    variants: { type: "string", default: "base" },
    recipe: { type: "string", default: join(import.meta.dirname, "../../../recipes/annotate-embedded.yaml") },
    keep: { type: "string" },
    job: { type: "string", default: "job" },
  },
});
const folder = values.keep ?? mkdtempSync(join(tmpdir(), "pixelvla-score-"));
const imageSizePx = Number(values.size);
const [dataset, job] = [join(folder, "dataset"), join(folder, values.job)];
const keys = await recordedTabletop(folder, {
  root: dataset,
  embodiment: values.embodiment as EpisodeKey["embodiment"],
  tasks: tasksNamed(values.tasks),
  variants: values.variants.split(","),
  nEpisodes: Number(values.episodes),
  imageSizePx,
});
const { run, timing } = await annotateJob({
  dir: job,
  config: annotationJobSchema.parse({ dataset, recipe: loadAnnotationRecipe(values.recipe, []), threads: 1 }),
  registry: builtinAnnotatorRegistry(),
  engine: onnxruntimeEngine({ provider: "cpu" }),
});

interface TaskScore {
  nEpisodes: number;
  nFound: number;
  /** Every frame with a visible target. */
  ious: number[];
  /** Those of episodes whose target was found. */
  foundIous: number[];
}
const byTask = new Map<string, TaskScore>();
const comparison = await MaskComparison.open(dataset, join(job, "annotations"));
for (const { head } of readJournal(runPaths(job, run).episodes)) {
  const key = keys[head.episodeIndex]!;
  const score = byTask.get(key.task) ?? { nEpisodes: 0, nFound: 0, ious: [], foundIous: [] };
  byTask.set(key.task, score);
  score.nEpisodes++;
  const name = `${key.task}/${key.variant}/${key.seed} "${head.task}"`;
  if (head.cause !== undefined) {
    const exact = await comparison.exactMasks(head.episodeIndex);
    score.ious.push(...Array.from(exact, () => 0));
    process.stdout.write(`miss  ${name}: ${head.cause}: ${head.detail ?? ""}\n`);
    continue;
  }
  const { ious, keyIou, keyMask } = await comparison.score(head.episodeIndex, head.keyFrame!);
  score.ious.push(...ious);
  if (keyIou > 0.5) {
    score.nFound++;
    score.foundIous.push(...ious);
    if (mean(ious) < 0.7) {
      const lost = ious.filter((iou) => iou === 0).length;
      const nWrong = ious.filter((iou) => iou > 0 && iou < 0.5).length;
      process.stdout.write(
        `loose ${name}: ${mean(ious).toFixed(2)} (key frame ${keyIou.toFixed(2)}, ${lost} of ${ious.length} frames without, ${nWrong} below 0.5)\n`,
      );
    }
    continue;
  }
  const under = await whatIsUnder(keyMask, head.keyFrame!, key, imageSizePx);
  process.stdout.write(
    `miss  ${name}: IoU ${keyIou.toFixed(2)} in frame ${head.keyFrame}, the mask lies on ${under}\n`,
  );
}
await comparison.close();

const all: TaskScore = { nEpisodes: 0, nFound: 0, ious: [], foundIous: [] };
for (const [task, score] of byTask) {
  print(task, score);
  all.nEpisodes += score.nEpisodes;
  all.nFound += score.nFound;
  all.ious.push(...score.ious);
  all.foundIous.push(...score.foundIous);
}
print("all", all);
process.stdout.write(`${timing.framesPerS.toFixed(1)} frames/s\n`);
if (values.keep === undefined) rmSync(folder, { recursive: true, force: true });

function print(task: string, { nEpisodes, nFound, ious, foundIous }: TaskScore): void {
  const share = ((100 * nFound) / nEpisodes).toFixed(0);
  process.stdout.write(
    `${task.padEnd(13)} found ${nFound}/${nEpisodes} (${share} %)  mean IoU ${mean(ious).toFixed(3)} over ${ious.length} frames, ` +
      `${mean(foundIous).toFixed(3)} where found\n`,
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
