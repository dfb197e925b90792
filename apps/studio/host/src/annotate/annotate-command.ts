import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { annotationJobSchema } from "@pixelvla/annotator";
import { sidecarPath } from "@pixelvla/data";
import { stringify } from "yaml";
import { cannotLaunch } from "../errors.ts";
import { overrideList, type Overrides } from "../runs/train-command.ts";
import type { RunRecord } from "../runs/run-record.ts";
import { STUDIO_DIR, type Workspace } from "../workspace.ts";

/** What an annotation job is started from. */
interface AnnotateStart {
  readonly recipeFile: string;
  readonly dataset: string;
  readonly jobDir: string;
  readonly overrides: Overrides;
  readonly intoDataset: boolean;
}

/** Arguments of `pixelvla annotate run` for a job in `jobDir`. They go to the program as a list, never through a shell. */
export function annotateArguments({ recipeFile, dataset, jobDir, overrides, intoDataset }: AnnotateStart): string[] {
  const changes = overrideList(overrides).map((change) => `--set=${change}`);
  const beside = intoDataset ? ["--beside"] : [];
  return ["annotate", "run", dataset, `--recipe=${recipeFile}`, `--out=${jobDir}`, ...beside, ...changes];
}

/**
 * Arguments that go on with an annotation job where it stopped: the same recipe on the same dataset in the same directory, from the job's
 * own configuration, so that jobs from a terminal can be resumed too.
 *
 * @throws PVLA_STUDIO_LAUNCH for a directory whose configuration is no annotation job's
 */
export async function resumeAnnotateArguments({ place, config }: RunRecord, workspace: Workspace): Promise<string[]> {
  const parsed = annotationJobSchema.safeParse(config);
  if (!parsed.success) throw cannotLaunch(`${place.path} has no readable configuration`, "Launch the recipe anew");
  const { recipe, dataset, reading, shard, sidecar, modelsDir, threads } = parsed.data;
  const text = stringify(recipe);
  const folder = join(
    workspace.root,
    STUDIO_DIR,
    "recipes",
    createHash("sha256").update(text).digest("hex").slice(0, 12),
  );
  await mkdir(folder, { recursive: true });
  const recipeFile = join(folder, "annotate.yaml");
  await writeFile(recipeFile, text);
  const intoDataset = sidecar === sidecarPath(dataset);
  return [
    ...annotateArguments({ recipeFile, dataset, jobDir: place.dir, overrides: {}, intoDataset }),
    `--bridge-frames=${reading.bridgeFrames}`,
    ...(reading.split === undefined ? [] : [`--split=${reading.split}`]),
    ...(reading.standardisation === undefined ? [] : [`--standardisation=${reading.standardisation}`]),
    ...(shard.of > 1 ? [`--shard=${shard.index}/${shard.of}`] : []),
    ...(modelsDir === null ? [] : [`--models=${modelsDir}`]),
    ...(threads === null ? [] : [`--threads=${threads}`]),
  ];
}
