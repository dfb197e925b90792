import { readFile } from "node:fs/promises";
import { JOB_FILES } from "@pixelvla/jobs";
import type { DatasetUse } from "@pixelvla/studio-contract";
import type { DatasetCatalog } from "../datasets/catalog.ts";
import type { RunCatalog } from "../runs/catalog.ts";
import { textAt, valueAt } from "../runs/config-tree.ts";
import { fileInside } from "../runs/run-files.ts";
import type { RunRecord } from "../runs/run-record.ts";
import type { Workspace } from "../workspace.ts";
import { policyRunId } from "./evaluation.ts";

/** Training runs on a dataset, the newest first, with the evaluations of their checkpoints: what an annotation has gone into. */
export async function datasetUses(
  datasetId: string,
  workspace: Workspace,
  datasets: DatasetCatalog,
  runs: RunCatalog,
): Promise<DatasetUse[]> {
  const records = await runs.all();
  const evaluations = await Promise.all(
    records
      .filter(({ row }) => row.kind === "bench")
      .map(async (record) => ({ record, of: await policyRunId(runs, record) })),
  );
  const uses = await Promise.all(
    records.map(async (record): Promise<DatasetUse[]> => {
      const dataset = textAt(record.config, "dataset");
      const root = dataset === undefined ? undefined : await workspace.admit(dataset).catch(() => undefined);
      if (record.row.kind !== "train" || root === undefined || datasets.idOf(root) !== datasetId) return [];
      const { runId, name, recipe, startedAt } = record.row;
      const parts = ["pixelEncoder", "promptEncoder"].map((part) => valueAt(record.config, `recipe.${part}`));
      const stage = textAt(record.config, "recipe.training.stage");
      return [
        {
          runId,
          name,
          recipe,
          fingerprint: await fingerprintOf(record),
          startedAt,
          usesAnnotations: parts.some((part) => part !== null && part !== undefined) && stage !== "text-only",
          evaluations: evaluations
            .filter(({ of }) => of === runId)
            .map(({ record: { row } }) => ({ runId: row.runId, name: row.name })),
        },
      ];
    }),
  );
  return uses.flat().sort((a, b) => (b.startedAt ?? "").localeCompare(a.startedAt ?? ""));
}

/** From the run's `provenance.json`; undefined for runs of before it was written. */
async function fingerprintOf({ place }: RunRecord): Promise<string | undefined> {
  const file = await fileInside(place.dir, JOB_FILES.provenance);
  if (file === undefined) return undefined;
  try {
    return textAt(JSON.parse(await readFile(file.path, "utf8")), "dataset.fingerprint");
  } catch {
    return undefined;
  }
}
