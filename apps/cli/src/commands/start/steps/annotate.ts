import { fileURLToPath } from "node:url";
import { annotateJob, annotationJobSchema, builtinAnnotatorRegistry, loadAnnotationRecipe } from "@pixelvla/annotator";
import { modelsFolder } from "@pixelvla/data";
import { onnxruntimeEngine } from "@pixelvla/engines";
import type { MainStep } from "../step.ts";

const RECIPE = fileURLToPath(new URL("../../../../../../recipes/annotate-embedded.yaml", import.meta.url));

/**
 * Annotates the demonstrations through the real pipeline with the embedded models. The exact masks that the recorder kept in the
 * dataset's own columns are not read: training gets the pipeline's masks.
 */
export const annotateStep: MainStep = {
  name: "annotate",
  title: "annotate through the pipeline",
  plannedS: ({ tasks, episodes }) => tasks.length * episodes * 0.25 + 5,
  artefact: ({ annotation }) => annotation,
  async run({ paths, signal, progress, line }) {
    const config = annotationJobSchema.parse({
      dataset: paths.dataset,
      recipe: loadAnnotationRecipe(RECIPE, []),
      modelsDir: modelsFolder(),
    });
    const { state, funnel } = await annotateJob({
      dir: paths.annotation,
      config,
      registry: builtinAnnotatorRegistry(),
      engine: onnxruntimeEngine({ provider: "cpu" }),
      signal,
      onEvent: (event) => {
        if (event.type !== "progress") return;
        progress({ done: event.nDone, total: event.nAll, unit: "episodes", note: `${event.nKept} kept` });
      },
    });
    if (state === "stopped") signal.throwIfAborted();
    for (const { meaning, nDropped } of funnel.dropped) line(`dropped ${nDropped}: ${meaning}`);
    const { nKept, nIn, kept } = funnel;
    return [
      `${nKept} of ${nIn} episodes kept, ${kept.nFramesWithMask} of their ${kept.nFrames} frames with a mask, mean doubt ${kept.meanDoubt.toFixed(2)}`,
    ];
  },
};
