import { statSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { pixelVlaError } from "@pixelvla/core";
import { defineCommand } from "citty";

import { interruptSignal } from "../../terminal/interrupt.ts";
import { jsonArg, printResult } from "../../terminal/output.ts";
import { createProgress } from "../../terminal/progress.ts";
import { wholeNumber } from "../../terminal/whole-number.ts";
import { chosen, oneOf } from "./choices.ts";

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
    executeSteps: { type: "string", default: "4", description: "Steps of a chunk executed before the next query" },
    imageSize: { type: "string", default: "64", description: "Side of the image in pixels" },
    end: {
      type: "string",
      default: "limit",
      description: "limit: judge at the last env step; settled: end when the goal holds",
    },
    threads: { type: "string", description: "Worker threads (default: one per core)" },
    out: { type: "string", description: "Folder for results.json, summary.csv and episodes.jsonl" },
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
    let nSuccesses = 0;
    const played = await bench
      .runRollouts({
        policy,
        episodes,
        options,
        threads: args.threads === undefined ? availableParallelism() : wholeNumber("--threads", args.threads),
        signal,
        onPlayed({ result }, done, total) {
          if (result.success) nSuccesses++;
          progress.update({ done, total, unit: "episodes", note: `${nSuccesses} successes` });
        },
      })
      .finally(() => {
        progress.end();
        dispose();
      });
    const results = played.map(({ result }) => result);
    const summary = bench.summarise(results);
    const report = { version: 1, policy, options, firstSeed, nEpisodes, summary, results };
    if (args.out !== undefined) {
      const folder = resolve(args.out);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, "results.json"), `${JSON.stringify(report, null, 1)}\n`);
      await writeFile(join(folder, "summary.csv"), bench.summaryCsv(summary));
      await writeFile(join(folder, "episodes.jsonl"), played.map(({ log }) => `${JSON.stringify(log)}\n`).join(""));
    }
    printResult(args.json, report, () => bench.summaryTable(summary));
  },
});

/** A built-in name, a trained run, a module, or a server. @throws PVLA_ARGUMENTS */
function policySpec(
  policy: string | undefined,
  server: string | undefined,
  options: Record<string, unknown>,
  builtin: readonly string[],
) {
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
