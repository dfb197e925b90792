import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PixelVlaError, type HostArray, type Parameter } from "@pixelvla/core";
import { TrainSession, type StepReport } from "@pixelvla/engines";
import { findLatestCheckpoint, JobWriter, writeFileAtomic, type Checkpoint } from "@pixelvla/jobs";
import { readTrainCheckpoint, readTrainState, saveTrainCheckpoint } from "../checkpoint/train-checkpoint.ts";
import { GpuWatch } from "../device/gpu-watch.ts";
import type { DoctorReport } from "../doctor/report.ts";
import { nanLoss, resumeMismatch } from "../errors.ts";
import { givenStatistics } from "../init/given-statistics.ts";
import { prepareFeed, type PreparedTraining } from "../prefix-cache/prepare-feed.ts";
import { checkRecipe, type TrainingRecipe } from "../recipe/load-recipe.ts";
import { builtinRegistry } from "../recipe/registry.ts";
import { DataFeed } from "../samples/data-feed.ts";
import { FeedThread } from "../samples/feed-thread.ts";
import { batchSpec, sampleShape } from "../samples/for-recipe.ts";
import type { DatasetStatistics } from "../samples/statistics.ts";
import { buildTraining, optimizerConfig, type BuiltTraining } from "./build-program.ts";
import { CommandWatch } from "./command-watch.ts";
import { EarlyStop } from "./early-stop.ts";
import type { TrainEvent, TrainOutcome } from "./events.ts";
import { firstWeights } from "./first-weights.ts";
import { PRETRAIN_FOLDER, pretrainingOf } from "./pretrain.ts";
import { bindBase, frozenWeights, savedWeights } from "./initial-weights.ts";
import type { RunConfig } from "./run-config.ts";
import { RunningMean } from "./running-mean.ts";
import { StepInterval } from "./step-interval.ts";

export interface TrainRunOptions {
  readonly dir: string;
  readonly config: RunConfig;
  /** Go on with a run that has begun. */
  readonly resume?: boolean;
  /** Aborting saves a checkpoint and ends the run as stopped. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: TrainEvent) => void;
  /** What the doctor said before the launch; kept in the run's results. */
  readonly doctor?: DoctorReport;
  /** The run whose pretraining this is: its commands count here too, it shows the progress, and its thread reads the dataset. */
  readonly parent?: { readonly job: JobWriter; readonly feedThread: FeedThread };
}

/**
 * Trains as the config says, in the job directory `dir`. Killed at any moment and resumed, it gives the weights of a run never
 * killed, bit for bit: batches and random draws are functions of the train step, everything else is in the checkpoint.
 *
 * @throws PVLA_JOB_LOCKED, PVLA_JOB_EXISTS, PVLA_NONFINITE, PVLA_DISK_FULL, PVLA_DATA_*, PVLA_CONFIG, …; all but the first two are
 * also written into the job's status
 */
export async function trainRun(options: TrainRunOptions): Promise<TrainOutcome> {
  const trainingRecipe = checkRecipe(options.config.recipe);
  const job = new JobWriter(options.dir, {
    kind: "train",
    config: options.config,
    unit: "train steps",
    total: trainingRecipe.training.steps,
    resume: options.resume ?? false,
  });
  if (options.doctor !== undefined) writeFileAtomic(job.result("doctor.json"), JSON.stringify(options.doctor, null, 2));
  const run = new TrainRun(job, trainingRecipe, options);
  try {
    const outcome = await run.work();
    job.close(outcome.state);
    return outcome;
  } catch (error) {
    job.close("failed", error);
    throw error;
  } finally {
    await run.release();
  }
}

/** Training frames the closing measurement looks at. */
const FINAL_SAMPLES = 1024;

class TrainRun {
  readonly #job: JobWriter;
  readonly #recipe: TrainingRecipe;
  readonly #options: TrainRunOptions;
  readonly #emit: (event: TrainEvent) => void;
  readonly #feedThread: FeedThread;
  #feed: DataFeed | undefined;
  #evaluationFeed: DataFeed | undefined;
  #session: TrainSession | undefined;
  #built: BuiltTraining | undefined;
  #prepared: PreparedTraining | undefined;
  #frozen = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  readonly #gpus = new GpuWatch();
  #savedStep: number | undefined;
  #step = 0;
  readonly #commands: CommandWatch;
  readonly #earlyStop: EarlyStop;

