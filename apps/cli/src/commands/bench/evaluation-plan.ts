import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type * as Bench from "@pixelvla/bench";
import type { Grid, PolicySpec, RolloutOptions } from "@pixelvla/bench";
import { pixelVlaError } from "@pixelvla/core";
import { jobPaths } from "@pixelvla/jobs";
import { wholeNumber } from "../../terminal/whole-number.ts";
import { chosen, oneOf } from "./choices.ts";

/** An evaluation before it is played; the `config.yaml` of its job directory. */
export interface EvaluationPlan extends Grid {
  readonly version: 1;
  readonly policy: PolicySpec;
  readonly options: Omit<RolloutOptions, "onStep" | "onEnd">;
}

/** Options of `pixelvla bench run` that say what is played. */
export interface PlanArgs {
  readonly policy?: string | undefined;
  readonly server?: string | undefined;
  readonly policyOptions: string;
  readonly embodiment: string;
  readonly tasks: string;
  readonly variants: string;
  readonly episodes: string;
  readonly firstSeed: string;
  readonly maskSource: string;
  readonly maskTime: string;
  readonly prompt: string;
  readonly executeSteps: string;
  readonly imageSize: string;
  readonly end: string;
}

/** The plan that the command line means. @throws PVLA_ARGUMENTS */
export function planOf(args: PlanArgs, bench: typeof Bench): EvaluationPlan {
  return {
    version: 1,
    policy: policySpec(args.policy, args.server, parsedOptions(args.policyOptions), bench.BUILTIN_POLICIES),
    options: {
      maskSource: oneOf("--mask-source", args.maskSource, bench.MASK_SOURCES),
      maskTime: oneOf("--mask-time", args.maskTime, bench.MASK_TIMES),
      promptKind: oneOf("--prompt", args.prompt, bench.PROMPT_KINDS),
      executeSteps: wholeNumber("--execute-steps", args.executeSteps),
      imageSizePx: wholeNumber("--image-size", args.imageSize),
      end: oneOf("--end", args.end, ["limit", "settled"] as const),
    },
    embodiments: chosen("--embodiment", args.embodiment, ["widowx", "google-robot"] as const),
    tasks: chosen("--tasks", args.tasks, bench.TASKS),
    variants: chosen(
      "--variants",
      args.variants,
      bench.VARIANTS.map(({ name }) => name),
    ),
    nEpisodes: wholeNumber("--episodes", args.episodes),
    firstSeed: wholeNumber("--first-seed", args.firstSeed),
  };
}

/** The plan that the evaluation in `dir` was begun with. @throws PVLA_ARGUMENTS */
export async function savedPlan(dir: string | undefined): Promise<EvaluationPlan> {
  const { parse } = await import("yaml");
  try {
    const plan = parse(readFileSync(jobPaths(dir ?? "").config, "utf8")) as Partial<EvaluationPlan>;
    if (plan.version === 1 && Array.isArray(plan.tasks)) return plan as EvaluationPlan;
  } catch {
    // The sentence below says it.
  }
  throw pixelVlaError("PVLA_ARGUMENTS", {
    doing: "Going on with an evaluation",
    found: dir === undefined ? "no --out" : `${dir} holds none`,
    needed: "--out with the job directory of one that was begun",
  });
}

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
