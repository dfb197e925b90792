import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openDataset, type Dataset, type DatasetInfo } from "@pixelvla/data";
import type { Engine } from "@pixelvla/engines";
import { JobWriter, jobPaths, readJobConfig, writeFileAtomic } from "@pixelvla/jobs";
import { modelsKeepFailing, noCamera, otherJob } from "../errors.ts";
import { FunnelCounter } from "../funnel/funnel.ts";
import { annotateDataset } from "../pipeline/annotate-dataset.ts";
import type { AnnotatedEpisode } from "../pipeline/annotate-episode.ts";
import { readSeedPictures } from "../pipeline/seed-pictures.ts";
import { openRoles, type Roles } from "../roles/open-roles.ts";
import type { AnnotatorRegistry } from "../roles/registry.ts";
import { drawPreview } from "../sheet/preview.ts";
import { storePreview, wantsPreview } from "../sheet/preview-store.ts";
import type { AnnotateEvent, AnnotateOutcome, AnnotateTiming } from "./events.ts";
import { annotationJobSchema, readAnnotationJob, runName, type AnnotationJobConfig } from "./job-config.ts";
import { Journal, readJournal, runPaths } from "./journal.ts";
import { Publisher } from "./publisher.ts";
import { ReelStore } from "./reel-store.ts";
import { shardRange } from "./shard.ts";
import { writeResults } from "./write-results.ts";

/** What an annotation job needs besides its configuration. */
export interface AnnotateOptions {
  /** Job directory; made if it is not there, gone on with if it is. */
  readonly dir: string;
  readonly config: AnnotationJobConfig;
  readonly registry: AnnotatorRegistry;
  readonly engine: Engine;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: AnnotateEvent) => void) | undefined;
  /** Opens the dataset; default `openDataset`. */
  readonly open?: ((config: AnnotationJobConfig) => Promise<Dataset>) | undefined;
}

const COMMANDS_MS = 500;
const METRICS_MS = 5000;

/**
 * Annotates a dataset, or a shard of it, in a job directory. Interrupted at any moment, the same call goes on where it
 * stopped: every episode is annotated once. A whole dataset's annotations go into its sidecar as they come, a shard's
 * when the shards are merged.
 *
 * @throws PVLA_JOB_LOCKED, PVLA_ANNOTATE_OTHER_JOB, PVLA_ANNOTATE_CAMERA, PVLA_ANNOTATE_FAILING, and what opening dataset and models throws
 */
export async function annotateJob(options: AnnotateOptions): Promise<AnnotateOutcome> {
  const { dir, config } = options;
  const known = await readJobConfig(dir).catch(() => undefined);
  if (known !== undefined) await refuseOtherJob(dir, config);
  const job = new JobWriter(dir, { kind: "annotate", config, unit: "episodes", total: null, resume: true });
  let outcome: AnnotateOutcome;
  try {
    outcome = await new Annotation(options, job).run();
  } catch (error) {
    job.close("failed", error);
    throw error;
  }
  job.close(outcome.state);
  return outcome;
}

/** A directory stays with its dataset and shard; another recipe is another run in it. */
async function refuseOtherJob(dir: string, config: AnnotationJobConfig): Promise<void> {
  const other = await readAnnotationJob(dir);
  const text = ({ dataset, shard, reading }: AnnotationJobConfig) =>
    `shard ${shard.index}/${shard.of} of ${resolve(dataset)} (${JSON.stringify(reading)})`;
  if (text(other) !== text(config)) throw otherJob(dir, text(other), text(config));
}

/** The camera a recipe annotates. @throws PVLA_ANNOTATE_CAMERA */
export function chooseCamera({ name, cameras, primaryCamera }: DatasetInfo, wanted: readonly string[]): string {
  const keys = cameras.map(({ key }) => key);
  const camera = wanted.length === 0 ? (primaryCamera ?? keys[0]) : wanted.find((key) => keys.includes(key));
  if (camera === undefined) throw noCamera(name, wanted, keys);
  return camera;
}

class Annotation {
  readonly #options: AnnotateOptions;
  readonly #job: JobWriter;
  readonly #startedMs = performance.now();
  /** Episodes that failed in a row and are not in the journal yet: should the job give up, they are annotated again. */
  #failed: AnnotatedEpisode[] = [];
  #commandsMs = 0;
  #metricsMs = 0;
  #nEpisodes = 0;
  #nFrames = 0;

