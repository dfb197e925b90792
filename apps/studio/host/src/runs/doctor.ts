import { checkDataset, type CheckReport } from "@pixelvla/data";
import type { DoctorCheck } from "@pixelvla/studio-contract";
import type { DatasetCatalog } from "../datasets/catalog.ts";
import type { OpenedDataset } from "../datasets/open-dataset.ts";
import { asProblem } from "../problem.ts";
import type { RecipeThread } from "./recipe-thread.ts";
import { overrideList, type Overrides } from "./train-command.ts";

/** Enough to find what is wrong everywhere; the launch drawer is waiting. */
const EPISODES_READ = 50;

/** What is to be examined. */
export interface Examined {
  readonly recipeFile: string;
  readonly datasetId: string | undefined;
  readonly overrides: Overrides;
}

/** Checks what silently ruins runs, in the order a person would: can the data be read, is it whole, does the recipe compose and fit it. */
export async function examine(
  { recipeFile, datasetId, overrides }: Examined,
  datasets: DatasetCatalog,
  recipes: RecipeThread,
): Promise<DoctorCheck[]> {
  const data =
    datasetId === undefined
      ? { checks: [NO_DATASET], actionWidth: undefined, name: undefined }
      : await examineDataset(datasetId, datasets);
  try {
    const recipe = await recipes.ask({
      kind: "examine",
      recipeFile,
      overrides: overrideList(overrides),
      actionWidth: data.actionWidth,
      dataset: data.name,
    });
    return [...data.checks, ...recipe];
  } catch (error) {
    return [...data.checks, { check: "parts", level: "fail", ...told(error) }];
  }
}

/** Reports of open datasets: launching asks again what the drawer has just shown. */
const reports = new WeakMap<OpenedDataset, Promise<CheckReport>>();

const NO_DATASET: DoctorCheck = {
  check: "dataset",
  level: "fail",
  message: "No dataset is chosen.",
  fix: "Choose the dataset to train on",
};

/** The data half: what the doctor of @pixelvla/data finds in a sample of episodes, and whether a policy has a camera to look through. */
async function examineDataset(datasetId: string, datasets: DatasetCatalog) {
  try {
    const dataset = await datasets.open(datasetId);
    const { info } = dataset.reader;
    const checking = reports.get(dataset) ?? checkDataset(dataset.reader, { maxEpisodes: EPISODES_READ });
    reports.set(dataset, checking);
    const { checks, nEpisodesRead } = await checking;
    const camera: DoctorCheck =
      info.primaryCamera === undefined
        ? { check: "camera", level: "fail", message: `${info.name} has no camera a policy could look through.` }
        : { check: "camera", level: "pass", message: `Policies look through ${info.primaryCamera}.` };
    const opened: DoctorCheck = {
      check: "dataset",
      level: info.nEpisodes === 0 ? "fail" : "pass",
      message: `${info.name} ${info.version} (${info.format}) opens; ${nEpisodesRead} of ${info.nEpisodes} episodes were read.`,
    };
    const found = checks.map(({ name, verdict, reason }): DoctorCheck => ({
      check: name,
      level: verdict,
      message: reason,
    }));
    return { checks: [opened, camera, ...found], actionWidth: info.actionNames.length, name: info.name };
  } catch (error) {
    const check: DoctorCheck = { check: "dataset", level: "fail", ...told(error) };
    return { checks: [check], actionWidth: undefined, name: undefined };
  }
}

function told(error: unknown): { message: string; fix?: string } {
  const { message, fix } = asProblem(error);
  return { message, ...(fix === undefined ? {} : { fix }) };
}
