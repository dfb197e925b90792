import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { builtinAnnotatorRegistry, loadAnnotationRecipe, type AnnotationRecipe } from "@pixelvla/annotator";
import { modelsFolder } from "@pixelvla/data";
import { launchLocal } from "@pixelvla/jobs";
import type { AnnotateLaunch, DoctorCheck, RecipeItem } from "@pixelvla/studio-contract";
import type { DatasetCatalog } from "../datasets/catalog.ts";
import { asProblem } from "../problem.ts";
import { cannotLaunch, doctorFails, unknownItem } from "../errors.ts";
import type { RunCatalog } from "../runs/catalog.ts";
import type { LaunchMeans } from "../runs/launcher.ts";
import { findRecipes, type FoundRecipe } from "../runs/recipes.ts";
import { overrideList } from "../runs/train-command.ts";
import type { Workspace } from "../workspace.ts";
import { annotateArguments } from "./annotate-command.ts";

interface Parts {
  readonly workspace: Workspace;
  readonly datasets: DatasetCatalog;
  readonly runs: RunCatalog;
  readonly means: LaunchMeans;
}

/** Launches annotation jobs and says beforehand what would stop them. What it starts is detached: it outlives the studio. */
export class AnnotateLauncher {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Annotation recipes, those that ship and those of the workspace. */
  async recipes(): Promise<RecipeItem[]> {
    return (await this.#found()).map(({ item }) => item);
  }

  /** What would stop the job or make it useless, before it starts. @throws PVLA_STUDIO_UNKNOWN */
  async check({ recipe, datasetId, overrides }: AnnotateLaunch): Promise<DoctorCheck[]> {
    const { file } = await this.#recipe(recipe);
    const checks = await this.#checkDataset(datasetId);
    try {
      const loaded = loadAnnotationRecipe(file, overrideList(overrides));
      checks.push({ check: "recipe", level: "pass", message: `${loaded.name} is well-formed.` }, ...checkRoles(loaded));
    } catch (error) {
      const { message, fix } = asProblem(error);
      checks.push({ check: "recipe", level: "fail", message, ...(fix === undefined ? {} : { fix }) });
    }
    return checks;
  }

  /** @throws PVLA_STUDIO_UNKNOWN, PVLA_STUDIO_LAUNCH, PVLA_STUDIO_DOCTOR when a check fails and the request does not launch over it */
  async launch(request: AnnotateLaunch): Promise<{ runId: string }> {
    const { workspace, datasets, runs, means } = this.#parts;
    if (means.pixelvla === undefined)
      throw cannotLaunch(
        "this host was not told where the pixelvla command is",
        "Start the studio with `pixelvla studio`",
      );
    const failures = (await this.check(request)).filter(({ level }) => level === "fail").map(({ message }) => message);
    if (failures.length > 0 && !request.launchOverFail) throw doctorFails(failures);
    const { file } = await this.#recipe(request.recipe);
    const opened = await datasets.open(request.datasetId);
    const dataset = opened.place.root;
    const { overrides, intoDataset } = request;
    const command = means.pixelvla;
    const dir = launchLocal({
      runsDir: workspace.runsDir,
      name: request.name ?? `annotate-${opened.place.name}`,
      kind: "annotate",
      command: (jobDir) => [
        ...command,
        ...annotateArguments({ recipeFile: file, dataset, jobDir, overrides, intoDataset }),
      ],
      cwd: workspace.root,
      unit: "episodes",
      total: opened.nTotal,
    });
    return { runId: runs.idOf(dir) };
  }

  async #found(): Promise<FoundRecipe[]> {
    const { workspace, means } = this.#parts;
    return (await findRecipes(workspace, means.recipesDir)).filter(({ item }) => item.kind === "annotate");
  }

  async #recipe(name: string): Promise<FoundRecipe> {
    const recipes = await this.#found();
    const found = recipes.find(({ item }) => item.name === name);
    if (found === undefined)
      throw unknownItem(
        "recipe",
        name,
        recipes.map(({ item }) => item.name),
      );
    return found;
  }

  async #checkDataset(datasetId: string): Promise<DoctorCheck[]> {
    try {
      const { info } = (await this.#parts.datasets.open(datasetId)).reader;
      const opened = `${info.name} ${info.version} (${info.format}) opens, ${info.nEpisodes} episodes.`;
      const isEmpty = info.nEpisodes === 0;
      return [
        { check: "dataset", level: isEmpty ? "fail" : "pass", message: opened },
        info.primaryCamera === undefined
          ? { check: "camera", level: "fail", message: `${info.name} has no camera to annotate.` }
          : {
              check: "camera",
              level: "pass",
              message: `Camera ${info.primaryCamera} is annotated, unless the recipe names another.`,
            },
      ];
    } catch (error) {
      const { message, fix } = asProblem(error);
      return [{ check: "dataset", level: "fail", message, ...(fix === undefined ? {} : { fix }) }];
    }
  }
}

/** Whether every role names a plugin there is, and whether the model folders it names are pulled. */
function checkRoles({ roles }: AnnotationRecipe): DoctorCheck[] {
  const registry = builtinAnnotatorRegistry();
  const kinds = {
    gripperDetector: "gripperDetector",
    targetReasoner: "targetReasoner",
    objectDetector: "objectDetector",
    segmenter: "segmenter",
    agreementSegmenter: "segmenter",
    tracker: "tracker",
  } as const;
  const checks = (Object.keys(kinds) as (keyof typeof kinds)[]).flatMap((role): DoctorCheck[] => {
    const reference = roles[role];
    if (reference === null) return [];
    const isKnown = registry.list(kinds[role]).some(({ name }) => name === reference.name);
    if (!isKnown)
      return [
        {
          check: role,
          level: "fail",
          message: `No ${role} is named ${reference.name}.`,
          fix: `Known: ${registry
            .list(kinds[role])
            .map(({ name }) => name)
            .join(", ")}`,
        },
      ];
    const missing = foldersOf(reference).filter(
      (folder) => !existsSync(folder) && !existsSync(join(modelsFolder(), folder)),
    );
    return missing.map((folder) => ({
      check: role,
      level: "fail",
      message: `The model ${folder} of ${reference.name} is not there.`,
      fix: `Pull it with: pixelvla models pull ${basename(folder)}`,
    }));
  });
  return checks.length > 0
    ? checks
    : [{ check: "models", level: "pass", message: "Every role names a model that is there." }];
}

/** Model folders and files that the options name. */
function foldersOf({ options }: { readonly options: unknown }): string[] {
  if (options === null || typeof options !== "object") return [];
  return Object.entries(options).flatMap(([key, value]) =>
    (key === "folder" || key === "model") && typeof value === "string" && value.includes("/") ? [value] : [],
  );
}
