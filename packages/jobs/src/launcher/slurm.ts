import { join } from "node:path";
import { z } from "zod";
import { writeFileAtomic } from "../atomic-file.ts";
import { toolFailed } from "../errors.ts";
import { jobPaths } from "../paths.ts";
import { jobScriptLines, shellWord } from "./job-script.ts";
import { createQueuedJob, noteLauncher } from "./launch-file.ts";
import { defineLauncher } from "./launcher-plugin.ts";
import { runTool } from "./run-tool.ts";

const options = z.strictObject({
  partition: z.string().min(1).optional().describe("Partition (queue)"),
  account: z.string().min(1).optional().describe("Account that is charged"),
  time: z
    .string()
    .regex(/^(\d+-)?\d{1,2}(:\d{2}){0,2}$/)
    .default("24:00:00")
    .describe("Time limit, e.g. 2-00:00:00; the job saves and stops before it"),
  gpus: z.int().nonnegative().default(0).describe("GPUs"),
  cpus: z.int().positive().default(8).describe("Cores"),
  memory: z
    .string()
    .regex(/^\d+[KMGT]?$/)
    .default("32G")
    .describe("Memory, e.g. 32G"),
  graceS: z.int().positive().default(180).describe("Seconds before the limit at which the job is asked to save"),
  requeue: z
    .boolean()
    .default(true)
    .describe("Start again after a preemption; the job goes on from its last checkpoint"),
  extra: z.array(z.string().regex(/^--/)).default([]).describe("Further #SBATCH options, e.g. --constraint=a100"),
});

/** Slurm: writes `launch.sbatch` into the job directory and submits it; the job's output goes to its log. */
export const slurmLauncher = defineLauncher({
  name: "slurm",
  summary: "a Slurm cluster that shares this file system",
  options,
  async launch(request, given) {
    const dir = createQueuedJob(request);
    const file = join(dir, "launch.sbatch");
    const { partition, account, time, gpus, cpus, memory, graceS, requeue, extra } = given;
    const directives = [
      `--job-name=${request.name}`,
      `--output=${jobPaths(dir).log}`,
      "--open-mode=append",
      ...(partition === undefined ? [] : [`--partition=${partition}`]),
      ...(account === undefined ? [] : [`--account=${account}`]),
      `--time=${time}`,
      `--cpus-per-task=${cpus}`,
      `--mem=${memory}`,
      ...(gpus === 0 ? [] : [`--gres=gpu:${gpus}`]),
      // To the batch shell, which the work has replaced by then: it saves a checkpoint and ends.
      `--signal=B:TERM@${graceS}`,
      requeue ? "--requeue" : "--no-requeue",
      ...extra,
    ];
    const lines = [
      "#!/bin/bash",
      ...directives.map((one) => `#SBATCH ${quoted(one)}`),
      ...jobScriptLines(request, dir),
    ];
    writeFileAtomic(file, `${lines.join("\n")}\n`);
    const printed = await runTool("sbatch", ["--parsable", file], "Submitting to Slurm");
    const id = /^(\d+)(;|$)/.exec(printed)?.[1];
    if (id === undefined) throw toolFailed("sbatch", "Submitting to Slurm", `it printed "${printed}", no job id`);
    noteLauncher(dir, { name: "slurm", id });
    return {
      dir,
      id,
      file,
      note: `Slurm job ${id}; watch it with  squeue -j ${id}  or  pixelvla jobs show ${shellWord(dir)}`,
    };
  },
});

/** `#SBATCH` lines are split like a shell's, with double quotes. */
const quoted = (option: string): string => (/\s/.test(option) ? option.replace(/=(.*)$/, '="$1"') : option);