  constructor(options: AnnotateOptions, job: JobWriter) {
    this.#options = options;
    this.#job = job;
  }

  async run(): Promise<AnnotateOutcome> {
    const { config } = this.#options;
    this.#job.writeConfig(annotationJobSchema.parse(config));
    const open = this.#options.open ?? openForAnnotation;
    const dataset = await open(config);
    try {
      return await this.#annotate(dataset);
    } finally {
      await dataset.close();
    }
  }

  async #annotate(dataset: Dataset): Promise<AnnotateOutcome> {
    const { config, dir, registry, engine, signal } = this.#options;
    const { recipe, shard } = config;
    const run = runName(recipe, dataset.info, config.reading);
    const camera = chooseCamera(dataset.info, recipe.cameras);
    const range = shardRange(shard, dataset.episodeIndices.length);
    const nAll = range.end - range.start;
    this.#emit({ type: "opened", dataset: dataset.info.name, run, camera, nEpisodes: nAll });

    const paths = runPaths(dir, run);
    const funnel = new FunnelCounter({ dataset: dataset.info.name, recipe: recipe.name, run });
    const journal = Journal.open(paths.episodes, (head) => funnel.add(head));
    const reels = ReelStore.open(paths.reels);
    const sidecar = shard.of > 1 ? null : (config.sidecar ?? join(dir, "annotations"));
    const publisher = sidecar === null ? undefined : await Publisher.open(sidecar, dataset.info, run);
    const isResumed = journal.last >= 0;
    this.#job.rewindMetrics(funnel.nIn);
    this.#job.progress(funnel.nIn, "opening models", nAll);
    if (isResumed) {
      this.#emit({ type: "resumed", nDone: funnel.nIn });
      if (publisher !== undefined)
        for (const { head, body } of readJournal(paths.episodes)) await publisher.add(head, body);
    }
    let roles: Roles | undefined;
    let isStopped = false;
    let failure: Error | undefined;
    try {
      const start = Math.max(range.start, journal.last + 1);
      if (start < range.end) {
        roles = await openRoles(recipe, registry, {
          engine,
          ...(config.threads !== null && { threads: config.threads }),
          ...(config.modelsDir !== null && { modelsDir: config.modelsDir }),
          ...(signal !== undefined && { signal }),
        });
        this.#emit({ type: "models", model: roles.model, modelVersion: roles.modelVersion });
        const plan = {
          dataset,
          camera,
          recipe,
          roles,
          ...this.#signals(),
          start,
          end: range.end,
          seeds: await readSeedPictures(dataset, camera, recipe),
          followed: (reel: number) => reels.take(reel),
          onFollowed: (reel: number, followed: Parameters<ReelStore["add"]>[1]) => {
            reels.add(reel, followed);
            const nFound = followed.sightings.filter((one) => one !== undefined).length;
            this.#emit({
              type: "reel",
              reel,
              nFound,
              nPictures: followed.sightings.length,
              nReseeds: followed.nReseeds,
            });
          },
        };
        const to = { camera, funnel, journal, publisher, previews: paths.previews };
        for await (const episode of annotateDataset(plan)) {
          if (this.#holdBack(episode)) continue;
          for (const one of [...this.#failed.splice(0), episode]) await this.#take(one, to);
          this.#progress(funnel, nAll);
          isStopped = await this.#isAskedToStop();
          if (isStopped) break;
        }
        for (const one of this.#failed.splice(0)) await this.#take(one, to);
      }
      if (!isStopped) await publisher?.close();
    } catch (error) {
      isStopped = true;
      if (signal?.aborted !== true) failure = error instanceof Error ? error : new Error(String(error));
    }
    journal.close();
    await roles?.dispose();
    await writeResults(dir, funnel.funnel(failure), [paths.previews]);
    if (failure !== undefined) throw failure;
    this.#job.progress(funnel.nIn, null, nAll);
    const timing = this.#timing(roles);
    writeFileAtomic(join(jobPaths(dir).results, "timing.json"), `${JSON.stringify(timing, null, 2)}\n`);
    return {
      dir,
      state: isStopped ? "stopped" : "done",
      run,
      sidecar,
      nProtected: publisher?.nProtected ?? 0,
      funnel: funnel.funnel(),
      timing,
    };
  }

  #signals(): { signal?: AbortSignal } {
    const { signal } = this.#options;
    return signal === undefined ? {} : { signal };
  }

