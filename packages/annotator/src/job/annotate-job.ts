import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openDataset, type Dataset, type DatasetInfo } from "@pixelvla/data";
import type { Engine } from "@pixelvla/engines";
import { JobWriter, jobPaths, readJobConfig, writeFileAtomic } from "@pixelvla/jobs";
import { modelsKeepFailing, noCamera, otherJob } from "../errors.ts";
import { FunnelCounter } from "../funnel/funnel.ts";
import { annotateDataset, type AnnotatePlan } from "../pipeline/annotate-dataset.ts";
import type { AnnotatedEpisode } from "../pipeline/annotate-episode.ts";
import type { Cause } from "../funnel/causes.ts";
import { readSeedPictures } from "../pipeline/seed-pictures.ts";
import { openRoles, type Roles } from "../roles/open-roles.ts";
import type { AnnotatorRegistry } from "../roles/registry.ts";
import { drawPreview } from "../sheet/preview.ts";
import { forgetPreview, storePreview, wantsPreview } from "../sheet/preview-store.ts";
import type { AnnotateEvent, AnnotateOutcome, AnnotateTiming } from "./events.ts";
import { annotationJobSchema, readAnnotationJob, runName, type AnnotationJobConfig } from "./job-config.ts";
import { Journal, readJournal, runPaths } from "./journal.ts";
import { Publisher } from "./publisher.ts";
import { ReelStore } from "./reel-store.ts";
import { foldRetries } from "./retry.ts";
import { shardRange } from "./shard.ts";
import { writeResults } from "./write-results.ts";

/** What an annotation job needs besides its configuration. */
export interface AnnotateOptions {
  /** Job directory; made if it is not there, gone on with if it is. */
  readonly dir: string;
  readonly config: AnnotationJobConfig;
  readonly registry: AnnotatorRegistry;
  readonly engine: Engine;
  /** Annotates episodes again that this run dropped for these causes; then goes on as usual. */
  readonly retry?: readonly Cause[] | undefined;
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

type FunnelAbout = ConstructorParameters<typeof FunnelCounter>[0];

/** What a run works on and in. */
interface Work {
  readonly dataset: Dataset;
  readonly camera: string;
  readonly paths: ReturnType<typeof runPaths>;
  readonly nAll: number;
}

/** Where finished episodes go. */
interface Takers {
  readonly funnel: FunnelCounter;
  readonly journal: Journal;
  /** Undefined for a shard, and while episodes are annotated again. */
  readonly publisher: Publisher | undefined;
}

class Annotation {
  readonly #options: AnnotateOptions;
  readonly #job: JobWriter;
  readonly #startedMs = performance.now();
  #roles: Roles | undefined;
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
    const { config, dir, signal, retry = [] } = this.#options;
    const { recipe, shard } = config;
    const run = runName(recipe, dataset.info, config.reading);
    const camera = chooseCamera(dataset.info, recipe.cameras);
    const range = shardRange(shard, dataset.episodeIndices.length);
    const nAll = range.end - range.start;
    this.#emit({ type: "opened", dataset: dataset.info.name, run, camera, nEpisodes: nAll });

