import { dropCommand, readJob, type JobCommand } from "@pixelvla/jobs";
import { defineCommand } from "citty";
import { jsonArg, printResult } from "../../terminal/output.ts";

/** Verb that drops `command` into a job directory. */
const commandVerb = (command: JobCommand, description: string) =>
  defineCommand({
    meta: { name: command, description },
    args: { job: { type: "positional", required: true, description: "Job directory" }, ...jsonArg },
    async run({ args }) {
      const { id, observed } = await readJob(args.job);
      await dropCommand(args.job, command);
      printResult(args.json, { id, observed, command }, () => `Asked ${id} (${observed}) to ${command}`);
    },
  });

export const stopCommand = commandVerb("stop", "Ask a job to save and stop");
export const pauseCommand = commandVerb("pause", "Ask a job to rest between two steps");
export const resumeCommand = commandVerb("resume", "Ask a paused job to go on");
