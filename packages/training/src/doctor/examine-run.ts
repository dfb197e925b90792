import { checkDataset, type Dataset, type Episode } from "@pixelvla/data";
import { parse } from "yaml";
import { readTrainCheckpoint } from "../checkpoint/train-checkpoint.ts";
import { findInit } from "../init/find-init.ts";
import type { TrainingRecipe } from "../recipe/load-recipe.ts";
import { builtinRegistry } from "../recipe/registry.ts";
import { openSplit } from "../samples/sample-store.ts";
import { dimensionStatistics, withGripper, type DatasetStatistics } from "../samples/statistics.ts";
import { buildTraining, type BuiltTraining } from "../train/build-program.ts";
import { checkActionScale, checkGripperTarget } from "./check-conventions.ts";
import { checkImageGeometry, checkMasks } from "./check-geometry.ts";
import { checkInit } from "./check-init.ts";
import { checkOverfit } from "./check-overfit.ts";
import { checkMemory, checkWidths } from "./check-parts.ts";
import { checkPrompts } from "./check-prompts.ts";
import { finding, type Examination, type StartingPoint } from "./examination.ts";
import { worstOf, type DoctorFinding, type DoctorReport } from "./report.ts";

export interface ExamineOptions {
  readonly recipe: TrainingRecipe;
  /** Dataset folder. */
  readonly dataset: string;
  /** Episodes whose numbers are read, evenly spread; default 50. */
  readonly maxEpisodes?: number;
  /** Trains on one batch for some seconds; default false. */
  readonly overfit?: boolean;
  /** Further checks, such as the replay of demonstrations in a simulator; each sees what the others see. */
  readonly more?: readonly ((examination: Examination) => Promise<DoctorFinding | undefined>)[];
  /** Hears what is looked at now, in a few words. */
  readonly onStep?: (what: string) => void;
  /** Heard between the checks. */
  readonly signal?: AbortSignal;
}

const EPISODES = 50;
const IMAGE_EPISODES = 5;
/** Episodes kept in memory for the training half. */
const KEPT_EPISODES = 16;

/**
 * Looks for what silently ruins a run before it starts: the dataset, and what the recipe makes of it. Problems are findings, never
 * exceptions; the exceptions are a dataset that cannot be opened at all and an abort.
 * @throws PVLA_DATA_*
 */
export async function examineRun(options: ExamineOptions): Promise<DoctorReport> {
  const startedMs = performance.now();
  const { recipe, maxEpisodes = EPISODES, onStep, signal } = options;
  const findings: DoctorFinding[] = [];
  onStep?.("composing the policy");
  const init = startingPoint(recipe, findings);
  const built = buildOrFind(recipe, findings);
  signal?.throwIfAborted();
  const { split } = recipe.training.data;
  onStep?.("opening the dataset");
  const dataset = await openSplit(options.dataset, { split, onDamage: "skip" }); // damage becomes a finding
  try {
    const given = recipe.training.data.statistics === "init" ? init?.statistics : undefined;
    onStep?.(`reading ${Math.min(maxEpisodes, dataset.info.nEpisodes)} episodes`);
    const report = await checkDataset(dataset, {
      maxEpisodes,
      maxImageEpisodes: IMAGE_EPISODES,
      ...(given === undefined ? {} : { statistics: given }),
      ...(signal === undefined ? {} : { signal }),
    });
    findings.unshift(...report.checks.map((check) => ({ half: "data" as const, ...check })));
    const episodes = await someEpisodes(dataset, KEPT_EPISODES);
    const statistics = given ?? statisticsOf(dataset, episodes, recipe);
    const examination = { recipe, dataset, datasetPath: options.dataset, episodes, built, init, statistics };
    findings.push(...(await trainingHalf(examination, options)));
  } finally {
    await dataset.close();
  }
  return {
    version: 1,
    recipe: recipe.recipe.name,
    dataset: options.dataset,
    examinedAt: new Date().toISOString(),
    durationS: (performance.now() - startedMs) / 1000,
    verdict: worstOf(findings),
    findings,
  };
}

async function trainingHalf(
  examination: Examination,
  { overfit = false, more = [], onStep, signal }: ExamineOptions,
): Promise<DoctorFinding[]> {
  const checks: ((examination: Examination) => DoctorFinding | undefined | Promise<DoctorFinding | undefined>)[] = [
    checkWidths,
    checkGripperTarget,
    checkActionScale,
    checkImageGeometry,
    checkMasks,
    checkPrompts,
    checkInit,
    checkMemory,
  ];
  const found: DoctorFinding[] = [];
  const steps = [
    { what: "comparing the recipe with the data", checks },
    { what: "trying demonstrations", checks: more },
  ];
  for (const step of steps) {
    if (step.checks.length > 0) onStep?.(step.what);
    for (const check of step.checks) {
      signal?.throwIfAborted();
      const one = await check(examination);
      if (one !== undefined) found.push(one);
    }
  }
  // On data that does not fit, one batch cannot be trained on either: the findings above say why.
  if (overfit && worstOf(found) !== "fail") {
    onStep?.("training on one batch");
    const one = await checkOverfit(examination);
    if (one !== undefined) found.push(one);
  }
  return found;
}

function startingPoint({ training }: TrainingRecipe, findings: DoctorFinding[]): StartingPoint | undefined {
  if (training.init === null) return undefined;
  try {
    const dir = findInit(training.init);
    const { statistics, recipe } = readTrainCheckpoint(dir);
    return { dir, statistics, document: parse(recipe) as StartingPoint["document"] };
  } catch (error) {
    findings.push(finding("start", "fail", (error as Error).message));
    return undefined;
  }
}

function buildOrFind(recipe: TrainingRecipe, findings: DoctorFinding[]): BuiltTraining | undefined {
  try {
    const built = buildTraining(recipe, builtinRegistry());
    const { parameters, trainableParameters } = built.cost.total;
    const share = ((100 * trainableParameters) / Math.max(1, parameters)).toFixed(0);
    findings.push(
      finding(
        "parts",
        "pass",
        `The parts fit: ${parameters.toLocaleString("en")} parameters, ${share} % train (${built.stage.summary}).`,
      ),
    );
    return built;
  } catch (error) {
    findings.push(finding("parts", "fail", (error as Error).message));
    return undefined;
  }
}

async function someEpisodes(dataset: Dataset, count: number): Promise<Episode[]> {
  const all = dataset.episodeIndices;
  const n = Math.min(count, all.length);
  const episodes: Episode[] = [];
  for (let i = 0; i < n; i++) {
    const episode = await dataset.tryEpisode(all[Math.round((i * (all.length - 1)) / Math.max(1, n - 1))]!);
    if (episode !== undefined && episode.nFrames > 0) episodes.push(episode);
  }
  return episodes;
}

/** Of the episodes looked at: enough to compare scales, not what the run will normalise with to the last digit. */
function statisticsOf(
  { info }: Dataset,
  episodes: readonly Episode[],
  { training }: TrainingRecipe,
): DatasetStatistics {
  const rows = (pick: (episode: Episode) => Float32Array) => Float32Array.from(episodes.flatMap((e) => [...pick(e)]));
  return {
    dataset: info.name,
    num_trajectories: episodes.length,
    num_transitions: episodes.reduce((sum, { nFrames }) => sum + nFrames, 0),
    action: withGripper(
      dimensionStatistics(
        rows(({ action }) => action),
        info.actionNames.length,
      ),
      training.data.gripper,
    ),
    proprio: dimensionStatistics(
      rows(({ state }) => state),
      info.stateNames.length,
    ),
  };
}