  /** Whether an episode waits, as one of several in a row that failed for a broken model. @throws PVLA_ANNOTATE_FAILING for too many */
  #holdBack(episode: AnnotatedEpisode): boolean {
    const { cause, detail } = episode.head;
    if (cause !== "model-failed" && cause !== "reasoner-unreachable") return false;
    this.#failed.push(episode);
    const { failuresInARow } = this.#options.config.recipe.limits;
    if (this.#failed.length > failuresInARow) throw modelsKeepFailing(this.#failed.length, detail);
    return true;
  }

  async #take(
    { head, body, preview }: AnnotatedEpisode,
    to: {
      readonly camera: string;
      readonly funnel: FunnelCounter;
      readonly journal: Journal;
      readonly publisher: Publisher | undefined;
      readonly previews: string;
    },
  ): Promise<void> {
    if (preview !== undefined && wantsPreview(to.funnel, head.cause)) {
      const jpeg = await drawPreview(preview, to.camera).catch((error: unknown) => {
        this.#job.log(`no thumbnail of episode ${head.episodeIndex}: ${(error as Error).message}`);
        return undefined;
      });
      if (jpeg !== undefined) storePreview(to.previews, head, jpeg);
    }
    to.journal.append(body === undefined ? { head } : { head, body });
    to.funnel.add(head);
    if (head.cause !== undefined) this.#job.log(`episode ${head.episodeIndex}: ${head.cause}: ${head.detail ?? ""}`);
    await to.publisher?.add(head, () => body);
    this.#nEpisodes++;
    this.#nFrames += head.nFrames ?? 0;
  }

  #progress(funnel: FunnelCounter, nAll: number): void {
    this.#job.progress(funnel.nIn, "annotating", nAll);
    const { ratePerS, etaS } = this.#job.status.progress;
    this.#emit({ type: "progress", nDone: funnel.nIn, nAll, nKept: funnel.nKept, ratePerS, etaS });
    const nowMs = Date.now();
    if (nowMs - this.#metricsMs < METRICS_MS && funnel.nIn < nAll) return;
    this.#metricsMs = nowMs;
    this.#job.metrics({ step: funnel.nIn, kept: funnel.nKept, keptShare: funnel.nKept / funnel.nIn });
  }

  /** Obeys stop, pause and resume commands; true to stop. */
  async #isAskedToStop(): Promise<boolean> {
    if (this.#isAborted()) return true;
    if (Date.now() - this.#commandsMs < COMMANDS_MS) return false;
    let isPaused = false;
    for (;;) {
      this.#commandsMs = Date.now();
      const commands = await this.#job.takeCommands();
      if (commands.includes("stop") || this.#isAborted()) {
        this.#job.setState("stopping");
        return true;
      }
      if (commands.includes("resume") && isPaused) {
        isPaused = false;
        this.#job.setState("running");
      } else if (commands.includes("pause") && !isPaused) {
        isPaused = true;
        this.#job.setState("paused");
        this.#emit({ type: "paused" });
      }
      if (!isPaused) return false;
      await sleep(COMMANDS_MS);
    }
  }

  #isAborted(): boolean {
    return this.#options.signal?.aborted === true;
  }

  #timing(roles: Roles | undefined): AnnotateTiming {
    const wallS = (performance.now() - this.#startedMs) / 1000;
    const { busyMs, calls } = roles?.clock.times ?? { busyMs: 0, calls: {} };
    const modelsS = Math.min(wallS, busyMs / 1000);
    return {
      wallS,
      modelsS,
      outsideShare: wallS === 0 ? 0 : 1 - modelsS / wallS,
      nEpisodes: this.#nEpisodes,
      nFrames: this.#nFrames,
      framesPerS: this.#nFrames / wallS,
      calls,
    };
  }

  #emit(event: AnnotateEvent): void {
    this.#options.onEvent?.(event);
  }
}

/** Opens a job's dataset; damaged episodes are passed over and counted in the funnel. */
export const openForAnnotation = ({ dataset, reading }: AnnotationJobConfig): Promise<Dataset> =>
  openDataset(dataset, {
    onDamage: "skip",
    bridgeFrames: reading.bridgeFrames,
    ...(reading.split !== undefined && { split: reading.split }),
    ...(reading.standardisation !== undefined && { standardisation: reading.standardisation }),
  });
