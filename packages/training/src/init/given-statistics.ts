import { readTrainCheckpoint } from "../checkpoint/train-checkpoint.ts";
import { statisticsWithoutInit } from "../errors.ts";
import type { DatasetStatistics } from "../samples/statistics.ts";
import type { TrainingOptions } from "../training-options.ts";
import { findInit } from "./find-init.ts";

/**
 * Statistics that a run is given rather than computes: those of `training.init` where `training.data.statistics` is `init`.
 * @throws PVLA_CONFIG when there is no init, PVLA_INIT, PVLA_RUN
 */
export function givenStatistics({ init, data }: TrainingOptions): DatasetStatistics | undefined {
  if (data.statistics === "dataset") return undefined;
  if (init === null) throw statisticsWithoutInit();
  return readTrainCheckpoint(findInit(init)).statistics;
}
