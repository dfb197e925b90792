import { statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

import type { EpisodeKey, EpisodeResult } from "@pixelvla/bench";
import { pixelVlaError } from "@pixelvla/core";
import { defineCommand } from "citty";

import { interruptSignal } from "../../terminal/interrupt.ts";
import { jsonArg, printResult } from "../../terminal/output.ts";
import { createProgress } from "../../terminal/progress.ts";
import { wholeNumber } from "../../terminal/whole-number.ts";
import { chosen, oneOf } from "./choices.ts";
import { EvaluationJob } from "./evaluation-job.ts";
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
      description: "none, exact, automatic, eroded, shifted, wrong-object, empty",
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
    resume: { type: "boolean", default: false, description: "Go on with the evaluation in --out" },
    ...jsonArg,
  },
  async run({ args }) {
    const bench = await import("@pixelvla/bench");
    const embodiments = chosen("--embodiment", args.embodiment, ["widowx", "google-robot"] as const);
    const tasks = chosen("--tasks", args.tasks, bench.TASKS);
    const variants = chosen(
      "--variants",
      args.variants,
      bench.VARIANTS.map(({ name }) => name),
    );
    const nEpisodes = wholeNumber("--episodes", args.episodes);
    const firstSeed = wholeNumber("--first-seed", args.firstSeed);
    const options = {
      maskSource: oneOf("--mask-source", args.maskSource, bench.MASK_SOURCES),
      maskTime: oneOf("--mask-time", args.maskTime, bench.MASK_TIMES),
      promptKind: oneOf("--prompt", args.prompt, bench.PROMPT_KINDS),
      executeSteps: wholeNumber("--execute-steps", args.executeSteps),
      imageSizePx: wholeNumber("--image-size", args.imageSize),
      end: oneOf("--end", args.end, ["limit", "settled"] as const),
    };
    const policy = policySpec(args.policy, args.server, parsedOptions(args.policyOptions), bench.BUILTIN_POLICIES);
    const episodes = bench.plannedGrid({ embodiments, tasks, variants, nEpisodes, firstSeed });
    const progress = createProgress({ json: args.json });
    const points = Math.round(100 * bench.detectableDifference(nEpisodes));
    progress.line(
      points < 100
        ? `${episodes.length} episodes; ${nEpisodes} an arm can show a difference of about ${points} points between two arms`
        : `${episodes.length} episodes; ${nEpisodes} an arm are too few to show any difference between two arms`,
    );
    const { signal, dispose } = interruptSignal();
    const plan = { embodiments, tasks, variants, nEpisodes, firstSeed };
    const job =
      args.out === undefined
        ? undefined
        : new EvaluationJob(resolve(args.out), { version: 1, policy, options, ...plan }, episodes.length, args.resume);
    signal.addEventListener("abort", () => job?.interrupt(), { once: true });
    const before = [...(job?.played ?? [])];
    let nSuccesses = before.filter(({ result }) => result.success).length;
    try {
      if (job !== undefined && typeof policy.options["run"] === "string") {
        const { findCheckpoint } = await import("@pixelvla/training");
        job.setProvenance(await policyProvenance(findCheckpoint(policy.options["run"])));
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
      dispose();
    }
  },
});

/** The key of a result; results carry its parts as plain text. */
const keyOf = ({ embodiment, task, variant, seed }: EpisodeResult) =>
  ({ embodiment, task, variant, seed }) as EpisodeKey;

/** A built-in name, a trained run, a module, or a server. @throws PVLA_ARGUMENTS */
function policySpec(
  policy: string | undefined,
  server: string | undefined,
  options: Record<string, unknown>,
  builtin: readonly string[],
): { policy: string; options: Record<string, unknown> } {
  if ((policy === undefined) === (server === undefined))
    throw pixelVlaError("PVLA_ARGUMENTS", {
      doing: "Reading the command line",
      found: policy === undefined ? "neither --policy nor --server" : "both --policy and --server",
      needed: "one of them",
    });
  if (policy === undefined)
    return {
      policy: fileURLToPath(import.meta.resolve("@pixelvla/serving/remote-policy")),
      options: { ...options, server },
    };
  if (builtin.includes(policy)) return { policy, options };
  const path = resolve(policy);
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return { policy: path, options };
  return {
    policy: fileURLToPath(import.meta.resolve("@pixelvla/training/tabletop-policy")),
    options: { ...options, run: path },
  };
}

/** @throws PVLA_ARGUMENTS */
function parsedOptions(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // The sentence below says it.
  }
  throw pixelVlaError(
    "PVLA_ARGUMENTS",
    { doing: "Reading the command line", found: `--policy-options is ${text}`, needed: "a JSON object" },
    { text },
  );
}
