import type { DoctorCheck } from "@pixelvla/studio-contract";
import type { DatasetCatalog } from "../datasets/catalog.ts";
import { asProblem } from "../datasets/open-dataset.ts";
import type { Overrides } from "./train-command.ts";

/** What is to be examined. */
export interface Examined {
  readonly recipeFile: string;
  readonly datasetId: string | undefined;
  readonly overrides: Overrides;
}

/** Checks what silently ruins runs, in the order a person would: can the data be read, is it whole, does the recipe fit it. */
export async function examine({ datasetId }: Examined, datasets: DatasetCatalog): Promise<DoctorCheck[]> {
  if (datasetId === undefined) return [];
  try {
    const { info, damage } = (await datasets.open(datasetId)).reader;
    const checks: DoctorCheck[] = [
      {
        check: "dataset",
        level: "pass",
        message: `${info.name} ${info.version} (${info.format}) opens, ${info.nEpisodes} episodes.`,
      },
    ];
    if (info.primaryCamera === undefined)
      checks.push({
        check: "camera",
        level: "fail",
        message: `${info.name} has no camera a policy could look through.`,
      });
    else checks.push({ check: "camera", level: "pass", message: `Policies look through ${info.primaryCamera}.` });
    const nMissing = info.nEpisodesDeclared - info.nEpisodes;
    if (nMissing > 0)
      checks.push({
        check: "files",
        level: "warn",
        message: `${nMissing} of ${info.nEpisodesDeclared} episodes are not on disk; training uses the rest.`,
        fix: "Fetch the missing files if the run should see them",
      });
    if (damage.length > 0)
      checks.push({
        check: "damage",
        level: "warn",
        message: `${damage.length} damaged records are passed over: ${damage[0]!.message}`,
      });
    return checks;
  } catch (error) {
    const { message, fix } = asProblem(error);
    return [{ check: "dataset", level: "fail", message, ...(fix === undefined ? {} : { fix }) }];
  }
}
