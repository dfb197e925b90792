import { resolve } from "node:path";
import {
  annotateJob,
  annotationJobSchema,
  builtinAnnotatorRegistry,
  funnelText,
  loadAnnotationRecipe,
  loadSeeds,
  parseRetry,
  parseShard,
  type AnnotateEvent,
  type AnnotateOutcome,
} from "@pixelvla/annotator";
import { modelsFolder, sidecarPath } from "@pixelvla/data";
import { onnxruntimeEngine } from "@pixelvla/engines";
import { defineCommand } from "citty";
import { EXIT } from "../../terminal/exit-codes.ts";
import { interruptSignal } from "../../terminal/interrupt.ts";
import { formatDuration, jsonArg, printResult } from "../../terminal/output.ts";
import { createProgress, type Progress } from "../../terminal/progress.ts";
import { repeatedOption } from "../../terminal/repeated-option.ts";
import { wholeNumber } from "../../terminal/whole-number.ts";
import { datasetArgs, oneOf } from "../data/options.ts";

export const annotateRunCommand = defineCommand({
  meta: { name: "run", description: "Annotate a dataset; interrupted, the same command goes on" },
  args: {
    ...datasetArgs,
    recipe: { type: "string", required: true, description: "Annotation recipe, e.g. recipes/annotate-embedded.yaml" },
    out: { type: "string", required: true, description: "Job directory; annotations go to OUT/annotations" },
    set: { type: "string", description: "Override a recipe key, e.g. region.mode=full; may be given again" },
    seeds: { type: "string", description: "YAML list of gripper boxes and close frames given by a person" },
    shard: {
      type: "string",
      default: "1/1",
      description: "Annotate part i of n, e.g. 2/8; merge the parts afterwards",
    },
    retry: {
      type: "string",
      description: "Annotate again what was dropped for these causes, e.g. model-failed,damaged, or all",
    },
    beside: {
      type: "boolean",
      default: false,
      description: "Write into the dataset's own sidecar DATASET.annotations",
    },
    models: { type: "string", description: "Folder of pulled models (default: where models pull puts them)" },
    provider: {
      type: "string",
      default: "auto",
      description: "Where models run: auto, cpu, cuda, tensorrt, webgpu, …",
    },
    threads: { type: "string", description: "Threads of one operator" },
    ...jsonArg,
  },
  async run({ args, rawArgs }) {
    const progress = createProgress({ json: args.json });
    const recipe = loadAnnotationRecipe(args.recipe, repeatedOption(rawArgs, "--set"));
    const seeds = args.seeds === undefined ? [] : loadSeeds(args.seeds);
    const config = annotationJobSchema.parse({
      dataset: resolve(args.dataset),
      reading: {
        bridgeFrames: oneOf("--bridge-frames", args["bridge-frames"], ["openvla", "octo"] as const),
        ...(args.split !== undefined && { split: args.split }),
        ...(args.standardisation !== undefined && { standardisation: args.standardisation }),
      },
      recipe: { ...recipe, seeds: [...recipe.seeds, ...seeds] },
      shard: parseShard(args.shard),
      sidecar: args.beside ? sidecarPath(resolve(args.dataset)) : null,
      modelsDir: resolve(args.models ?? modelsFolder()),
      threads: args.threads === undefined ? null : wholeNumber("--threads", args.threads),
    });
    const retry = args.retry === undefined ? [] : parseRetry(args.retry);
    using interrupts = interruptSignal();
    const { signal } = interrupts;
    try {
      const outcome = await annotateJob({
        dir: resolve(args.out),
        config,
        registry: builtinAnnotatorRegistry(),
        engine: onnxruntimeEngine({ provider: args.provider as "auto" }),
        retry,
        signal,
        onEvent: view(progress),
      });
      progress.end();
      printResult(args.json, outcome, () => summary(outcome));
      if (signal.aborted) process.exitCode = EXIT.interrupted;
    } finally {
      progress.end();
    }
  },
});

function view(progress: Progress): (event: AnnotateEvent) => void {
  return (event) => {
    switch (event.type) {
      case "opened":
        progress.line(
          `dataset ${event.dataset}: ${event.nEpisodes} episodes, camera ${event.camera}, run ${event.run}`,
        );
        return;
      case "models":
        progress.line(`models: ${event.model}`);
        return;
      case "resumed":
        progress.line(`going on after ${event.nDone} episodes`);
        return;
      case "retrying":
        progress.line(`annotating ${event.nEpisodes} episodes again that were dropped for ${event.causes.join(", ")}`);
        return;
      case "reel":
        progress.line(
          `gripper found in ${event.nFound} of ${event.nPictures} close frames of reel ${event.reel}` +
            (event.nReseeds === 0 ? "" : `, sought anew ${event.nReseeds} times`),
        );
        return;
      case "progress":
        progress.update({
          done: event.nDone,
          total: event.nAll,
          unit: "episodes",
          ratePerS: event.ratePerS,
          etaS: event.etaS,
          note: `${event.nKept} kept`,
        });
        return;
      case "paused":
        progress.line("paused; resume with pixelvla jobs resume");
        return;
      case "message":
        progress.line(event.text);
    }
  };
}

function summary({ dir, state, funnel, sidecar, timing, nProtected }: AnnotateOutcome): string {
  const lines = [funnelText(funnel).trimEnd()];
  if (nProtected > 0) lines.push(`${nProtected} episodes were left as a person has them`);
  lines.push(
    "",
    state === "stopped" ? `stopped; the same command goes on in ${dir}` : `page    ${dir}/results/funnel.html`,
    sidecar === null ? `shard   merge it with pixelvla annotate merge --out DIR SHARD…` : `masks   ${sidecar}`,
    `time    ${formatDuration(timing.wallS)}, ${timing.framesPerS.toFixed(2)} frames/s, ${(100 * timing.outsideShare).toFixed(0)} % of it outside the models`,
  );
  return lines.join("\n");
}
