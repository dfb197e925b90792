import { availableParallelism } from "node:os";
import { resolve } from "node:path";

import * as bench from "@pixelvla/bench";
import type { EpisodeKey, EpisodeResult } from "@pixelvla/bench";
import { findCheckpoint } from "@pixelvla/training";
import { defineCommand } from "citty";

import { interruptSignal } from "../../terminal/interrupt.ts";
import { jsonArg, printResult } from "../../terminal/output.ts";
import { createProgress } from "../../terminal/progress.ts";
import { wholeNumber } from "../../terminal/whole-number.ts";
import { EvaluationJob } from "./evaluation-job.ts";
import { planOf, savedPlan } from "./evaluation-plan.ts";
import { policyProvenance } from "./policy-provenance.ts";

export const benchRunCommand = defineCommand({
  meta: { name: "run", description: "Play a policy on the tabletop benchmark and report success with intervals" },
  args: {
    policy: {
      type: "string",
      description: "expert, null, random, a run or checkpoint folder, or a .mjs file with createPolicy",
    },
    server: {
      type: "string",
      description: "Play the policy behind this server: ws://HOST:PORT (openpi) or http://HOST:PORT/act (OpenVLA)",
    },
    policyOptions: { type: "string", default: "{}", description: "JSON handed to createPolicy" },
    embodiment: {
      type: "string",
      default: "widowx",
      description: "widowx, google-robot, or both (with a comma), or all",
    },
    tasks: { type: "string", default: "pick", description: "Task families, separated by commas, or all" },
    variants: { type: "string", default: "base", description: "Variants, separated by commas, or all" },
    episodes: { type: "string", default: "50", description: "Episodes per embodiment, task and variant" },
    firstSeed: {
      type: "string",
      default: "0",
      description: "Seed of the first layout; arms with equal seeds are paired",
    },
    maskSource: {
      type: "string",
      default: "none",
      description: "none, exact, automatic, detected, clicked, eroded, shifted, wrong-object, empty",
    },
    maskTime: { type: "string", default: "first", description: "first: one mask an episode; every: one a query" },
    prompt: { type: "string", default: "mask", description: "point, line, box or mask, derived from the mask" },
    executeSteps: { type: "string", default: "2", description: "Steps of a chunk executed before the next query" },
    imageSize: { type: "string", default: "64", description: "Side of the image in pixels" },
    end: {
      type: "string",
      default: "limit",
      description: "limit: judge at the last env step; settled: end when the goal holds",
    },
    threads: { type: "string", description: "Worker threads (default: one per core)" },
    out: { type: "string", description: "Job directory for results.json, summary.csv and episodes.jsonl" },
    resume: {
      type: "boolean",
      default: false,
      description: "Go on with the evaluation in --out as it was begun; other options do not count",
    },
    ...jsonArg,
  },
  async run({ args }) {
    const dir = args.out === undefined ? undefined : resolve(args.out);
    const plan = args.resume ? await savedPlan(dir) : planOf(args, bench);
    const { policy, options, nEpisodes, firstSeed } = plan;
    const episodes = bench.plannedGrid(plan);
    const progress = createProgress({ json: args.json });
    const points = Math.round(100 * bench.detectableDifference(nEpisodes));
    progress.line(
      points < 100
        ? `${episodes.length} episodes; ${nEpisodes} an arm can show a difference of about ${points} points between two arms`
        : `${episodes.length} episodes; ${nEpisodes} an arm are too few to show any difference between two arms`,
    );
    using interrupts = interruptSignal();
    const { signal } = interrupts;
    const job = dir === undefined ? undefined : new EvaluationJob(dir, plan, episodes.length, args.resume);
    signal.addEventListener("abort", () => job?.interrupt(), { once: true });
    const before = [...(job?.played ?? [])];
    let nSuccesses = before.filter(({ result }) => result.success).length;
    try {
      const run = policy.options?.["run"];
      if (job !== undefined && typeof run === "string") {
        job.setProvenance(await policyProvenance(findCheckpoint(run)));
      }
      const played = await bench.runRollouts({
        policy,
        episodes: job?.left(episodes) ?? episodes,
        options,
        threads: args.threads === undefined ? availableParallelism() : wholeNumber("--threads", args.threads),
        signal: job === undefined ? signal : AbortSignal.any([signal, job.stop]),
        onPlayed(one, done) {
          job?.add(one);
          if (one.result.success) nSuccesses++;
          const note = `${nSuccesses} successes`;
          progress.update({ done: before.length + done, total: episodes.length, unit: "episodes", note });
        },
      });
      const byName = new Map([...before, ...played].map(({ result }) => [bench.episodeName(keyOf(result)), result]));
      const results = episodes.flatMap((key) => byName.get(bench.episodeName(key)) ?? []);
      const summary = bench.summarise(results);
      const report = { version: 1, policy, options, firstSeed, nEpisodes, summary, results };
      job?.finish(report, bench.summaryCsv(summary));
      progress.end();
      printResult(args.json, report, () => bench.summaryTable(summary));
    } catch (error) {
      job?.giveUp(error);
      if (job?.stop.aborted !== true || signal.aborted) throw error;
      progress.line("Stopped on request; --resume goes on from here.");
    } finally {
      progress.end();
    }
  },
});

/** The key of a result; results carry its parts as plain text. */
const keyOf = ({ embodiment, task, variant, seed }: EpisodeResult) =>
  ({ embodiment, task, variant, seed }) as EpisodeKey;
