import { existsSync } from "node:fs";
import { JobWriter, readJob, readJobConfig } from "@pixelvla/jobs";
import { parseConfig } from "@pixelvla/core";
import { formatDuration } from "../../terminal/output.ts";
import type { Progress, ProgressUpdate } from "../../terminal/progress.ts";
import { StepClock } from "./clock.ts";
import { otherPlan } from "./errors.ts";
import { mainPaths, mainPlanSchema, type MainPlan } from "./plan.ts";
import { readRecords, writeRecords, type StepRecord } from "./records.ts";
import type { MainStep } from "./step.ts";
import { annotateStep } from "./steps/annotate.ts";
import { evaluateStep } from "./steps/evaluate.ts";
import { recordStep } from "./steps/record.ts";
import { reportStep } from "./steps/report.ts";
import { stage1Step, stage2Step } from "./steps/train-stage.ts";

/** The steps, in order. */
export const STEPS: readonly MainStep[] = [recordStep, annotateStep, stage1Step, stage2Step, evaluateStep, reportStep];

export interface MainOutcome {
  readonly dir: string;
  readonly state: "done" | "stopped";
  readonly steps: readonly StepRecord[];
}

const POLL_MS = 500;

/** The main job of a workspace that has been finished with this plan; undefined otherwise. @throws PVLA_MAIN_PLAN */
export async function finishedMainJob(workspace: string, plan: MainPlan): Promise<MainOutcome | undefined> {
  const { main } = mainPaths(workspace);
  await refuseOtherPlan(main, plan);
  const found = await readJob(main).catch(() => undefined);
  return found?.observed === "done" ? { dir: main, state: "done", steps: readRecords(main) } : undefined;
}

/** A workspace stays with the settings it was begun with: mixing results of two would be worse than an error. */
async function refuseOtherPlan(dir: string, plan: MainPlan): Promise<void> {
  const config = await readJobConfig(dir);
  if (config === undefined) return;
  const before = parseConfig(mainPlanSchema, config, "Reading the main job", dir);
  const differences = (Object.keys(plan) as (keyof MainPlan)[]).flatMap((key) => {
    const [was, is] = [JSON.stringify(before[key]), JSON.stringify(plan[key])];
    return was === is || key === "workers" ? [] : [`${key} ${was} there, ${is} here`];
  });
  if (differences.length > 0) throw otherPlan(dir, differences);
}

/**
 * Runs the main job in a workspace, or goes on with it at the step where it stopped. The job directory `main` shows progress with the
 * time left, takes the command to stop, and keeps what each step took.
 * @throws PVLA_MAIN_PLAN, PVLA_JOB_LOCKED when another start is at work there, and what the steps throw
 */
export async function runMainJob(
  workspace: string,
  plan: MainPlan,
  options: { readonly signal: AbortSignal; readonly progress: Progress },
): Promise<MainOutcome> {
  const paths = mainPaths(workspace);
  await refuseOtherPlan(paths.main, plan);
  const plannedS = STEPS.map((step) => step.plannedS(plan));
  const total = Math.round(plannedS.reduce((sum, seconds) => sum + seconds, 0));
  const job = new JobWriter(paths.main, {
    kind: "sweep",
    config: plan,
    unit: "seconds of planned work",
    total,
    resume: true,
    tensorboard: false,
  });
  const stop = new AbortController();
  const abort = () => stop.abort(options.signal.reason);
  options.signal.addEventListener("abort", abort, { once: true });
  if (options.signal.aborted) abort();
  const poll = setInterval(() => {
    void job.takeCommands().then((commands) => {
      if (commands.includes("stop")) stop.abort(new DOMException("The job was asked to stop.", "AbortError"));
    });
  }, POLL_MS);
  try {
    const steps = await workThrough({ job, plan, paths, signal: stop.signal, plannedS, progress: options.progress });
    job.progress(total, null, total);
    job.close("done");
    return { dir: paths.main, state: "done", steps };
  } catch (error) {
    if (stop.signal.aborted) {
      job.close("stopped");
      return { dir: paths.main, state: "stopped", steps: readRecords(paths.main) };
    }
    job.close("failed", error);
    throw error;
  } finally {
    clearInterval(poll);
    options.signal.removeEventListener("abort", abort);
  }
}

interface Work {
  readonly job: JobWriter;
  readonly plan: MainPlan;
  readonly paths: ReturnType<typeof mainPaths>;
  readonly signal: AbortSignal;
  readonly plannedS: readonly number[];
  readonly progress: Progress;
}

async function workThrough({ job, plan, paths, signal, plannedS, progress }: Work): Promise<StepRecord[]> {
  const records = validRecords(readRecords(job.dir), paths);
  const clock = new StepClock(
    plannedS,
    records.map(({ spentS }) => spentS),
  );
  for (const [index, step] of STEPS.entries()) {
    const before = records[index];
    if (before?.isDone === true) continue;
    signal.throwIfAborted();
    const startedMs = Date.now();
    const spentBeforeS = before?.spentS ?? 0;
    const spentS = () => spentBeforeS + (Date.now() - startedMs) / 1000;
    const heading = `step ${index + 1} of ${STEPS.length}, ${step.title}`;
    const show = (share: number): string => {
      clock.spend(index, spentS());
      job.progress(Math.round(clock.doneS(index, share)), heading);
      return `whole job about ${formatDuration(clock.leftS(index, share))} left`;
    };
    const line = (text: string) => {
      job.log(text);
      progress.line(`  ${text}`);
    };
    job.log(heading);
    progress.line(`${heading}; ${show(0)}`);
    const update = (part: ProgressUpdate) => {
      const left = show(part.total === null || part.total === 0 ? 0 : part.done / part.total);
      progress.update({ ...part, note: part.note === undefined ? left : `${part.note}  ${left}` });
    };
    try {
      const facts = await step.run({ plan, paths, signal, progress: update, line });
      progress.end();
      records[index] = { name: step.name, isDone: true, spentS: spentS(), facts: [...facts] };
      for (const fact of facts) line(fact);
      line(`${step.name} took ${formatDuration(spentS())}`);
    } catch (error) {
      progress.end();
      records[index] = { name: step.name, isDone: false, spentS: spentS(), facts: [] };
      throw error;
    } finally {
      writeRecords(job.dir, records);
    }
  }
  return records;
}

/** Records up to the first step whose work is gone: from there on everything is done again. */
function validRecords(records: readonly StepRecord[], paths: Work["paths"]): StepRecord[] {
  const valid: StepRecord[] = [];
  for (const [index, step] of STEPS.entries()) {
    const record = records[index];
    if (record?.name !== step.name) break;
    valid.push(record);
    if (!record.isDone) break;
    if (!existsSync(step.artefact(paths))) {
      valid[index] = { ...record, isDone: false };
      break;
    }
  }
  return valid;
}