    const paths = runPaths(dir, run);
    const about = { dataset: dataset.info.name, recipe: recipe.name, run };
    const sidecar = shard.of > 1 ? null : (config.sidecar ?? join(dir, "annotations"));
    const work = { dataset, camera, paths, nAll };
    const ending: { isStopped: boolean; failure?: Error } = { isStopped: false };
    const guarded = async (part: () => Promise<boolean>) => {
      if (ending.isStopped) return;
      try {
        ending.isStopped = await part();
      } catch (error) {
        ending.isStopped = true;
        if (signal?.aborted !== true) ending.failure = error instanceof Error ? error : new Error(String(error));
      }
    };
    foldRetries(paths); // of a retry that was interrupted
    if (retry.length > 0) await guarded(() => this.#retry(work, about, retry));
    const funnel = new FunnelCounter(about);
    const journal = Journal.open(paths.episodes, (head) => funnel.add(head));
    const publisher = sidecar === null ? undefined : await Publisher.open(sidecar, dataset.info, run);
    this.#job.rewindMetrics(funnel.nIn);
    this.#job.progress(funnel.nIn, "opening models", nAll);
    if (journal.last >= 0) {
      this.#emit({ type: "resumed", nDone: funnel.nIn });
      if (publisher !== undefined)
        for (const { head, body } of readJournal(paths.episodes)) await publisher.add(head, body);
    }
    await guarded(async () => {
      const start = Math.max(range.start, journal.last + 1);
      const to = { funnel, journal, publisher };
      const isAsked = start < range.end && (await this.#episodes({ start, end: range.end }, work, to));
      if (!isAsked) await publisher?.close();
      return isAsked;
    });
    journal.close();
    await this.#roles?.dispose();
    await writeResults(dir, funnel.funnel(ending.failure), [paths.previews]);
    if (ending.failure !== undefined) throw ending.failure;
    this.#job.progress(funnel.nIn, null, nAll);
    const timing = this.#timing(this.#roles);
    writeFileAtomic(join(jobPaths(dir).results, "timing.json"), `${JSON.stringify(timing, null, 2)}\n`);
    return {
      dir,
      state: ending.isStopped ? "stopped" : "done",
      run,
      sidecar,
      nProtected: publisher?.nProtected ?? 0,
      funnel: funnel.funnel(),
      timing,
    };
  }

  /** Annotates again what was dropped for one of `causes`; whether it was asked to stop. */
  async #retry(work: Work, about: FunnelAbout, causes: readonly Cause[]): Promise<boolean> {
    const { episodes, retries } = work.paths;
    const funnel = new FunnelCounter(about);
    const only = new Set<number>();
    for (const { head } of readJournal(episodes))
      if (head.cause !== undefined && causes.includes(head.cause)) only.add(head.position);
      else funnel.add(head);
    this.#emit({ type: "retrying", nEpisodes: only.size, causes });
    if (only.size === 0) return false;
    const journal = Journal.open(retries);
    try {
      const range = { start: Math.min(...only), end: Math.max(...only) + 1, only };
      return await this.#episodes(range, work, { funnel, journal, publisher: undefined });
    } finally {
      journal.close();
      foldRetries(work.paths);
    }
  }

  /** Annotates episodes of the list; whether it was asked to stop. */
  async #episodes(range: Pick<AnnotatePlan, "start" | "end" | "only">, work: Work, to: Takers): Promise<boolean> {
    const { dataset, camera, paths, nAll } = work;
    const { recipe } = this.#options.config;
    const reels = ReelStore.open(paths.reels);
    const roles = await this.#openRoles();
    const plan: AnnotatePlan = {
      dataset,
      camera,
      recipe,
      roles,
      ...this.#signals(),
      ...range,
      seeds: await readSeedPictures(dataset, camera, recipe),
      followed: (reel) => reels.take(reel),
      onFollowed: (reel, followed) => {
        reels.add(reel, followed);
        const nFound = followed.sightings.filter((one) => one !== undefined).length;
        const { nReseeds, sightings } = followed;
        this.#emit({ type: "reel", reel, nFound, nPictures: sightings.length, nReseeds });
      },
    };
    let isStopped = false;
    for await (const episode of annotateDataset(plan)) {
      if (this.#holdBack(episode)) continue;
      for (const one of [...this.#failed.splice(0), episode]) await this.#take(one, work, to);
      this.#progress(to.funnel, nAll);
      isStopped = await this.#isAskedToStop();
      if (isStopped) break;
    }
    for (const one of this.#failed.splice(0)) await this.#take(one, work, to);
    return isStopped;
  }

  /** The models, opened when the first episode needs them. */
  async #openRoles(): Promise<Roles> {
    if (this.#roles !== undefined) return this.#roles;
    const { config, registry, engine } = this.#options;
    this.#roles = await openRoles(config.recipe, registry, {
      engine,
      ...(config.threads !== null && { threads: config.threads }),
      ...(config.modelsDir !== null && { modelsDir: config.modelsDir }),
      ...this.#signals(),
    });
    this.#emit({ type: "models", model: this.#roles.model, modelVersion: this.#roles.modelVersion });
    return this.#roles;
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
    { camera, paths }: Work,
    { funnel, journal, publisher }: Takers,
  ): Promise<void> {
    forgetPreview(paths.previews, head.position);
    if (preview !== undefined && wantsPreview(funnel, head.cause)) {
      const jpeg = await drawPreview(preview, camera).catch((error: unknown) => {
        this.#job.log(`no thumbnail of episode ${head.episodeIndex}: ${(error as Error).message}`);
        return undefined;
      });
      if (jpeg !== undefined) storePreview(paths.previews, head, jpeg);
    }
    journal.append(body === undefined ? { head } : { head, body });
    funnel.add(head);
    if (head.cause !== undefined) this.#job.log(`episode ${head.episodeIndex}: ${head.cause}: ${head.detail ?? ""}`);
    await publisher?.add(head, () => body);
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
