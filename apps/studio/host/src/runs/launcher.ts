import { launchLocal } from "@pixelvla/jobs";
import type { CloneRequest, DoctorCheck, DoctorEvent, LaunchRequest, RecipeItem } from "@pixelvla/studio-contract";
import { resumeAnnotateArguments } from "../annotate/annotate-command.ts";
import type { DatasetCatalog } from "../datasets/catalog.ts";
import { cannotLaunch, doctorFails } from "../errors.ts";
import type { Workspace } from "../workspace.ts";
import type { RunCatalog } from "./catalog.ts";
import { cloneSource } from "./clone-source.ts";
import { spawnDetached } from "./detached.ts";
import { Doctor } from "./doctor.ts";
import { findRecipe, findRecipes } from "./recipes.ts";
import type { RecipeThread } from "./recipe-thread.ts";
import type { RunRecord } from "./run-record.ts";
import { resumeArguments, trainArguments, type Overrides } from "./train-command.ts";

/** How the host starts work it does not do itself. */
export interface LaunchMeans {
  /** Program and first arguments of the `pixelvla` command; undefined where this host cannot start jobs. */
  readonly pixelvla: readonly string[] | undefined;
  /** Folder of the recipes that ship with the software. */
  readonly recipesDir: string | undefined;
}

/** The `pixelvla` command. @throws PVLA_STUDIO_LAUNCH where this host has none */
export function commandOf({ pixelvla }: LaunchMeans): readonly string[] {
  if (pixelvla === undefined)
    throw cannotLaunch(
      "this host was not told where the pixelvla command is",
      "Start the studio with `pixelvla studio`",
    );
  return pixelvla;
}

interface Parts {
  readonly workspace: Workspace;
  readonly datasets: DatasetCatalog;
  readonly catalog: RunCatalog;
  readonly recipes: RecipeThread;
  readonly means: LaunchMeans;
}

interface Start {
  readonly recipeFile: string;
  readonly dataset: string | undefined;
  readonly name: string;
  readonly overrides: Overrides;
  readonly launchOverFail: boolean;
}

/** Launches, resumes and clones training runs. What it starts is detached: it outlives the studio. */
export class Launcher {
  readonly #parts: Parts;
  readonly #doctor: Doctor;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { datasets, recipes, means, workspace } = parts;
    this.#doctor = new Doctor({ datasets, recipes, command: () => commandOf(means), cwd: workspace.root });
  }

  async recipes(): Promise<RecipeItem[]> {
    const { workspace, means } = this.#parts;
    return (await findRecipes(workspace, means.recipesDir)).map(({ item }) => item);
  }

  /** What would ruin the run, before it starts. @throws PVLA_STUDIO_UNKNOWN */
  async *doctor({ recipe, datasetId, overrides }: LaunchRequest, signal: AbortSignal): AsyncGenerator<DoctorEvent> {
    const { workspace, means } = this.#parts;
    const { file } = await findRecipe(workspace, means.recipesDir, recipe);
    yield* this.#doctor.examine({ recipeFile: file, datasetId, overrides }, signal);
  }

  /** @throws PVLA_STUDIO_UNKNOWN, PVLA_STUDIO_LAUNCH, PVLA_STUDIO_DOCTOR when a check fails and the request does not launch over it */
  async launch(request: LaunchRequest): Promise<{ runId: string }> {
    const { workspace, means, datasets } = this.#parts;
    const { datasetId, overrides, launchOverFail } = request;
    const { file, item } = await findRecipe(workspace, means.recipesDir, request.recipe);
    if (!launchOverFail) refuseFailures(await this.#doctor.checks({ recipeFile: file, datasetId, overrides }), false);
    const dataset = datasetId === undefined ? undefined : (await datasets.open(datasetId)).place.root;
    return this.#start({ recipeFile: file, dataset, name: request.name ?? item.name, overrides, launchOverFail });
  }

  /** Starts the recipe of a run again as a new run on the same dataset, with changes. @throws as `launch` */
  async clone({ runId, name, overrides, launchOverFail }: CloneRequest): Promise<{ runId: string }> {
    const { workspace, catalog, datasets } = this.#parts;
    const record = await catalog.get(runId);
    const { recipeFile, dataset } = await cloneSource(record, workspace);
    const examined = { recipeFile, datasetId: datasets.idOf(dataset), overrides };
    if (!launchOverFail) refuseFailures(await this.#doctor.checks(examined), false);
    return this.#start({ recipeFile, dataset, name: name ?? `${record.place.name}-copy`, overrides, launchOverFail });
  }

  /** Starts a worker again on a job whose own is gone; it goes on from what is done. @throws PVLA_STUDIO_LAUNCH */
  async resume(record: RunRecord): Promise<void> {
    const { workspace } = this.#parts;
    const { dir } = record.place;
    const { kind } = record.row;
    const resume = kind === "annotate" ? await resumeAnnotateArguments(record, workspace) : resumeArguments(dir, kind);
    await spawnDetached([...commandOf(this.#parts.means), ...resume], dir, workspace.root);
  }

  #start({ recipeFile, dataset, name, overrides, launchOverFail }: Start): { runId: string } {
    if (dataset === undefined) throw cannotLaunch("no dataset is chosen", "Choose the dataset to train on");
    const { workspace, catalog } = this.#parts;
    const command = commandOf(this.#parts.means);
    const dir = launchLocal({
      runsDir: workspace.runsDir,
      name,
      kind: "train",
      command: (jobDir) => [...command, ...trainArguments({ recipeFile, dataset, jobDir, overrides, launchOverFail })],
      cwd: workspace.root,
      unit: "train steps",
    });
    return { runId: catalog.idOf(dir) };
  }
}

/** @throws PVLA_STUDIO_DOCTOR when a check fails and it is not launched over that knowingly */
export function refuseFailures(checks: readonly DoctorCheck[], launchOverFail: boolean): void {
  const failures = checks.filter(({ level }) => level === "fail").map(({ message }) => message);
  if (failures.length > 0 && !launchOverFail) throw doctorFails(failures);
}
