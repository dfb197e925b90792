import { replayDemonstrations } from "@pixelvla/bench/recording";
import type { DoctorFinding, Examination } from "@pixelvla/training";
import { normaliseRow, unnormaliseRow } from "@pixelvla/training";

const EPISODES = 4;

/**
 * The doctor's replay: demonstrations of the tabletop are played again in the simulator, once as recorded and once through the run's
 * normalisation and back, which is what a perfect policy would do. Undefined for data that was not recorded there.
 */
export async function replayCheck({
  datasetPath,
  statistics,
  dataset,
}: Examination): Promise<DoctorFinding | undefined> {
  if (dataset.info.actionNames.length !== 7) return undefined;
  const options = { root: datasetPath, nEpisodes: EPISODES };
  const recorded = await replayDemonstrations(options).catch((error: unknown) => {
    if ((error as { code?: string }).code === "PVLA_PIXELS_MISSING") return undefined; // not a pixel dataset
    throw error;
  });
  if (recorded === undefined || recorded.nReplayed === 0) return undefined;
  const normalised = (await replayDemonstrations({
    ...options,
    transform: (action) => {
      normaliseRow(action, statistics.action);
      unnormaliseRow(action, statistics.action);
    },
  }))!;
  const { nReplayed, nSucceeded, failed } = recorded;
  const story = `${nSucceeded} of ${nReplayed} demonstrations succeed again as recorded, ${normalised.nSucceeded} through the run's normalisation`;
  const base = { half: "training", name: "replay" } as const;
  if (nSucceeded < nReplayed)
    return {
      ...base,
      verdict: "fail",
      reason: `${story}: actions are read with another meaning than they were recorded with (${failed.join(", ")}).`,
    };
  if (normalised.nSucceeded < nReplayed / 2)
    return {
      ...base,
      verdict: "warn",
      reason: `${story}: clipping to q01 to q99 cuts movements that the task needs.`,
      fix: "Compute the statistics over more episodes, or keep those of the start",
    };
  return { ...base, verdict: "pass", reason: `${story}.` };
}
