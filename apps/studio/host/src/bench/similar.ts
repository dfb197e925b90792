import { episodeSpec, type EpisodeLog, type EpisodeSpec } from "@pixelvla/bench";
import type { SimilarAnswer, SimilarEpisode } from "@pixelvla/studio-contract";
import type { OpenedDataset } from "../datasets/open-dataset.ts";

const SHOWN = 12;
/** Words that say nothing about which object or action is meant. */
const EMPTY_WORDS = new Set(["the", "a", "an", "of", "to", "it", "and"]);

const MEASURE =
  "Likeness is the mean of two shares: words that both instructions have of all their words, and words of the target's name that the training instruction has.";

const wordsOf = (text: string): Set<string> =>
  new Set((text.toLowerCase().match(/[a-z0-9]+/g) ?? []).filter((word) => !EMPTY_WORDS.has(word)));

/** How alike a training instruction is to an evaluated one, in [0, 1]. */
export function likeness(instruction: string, target: string, task: string): number {
  const [asked, named, given] = [wordsOf(instruction), wordsOf(target), wordsOf(task)];
  const common = [...asked].filter((word) => given.has(word)).length;
  const all = new Set([...asked, ...given]).size;
  const ofTarget = [...named].filter((word) => given.has(word)).length;
  return ((all === 0 ? 0 : common / all) + (named.size === 0 ? 0 : ofTarget / named.size)) / 2;
}

/** What the target of an evaluated episode is called. */
export function targetName({ goal, scene }: EpisodeSpec): string {
  if ("drawer" in goal) return `${goal.drawer} drawer`;
  const target = scene.objects.find(({ id }) => id === goal.targetId);
  return target === undefined ? "" : `${target.colour} ${target.shape}`.trim();
}

/** The training episodes most like a saved one. Every instruction of the dataset is compared once. */
export async function similarEpisodes(log: EpisodeLog, dataset: OpenedDataset): Promise<SimilarAnswer> {
  const spec = episodeSpec(log);
  await dataset.listed;
  await dataset.annotations?.fill(dataset.table);
  const { table } = dataset;
  const byTask = new Map<string, number>();
  const scored = Array.from({ length: table.nRows }, (_, row) => {
    const { task } = table.row(row);
    let score = byTask.get(task);
    if (score === undefined) byTask.set(task, (score = likeness(spec.instruction, targetName(spec), task)));
    return { row, score };
  });
  const best = scored
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.row - b.row)
    .slice(0, SHOWN);
  const episodes = await Promise.all(
    best.map(async ({ row, score }): Promise<SimilarEpisode> => {
      const { episodeIndex, task, annotation } = table.row(row);
      const stored =
        annotation === "none"
          ? undefined
          : await dataset.annotations?.episode(await dataset.episode(episodeIndex), annotation);
      return {
        datasetId: dataset.place.datasetId,
        episodeIndex,
        task,
        phrase: stored?.targetPhrase,
        annotation,
        likeness: score,
      };
    }),
  );
  return { measure: MEASURE, instruction: spec.instruction, nCompared: table.nRows, episodes };
}
