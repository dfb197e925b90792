import { launchLocal } from "@pixelvla/jobs";
import type { SweepFile, SweepLaunch, SweepPreview } from "@pixelvla/studio-contract";
import type { DatasetCatalog } from "../datasets/catalog.ts";
import { cannotLaunch } from "../errors.ts";
import type { RunCatalog } from "../runs/catalog.ts";
import { examineDataset, NO_DATASET } from "../runs/doctor.ts";
import { commandOf, refuseFailures, type LaunchMeans } from "../runs/launcher.ts";
import type { RecipeThread } from "../runs/recipe-thread.ts";
import { overrideList } from "../runs/train-command.ts";
import type { Workspace } from "../workspace.ts";
import { findSweep, findSweeps } from "./sweep-files.ts";

interface Parts {
  readonly workspace: Workspace;
  readonly datasets: DatasetCatalog;
  readonly runs: RunCatalog;
  readonly recipes: RecipeThread;
  readonly means: LaunchMeans;
}

/** Shows what a sweep would do, and launches it as a job that outlives the studio. */
export class SweepLauncher {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async files(): Promise<SweepFile[]> {
    const { workspace, means } = this.#parts;
    return (await findSweeps(workspace, means.recipesDir)).map(({ item }) => item);
  }

  /** What the doctor says and what the sweep comes to. @throws PVLA_STUDIO_UNKNOWN, PVLA_STUDIO_RECIPE */
  async preview(request: SweepLaunch): Promise<SweepPreview> {
    const { workspace, datasets, recipes, means } = this.#parts;
    const { datasetId, families, seeds, episodes, overrides } = request;
    const { file } = await findSweep(workspace, means.recipesDir, request.sweep);
    const data =
      datasetId === undefined
        ? { checks: [NO_DATASET], actionWidth: undefined }
        : await examineDataset(datasetId, datasets);
    const { checks, plan } = await recipes.ask({
      kind: "sweep",
      file,
      dataset: datasetId ?? "",
      families,
      seeds,
      episodes,
      overrides: overrideList(overrides),
      actionWidth: data.actionWidth,
    });
    return { checks: [...checks, ...data.checks], plan };
  }

  /** @throws PVLA_STUDIO_UNKNOWN, PVLA_STUDIO_LAUNCH, PVLA_STUDIO_DOCTOR when a check fails and the request does not launch over it */
  async launch(request: SweepLaunch): Promise<{ runId: string }> {
    const { workspace, datasets, runs, means } = this.#parts;
    const { datasetId, launchOverFail } = request;
    const command = commandOf(means);
    const { file, item } = await findSweep(workspace, means.recipesDir, request.sweep);
    const { checks, plan } = await this.preview(request);
    refuseFailures(checks, launchOverFail);
    if (datasetId === undefined) throw cannotLaunch("no dataset is chosen", "Choose the dataset to train on");
    const dataset = (await datasets.open(datasetId)).place.root;
    const dir = launchLocal({
      runsDir: workspace.runsDir,
      name: request.name ?? item.name,
      kind: "sweep",
      command: (jobDir) => [...command, ...sweepArguments(request, file, dataset, jobDir)],
      cwd: workspace.root,
      unit: "cells",
      ...(plan === undefined ? {} : { total: plan.training.length + plan.nEvaluations }),
    });
    return { runId: runs.idOf(dir) };
  }
}

/** Arguments of `pixelvla sweep run`; they go to the program as a list, never through a shell. */
function sweepArguments(
  { families, seeds, episodes, overrides }: SweepLaunch,
  file: string,
  dataset: string,
  jobDir: string,
): string[] {
  return [
    "sweep",
    "run",
    file,
    `--dataset=${dataset}`,
    `--out=${jobDir}`,
    ...(families === undefined ? [] : [`--families=${families.join(",")}`]),
    ...(seeds === undefined ? [] : [`--seeds=${seeds.join(",")}`]),
    ...(episodes === undefined ? [] : [`--episodes=${episodes}`]),
    ...overrideList(overrides).map((change) => `--set=${change}`),
  ];
}
