import { join } from "node:path";
import { checkpointName, findLatestCheckpoint, jobPaths, listCheckpoints } from "@pixelvla/jobs";
import type { CheckpointChoice, PolicyItem } from "@pixelvla/studio-contract";
import type { DatasetCatalog } from "../datasets/catalog.ts";
import { noCheckpoint } from "../errors.ts";
import type { RunCatalog } from "../runs/catalog.ts";
import { textAt } from "../runs/config-tree.ts";
import type { Workspace } from "../workspace.ts";

/** Training runs that have saved a checkpoint, the newest first. */
export async function policyItems(
  workspace: Workspace,
  datasets: DatasetCatalog,
  runs: RunCatalog,
): Promise<PolicyItem[]> {
  const records = (await runs.all()).filter(({ row }) => row.kind === "train");
  const items = await Promise.all(
    records.map(async ({ place, row, config }): Promise<PolicyItem[]> => {
      const checkpoints = listCheckpoints(place.dir);
      const latest = checkpoints.at(-1);
      if (latest === undefined) return [];
      const dataset = textAt(config, "dataset");
      const root = dataset === undefined ? undefined : await workspace.admit(dataset).catch(() => undefined);
      return [
        {
          runId: row.runId,
          name: row.name,
          recipe: row.recipe,
          datasetId: root === undefined ? undefined : datasets.idOf(root),
          steps: checkpoints.map(({ step }) => step),
          savedAt: latest.savedAt,
        },
      ];
    }),
  );
  return items.flat().sort((a, b) => b.savedAt.localeCompare(a.savedAt));
}

/** Folder of a checkpoint. @throws PVLA_STUDIO_UNKNOWN, PVLA_STUDIO_CHECKPOINT */
export async function checkpointDir(runs: RunCatalog, { runId, step }: CheckpointChoice): Promise<string> {
  const { place } = await runs.get(runId);
  const found = step ?? findLatestCheckpoint(place.dir)?.step;
  if (found === undefined || !listCheckpoints(place.dir).some((one) => one.step === found))
    throw noCheckpoint(place.name, step);
  return join(jobPaths(place.dir).checkpoints, checkpointName(found));
}