  constructor(job: JobWriter, recipe: TrainingRecipe, options: TrainRunOptions) {
    this.#job = job;
    this.#recipe = recipe;
    this.#options = options;
    this.#feedThread = options.parent?.feedThread ?? new FeedThread();
    this.#commands = new CommandWatch([job, options.parent?.job], options.signal);
    this.#earlyStop = new EarlyStop(recipe.training.evaluation.patience);
    this.#emit = (event) => options.onEvent?.(event);
  }

  async work(): Promise<TrainOutcome> {
    const pretrained = await this.#pretrain();
    if (pretrained?.state === "stopped") return { ...pretrained, dir: this.#options.dir, step: 0 };
    const feed = await this.#prepare();
    const { training } = this.#recipe;
    const { steps, batchSize, microBatches, checkpoint, evaluation } = training;
    const stepsPerEpoch = feed.info.nSamples / (batchSize * microBatches);
    const recent = new RunningMean(Math.min(100, stepsPerEpoch));
    let isHalved = false;
    let interval = new StepInterval();
    while (this.#step < steps) {
      if (await this.#commands.shouldStop(() => this.#emit({ type: "paused", step: this.#step })))
        return this.#stopped();
      const waitedFrom = performance.now();
      const feeds = await feed.batch(this.#step);
      const dataWaitMs = performance.now() - waitedFrom;
      const report = await this.#trainStep(feeds);
      this.#step = report.step;
      interval.add(report, dataWaitMs);
      const l1 = report.metrics["l1"] ?? report.loss;
      const recentLoss = recent.add(l1);
      if (!isHalved && recent.isFull && report.metrics["l1"] !== undefined && recentLoss < feed.info.baselineL1 / 2) {
        isHalved = true;
        const { baselineL1 } = feed.info;
        this.#emit({ type: "halved", step: report.step, workedS: this.#job.workedS, l1: recentLoss, baselineL1 });
      }
      this.#job.progress(report.step, "training");
      this.#options.parent?.job.progress(0, `pretraining ${report.step} of ${steps}`);
      this.#emit({
        type: "step",
        step: report.step,
        steps,
        loss: report.loss,
        recentLoss,
        isL1: report.metrics["l1"] !== undefined,
        learningRate: report.learningRate,
        msPerStep: report.durationMs,
        etaS: this.#job.status.progress.etaS,
      });
      if (report.step % training.logEverySteps === 0 || report.step === steps) {
        this.#job.metrics({
          step: report.step,
          ...interval.row(batchSize * microBatches),
          ...this.#gpus.scalars(),
          ...this.#prepared?.prefix?.metrics(),
          epoch: report.step / stepsPerEpoch,
        });
        interval = new StepInterval();
      }
      if (report.step % checkpoint.everySteps === 0 && report.step < steps) await this.#save();
      if (evaluation.everySteps !== null && report.step % evaluation.everySteps === 0 && (await this.#evaluate()))
        break;
    }
    await this.#save();
    const trainL1 = await this.#finalL1();
    return this.#outcome("done", trainL1);
  }

  async release(): Promise<void> {
    this.#gpus.close();
    await Promise.all([this.#session?.dispose(), this.#feed?.close(), this.#evaluationFeed?.close()]);
    await this.#prepared?.prefix?.dispose();
    if (this.#options.parent === undefined) await this.#feedThread.end();
  }

  /** Pretrains the encoders where the recipe asks for it and the run itself has not begun. */
  async #pretrain(): Promise<TrainOutcome | undefined> {
    const { dir, config, signal, onEvent } = this.#options;
    const pretraining = pretrainingOf(dir, config, this.#recipe);
    if (pretraining === undefined || pretraining.isDone || findLatestCheckpoint(dir) !== undefined) return undefined;
    const text = `pretraining the encoders, ${pretraining.steps} train steps`;
    this.#job.log(text);
    this.#emit({ type: "message", text });
    return trainRun({
      dir: pretraining.dir,
      config: pretraining.config,
      resume: pretraining.isBegun,
      parent: { job: this.#job, feedThread: this.#feedThread },
      ...(signal === undefined ? {} : { signal }),
      ...(onEvent === undefined ? {} : { onEvent }),
    });
  }

  async #prepare(): Promise<DataFeed> {
    const { recipe, training } = this.#recipe;
    this.#job.progress(0, "opening the dataset");
    const latest = this.#job.isResumed ? findLatestCheckpoint(this.#options.dir) : undefined;
    const saved = latest === undefined ? undefined : readTrainCheckpoint(latest.dir);
    const statistics = saved?.statistics ?? givenStatistics(training);
    const feed = (this.#feed = await this.#openFeed(training.data, statistics, this.#feedThread));
    const { info } = feed;
    if (saved !== undefined && saved.progress.fingerprint !== info.fingerprint) {
      const short = (text: string) => text.slice(0, 12);
      throw resumeMismatch(
        "the dataset",
        short(saved.progress.fingerprint),
        short(info.fingerprint),
        this.#options.dir,
      );
    }
    const { dataset, nEpisodes, nFrames, baselineL1, damage } = info;
    this.#emit({ type: "opened", dataset, nEpisodes, nFrames, baselineL1, damage });
    this.#job.log(
      `dataset ${dataset}: ${nEpisodes} episodes, ${nFrames} frames; best constant prediction L1 ${baselineL1.toFixed(4)}`,
    );
    for (const text of damage) this.#job.log(text);

    this.#job.progress(0, "compiling");
    const built = (this.#built = buildTraining(this.#recipe, builtinRegistry()));
    const parameters = [...built.policy.graph.parameters.values()];
    await bindBase(built.policy.graph, recipe);
    const values = latest === undefined ? await this.#firstWeights(parameters) : await savedWeights(parameters, latest);
    this.#frozen = frozenWeights(parameters, built.trained, values, training.seed);
    const { total, peakActivationBytes } = built.cost;
    this.#emit({ type: "built", stage: built.stage.summary, ...total, peakActivationBytes });
    const prepared = (this.#prepared = await prepareFeed(feed, {
      trainingRecipe: this.#recipe,
      built,
      values,
      log: (text) => this.#job.log(text),
    }));
    this.#session = await TrainSession.create(prepared.program, {
      optimizer: optimizerConfig(training, built.trained),
      provider: training.provider,
      seed: training.seed,
      values,
      ...(training.threads === undefined ? {} : { threads: training.threads }),
      ...(latest === undefined
        ? {}
        : {
            state: await readTrainState(
              latest.dir,
              latest.step,
              built.trained.map(({ name }) => name),
            ),
          }),
    });
    this.#step = latest?.step ?? 0;
    this.#savedStep = latest?.step;
    this.#job.rewindMetrics(this.#step);
    if (latest !== undefined) {
      await this.#earlyStop.recall(this.#options.dir, training.evaluation.split);
      this.#emit({ type: "resumed", step: latest.step });
      this.#job.log(`resumed at train step ${latest.step}`);
    }
    this.#job.progress(this.#step, "training");
    return feed;
  }

  /** Weights of a run that begins; where they came from goes to its provenance. @throws PVLA_INIT, PVLA_WEIGHTS */
  async #firstWeights(parameters: readonly Parameter[]): Promise<ReadonlyMap<string, Float32Array>> {
    const { recipe, training } = this.#recipe;
    const pretrained = training.pretrain === null ? undefined : join(this.#options.dir, PRETRAIN_FOLDER);
    const { values, init, text } = await firstWeights(parameters, recipe, { init: training.init, pretrained });
    for (const line of text) {
      this.#job.log(line);
      this.#emit({ type: "message", text: line });
    }
    const { dataset: name, version, fingerprint } = this.#feed!.info;
    const dataset = { name, version, path: this.#options.config.dataset, fingerprint };
    writeFileAtomic(this.#job.paths.provenance, `${JSON.stringify({ version: 1, dataset, init }, null, 2)}\n`);
    return values;
  }

  #openFeed(
    data: TrainingRecipe["training"]["data"],
    statistics: DatasetStatistics | undefined,
    thread?: FeedThread,
  ): Promise<DataFeed> {
    const { recipe, training } = this.#recipe;
    return DataFeed.open(
      {
        dataset: this.#options.config.dataset,
        shape: sampleShape(this.#recipe),
        data,
        ...(statistics === undefined ? {} : { statistics }),
      },
      recipe,
      training.seed,
      thread,
    );
  }

  /** @throws PVLA_NONFINITE naming the batch */
  async #trainStep(feeds: Record<string, HostArray>): Promise<StepReport> {
    try {
      return await this.#session!.step(feeds, { transfer: true });
    } catch (error) {
      if (!(error instanceof PixelVlaError) || error.code !== "PVLA_NONFINITE") throw error;
      const samples = await this.#feed!.describe(this.#step);
      writeFileSync(
        this.#job.result("bad-batch.json"),
        `${JSON.stringify({ step: this.#step + 1, samples }, null, 2)}\n`,
      );
      const parameters = (error.facts["parameters"] as readonly string[] | undefined) ?? [];
      const names = samples.map(({ episodeIndex, frameIndex }) => `episode ${episodeIndex} frame ${frameIndex}`);
      throw nanLoss({ step: this.#step + 1, samples: names, parameters, keptStep: this.#savedStep }, error);
    }
  }

  async #save(): Promise<Checkpoint> {
    const { recipe, training } = this.#recipe;
    const samplesPerStep = training.batchSize * training.microBatches;
    const state = await this.#session!.save();
    const { keepLast, pinEverySteps } = training.checkpoint;
    const saved = await this.#job.checkpoint(
      this.#step,
      (dir) =>
        saveTrainCheckpoint(dir, {
          state,
          frozen: this.#frozen,
          recipe,
          statistics: this.#feed!.info.statistics,
          progress: {
            step: this.#step,
            seed: training.seed,
            fingerprint: this.#feed!.info.fingerprint,
            samplesPerStep,
            nextVisit: this.#step * samplesPerStep,
          },
        }),
      { keepLast, keep: (step) => pinEverySteps !== null && step % pinEverySteps === 0 },
    );
    this.#savedStep = this.#step;
    this.#emit({ type: "checkpoint", step: this.#step, dir: saved.dir });
    this.#job.log(`checkpoint at train step ${this.#step}`);
    return saved;
  }

  async #stopped(): Promise<TrainOutcome> {
    this.#job.setState("stopping");
    if (this.#savedStep !== this.#step) await this.#save();
    this.#job.log(`stopped at train step ${this.#step}`);
    return this.#outcome("stopped", undefined);
  }

  /** Loss on the evaluation split. Returns whether patience has run out. */
  async #evaluate(): Promise<boolean> {
    const { training } = this.#recipe;
    const { split, batches } = training.evaluation;
    if (this.#evaluationFeed === undefined) {
      const data = { ...training.data, split };
      this.#evaluationFeed = await this.#openFeed(data, this.#feed!.info.statistics);
      await this.#evaluationFeed.prepare(
        batchSpec(this.#recipe, this.#built!.policy, this.#prepared!.program),
        training.batchSize,
        this.#prepared!.prefix,
      );
    }
    const { loss, l1 } = await this.#measure(this.#evaluationFeed, batches);
    const value = l1 ?? loss;
    const isOver = this.#earlyStop.add(value);
    this.#job.metrics({
      step: this.#step,
      [`${split}/loss`]: loss,
      ...(l1 === undefined ? {} : { [`${split}/l1`]: l1 }),
    });
    this.#emit({ type: "evaluated", step: this.#step, split, loss: value, best: this.#earlyStop.best });
    return isOver;
  }

  async #measure(feed: DataFeed, batches: number): Promise<{ loss: number; l1: number | undefined }> {
    let loss = 0;
    let l1 = 0;
    let hasL1 = true;
    for (let i = 0; i < batches; i++) {
      const result = await this.#session!.evaluate(await feed.batchOnce(i));
      loss += result.loss / batches;
      hasL1 &&= result.metrics["l1"] !== undefined;
      l1 += (result.metrics["l1"] ?? 0) / batches;
    }
    return { loss, l1: hasL1 ? l1 : undefined };
  }

  /** L1 over (up to 1,024 of) the training frames with the final weights. */
  async #finalL1(): Promise<number | undefined> {
    this.#job.progress(this.#step, "measuring");
    const { batchSize, microBatches } = this.#recipe.training;
    const nSamples = Math.min(FINAL_SAMPLES, this.#feed!.info.nSamples);
    const batches = Math.ceil(nSamples / (batchSize * microBatches));
    const { l1 } = await this.#measure(this.#feed!, batches);
    const { baselineL1 } = this.#feed!.info;
    const summary = { step: this.#step, trainL1: l1 ?? null, bestConstantL1: baselineL1, workedS: this.#job.workedS };
    writeFileSync(this.#job.result("summary.json"), `${JSON.stringify(summary, null, 2)}\n`);
    if (l1 !== undefined)
      this.#job.log(`training L1 ${l1.toFixed(4)}, best constant prediction ${baselineL1.toFixed(4)}`);
    return l1;
  }

  #outcome(state: "done" | "stopped", trainL1: number | undefined): TrainOutcome {
    const { baselineL1 } = this.#feed!.info;
    return { dir: this.#options.dir, state, step: this.#step, workedS: this.#job.workedS, trainL1, baselineL1 };
  }
}
