import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Parameter } from "@pixelvla/core";
import { parse } from "yaml";
import { CHECKPOINT_FILES, readPolicyWeights, readTrainCheckpoint } from "../checkpoint/train-checkpoint.ts";
import { nothingLoaded } from "../errors.ts";
import { findInit } from "./find-init.ts";
import { initText } from "./init-text.ts";
import { matchInit, type InitReport } from "./match-init.ts";

/** Where a run's first weights came from; kept in its `provenance.json`. */
export interface InitProvenance {
  /** As the recipe says it. */
  readonly init: string;
  readonly checkpoint: string;
  readonly recipe: string;
  readonly trainStep: number;
  /** SHA-256 of the checkpoint's weights file. */
  readonly sha256: string;
  /** Fingerprint of the dataset those weights were trained on. */
  readonly datasetFingerprint: string;
  readonly report: InitReport;
}

/** Weights of `training.init` for the parameters of a run. */
export interface LoadedInit {
  readonly values: Map<string, Float32Array>;
  readonly provenance: InitProvenance;
  /** Sentences for log and terminal. */
  readonly text: readonly string[];
}

/**
 * Loads what matches by name and shape from the run, checkpoint folder or shipped base that `init` names; its moving average where
 * it keeps one. Everything else starts anew and is reported.
 * @throws PVLA_INIT when nothing matches, PVLA_NO_CHECKPOINT, PVLA_RUN, PVLA_CHECKPOINT_DAMAGED
 */
export async function loadInit(init: string, parameters: readonly Parameter[]): Promise<LoadedInit> {
  const checkpoint = findInit(init);
  const { progress, recipe: document } = readTrainCheckpoint(checkpoint);
  const { values, report } = matchInit(parameters, await readPolicyWeights(checkpoint));
  const recipe = (parse(document) as { name?: string }).name ?? basename(checkpoint);
  if (values.size === 0) throw nothingLoaded(init, recipe, report.unexpected.length, checkpoint);
  const sha256 = createHash("sha256")
    .update(await readFile(join(checkpoint, CHECKPOINT_FILES.policy)))
    .digest("hex");
  const provenance: InitProvenance = {
    init,
    checkpoint,
    recipe,
    trainStep: progress.step,
    sha256,
    datasetFingerprint: progress.fingerprint,
    report,
  };
  return { values, provenance, text: initText(`"${recipe}" at train step ${progress.step}`, report) };
}
