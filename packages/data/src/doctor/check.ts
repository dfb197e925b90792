import type { Dataset } from "../episode.ts";
import type { ColumnStatistics } from "../statistics/dataset-statistics.ts";
import { checkImages } from "./check-images.ts";
import { checkDeltas, checkGripper, checkMotion } from "./check-motion.ts";
import { checkStatistics } from "./check-statistics.ts";
import { checkFiles, checkFinite, checkLanguage, checkRead, checkTiming, checkVersion } from "./check-structure.ts";
import { worst, type CheckReport } from "./report.ts";
import { surveyDataset, type SurveyOptions } from "./survey.ts";

/** What to compare with, and how much to look at. */
export interface CheckOptions extends SurveyOptions {
  /** Statistics a policy would use, e.g. from a checkpoint's `dataset_statistics.json`. */
  readonly statistics?: { readonly action: ColumnStatistics };
}

/**
 * The data half of the doctor: what silently ruins runs, each check with its reason. Give it a dataset opened with
 * `onDamage: "skip"`, so that damage becomes a finding instead of an exception.
 */
export async function checkDataset(dataset: Dataset, options: CheckOptions = {}): Promise<CheckReport> {
  const survey = await surveyDataset(dataset, options);
  try {
    const checks = [
      checkVersion(survey),
      checkFiles(survey),
      checkRead(survey),
      checkFinite(survey),
      checkLanguage(survey),
      checkTiming(survey),
      checkGripper(survey),
      checkDeltas(survey),
      checkMotion(survey),
      await checkStatistics(survey, options.statistics),
      checkImages(survey),
    ];
    return {
      dataset: dataset.info.name,
      root: dataset.info.root,
      verdict: worst(checks),
      nEpisodesRead: survey.episodes.length,
      nEpisodes: dataset.info.nEpisodes,
      checks,
      damage: dataset.damage,
    };
  } finally {
    await survey.actions.close();
  }
}
