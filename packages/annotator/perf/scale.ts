import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "@pixelvla/engines";
import {
  annotateJob,
  annotationJobSchema,
  createAnnotatorRegistry,
  defineGripperDetector,
  parseAnnotationRecipe,
  builtinReasoners,
} from "../src/index.ts";
import { nullModels, syntheticDataset } from "./null-models.ts";
import { z } from "zod";

/**
 * The pipeline's bookkeeping at the paper's scale: `node --conditions=@pixelvla/source --import tsx perf/scale.ts [episodes]`.
 * Models do nothing, so what is measured is reading, queues, journal, sidecar and funnel. Prints memory along the way.
 */
const nEpisodes = Number(process.argv[2] ?? 160_000);
const dir = mkdtempSync(join(tmpdir(), "pixelvla-scale-"));
const engine: Engine = {
  name: "none",
  providers: () => Promise.resolve([]),
  compile: () => Promise.reject(new Error("none")),
};
const reference = { name: "null" };
const nullGripper = defineGripperDetector({
  name: "null",
  summary: "Finds the same box in every picture.",
  options: z.strictObject({}),
  open: () =>
    Promise.resolve({
      model: "null",
      modelVersion: "1",
      follow: ({ frames }) =>
        Promise.resolve({
          sightings: Array.from({ length: frames.nFrames }, () => ({
            box: { x0: 4, y0: 2, x1: 12, y1: 10 },
            score: 0.9,
          })),
          nReseeds: 0,
        }),
    }),
});

const startedMs = performance.now();
let peakMb = 0;
let lastPrintMs = 0;
const samples: number[] = [];
const timer = setInterval(() => {
  const mb = process.memoryUsage.rss() / 2 ** 20;
  peakMb = Math.max(peakMb, mb);
  samples.push(mb);
}, 500);
try {
  const outcome = await annotateJob({
    dir,
    config: annotationJobSchema.parse({
      dataset: "synthetic",
      recipe: parseAnnotationRecipe({
        name: "null",
        roles: {
          gripperDetector: reference,
          targetReasoner: { name: "grammar" },
          objectDetector: reference,
          segmenter: reference,
          tracker: reference,
        },
      }),
    }),
    registry: createAnnotatorRegistry([...nullModels, ...builtinReasoners, nullGripper]),
    engine,
    open: () => Promise.resolve(syntheticDataset(nEpisodes)),
    onEvent: (event) => {
      if (event.type !== "progress" || performance.now() - lastPrintMs < 15_000) return;
      lastPrintMs = performance.now();
      const mb = (process.memoryUsage.rss() / 2 ** 20).toFixed(0);
      process.stderr.write(`${event.nDone}/${event.nAll}  ${event.ratePerS?.toFixed(0) ?? "?"}/s  ${mb} MB\n`);
    },
  });
  const wallS = (performance.now() - startedMs) / 1000;
  const [journal] = [join(dir, "work", outcome.run, "episodes.jsonl")];
  const tenth = Math.floor(samples.length / 10);
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const report = {
    nEpisodes,
    nKept: outcome.funnel.nKept,
    dropped: Object.fromEntries(outcome.funnel.dropped.map(({ cause, nDropped }) => [cause, nDropped])),
    wallS: Math.round(wallS),
    episodesPerS: Math.round(nEpisodes / wallS),
    peakRssMb: Math.round(peakMb),
    meanRssMbSecondTenth: Math.round(mean(samples.slice(tenth, 2 * tenth))),
    meanRssMbLastTenth: Math.round(mean(samples.slice(-tenth))),
    journalMb: Math.round(statSync(journal).size / 2 ** 20),
  };
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
} finally {
  clearInterval(timer);
  rmSync(dir, { recursive: true, force: true });
}
