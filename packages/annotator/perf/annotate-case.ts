import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeCocoRle, encodeImage, openAnnotations, type PixelBox, type RgbImage } from "@pixelvla/data";
import { onnxruntimeEngine } from "@pixelvla/engines";
import {
  defineObjectDetector,
  defineSegmenter,
  defineTracker,
  sam,
  samDecoderProgram,
  samEncoderProgram,
  SAM_VARIANTS,
} from "@pixelvla/segmenters";
import { z } from "zod";
// eslint-disable-next-line @nx/enforce-module-boundaries -- the same random weights as in segmenters; benchmarks are not published
import { writeRandomCheckpoint } from "../../segmenters/perf/random-checkpoint.ts";
import {
  annotateJob,
  annotationJobSchema,
  builtinReasoners,
  createAnnotatorRegistry,
  parseAnnotationRecipe,
  type AnnotateTiming,
} from "../src/index.ts";
import { writePictureSet } from "./picture-set.ts";

export interface AnnotateParams {
  readonly size: keyof typeof SAM_VARIANTS;
  readonly nFrames: number;
  readonly threads: number;
  readonly folder: string;
}

const [WIDTH, HEIGHT] = [640, 480];

/**
 * The whole annotation job over one episode with SAM at a published size and random weights. Detector and tracker give boxes that are
 * known beforehand, so SAM is the only model at work; reading, masks, prompts, quality, journal and sidecar are the pipeline's own.
 * The model is opened once, as on the peer's side. The peer reads pictures, boxes, weights and our masks from `folder`.
 */
export async function annotateSide({ size, nFrames, threads, folder }: AnnotateParams) {
  const boxes = Array.from({ length: nFrames }, (_, t) => boxAt(t));
  const pictures = await writePictures(folder, boxes);
  const dataset = join(folder, "dataset");
  await writePictureSet("perf", [{ key: "0", task: "pick up the red block", frames: pictures }], dataset);
  await writeSam(folder, size);
  const engine = onnxruntimeEngine({ provider: "cpu", threads });
  const segmenter = await sam.open(sam.options.parse({ folder }), { engine, threads });
  const kept = { ...segmenter, dispose: () => Promise.resolve() };
  const registry = createAnnotatorRegistry([
    ...builtinReasoners,
    boxDetector(boxes),
    boxTracker(boxes),
    defineSegmenter({ name: "kept", summary: "SAM, open already.", options: none, open: () => Promise.resolve(kept) }),
  ]);
  const config = annotationJobSchema.parse({ dataset, recipe: recipe(), threads });
  const timings: AnnotateTiming[] = [];
  const run = async (): Promise<string> => {
    const dir = mkdtempSync(join(folder, "job-"));
    const { funnel, timing } = await annotateJob({ dir, config, registry, engine });
    if (funnel.kept.nFramesWithMask !== nFrames)
      throw new Error(
        `${funnel.kept.nFramesWithMask} of ${nFrames} frames have a mask: ${JSON.stringify(funnel.dropped)}`,
      );
    timings.push(timing);
    return dir;
  };
  const first = await run();
  writeFileSync(join(folder, "first-mask.bin"), await firstMask(join(first, "annotations")));
  rmSync(first, { recursive: true });
  timings.length = 0;
  return {
    run: async () => {
      rmSync(await run(), { recursive: true });
    },
    work: { amount: nFrames, unit: "frame" },
    facts: () => {
      const shares = timings.map(({ outsideShare }) => 100 * outsideShare);
      return {
        outsideModels: `${Math.min(...shares).toFixed(1)} to ${Math.max(...shares).toFixed(1)} % of the time (goal: below 10 %)`,
        modelCalls: Object.entries(timings.at(-1)!.calls)
          .map(([name, { n, ms }]) => `${name} ${n} in ${(ms / 1000).toFixed(2)} s`)
          .join(", "),
      };
    },
    close: () => segmenter.dispose(),
  };
}

const none = z.strictObject({});
const nothing = () => Promise.resolve();
const identity = { model: "boxes", modelVersion: "1", dispose: nothing };

/** A box that moves 6 px a frame. */
const boxAt = (t: number): PixelBox => ({ x0: 250 + 6 * t, y0: 180, x1: 370 + 6 * t, y1: 290 });

const boxDetector = (boxes: readonly PixelBox[]) =>
  defineObjectDetector({
    name: "boxes",
    summary: "Gives the first frame's box.",
    options: none,
    open: () =>
      Promise.resolve({
        ...identity,
        openVocabulary: true,
        detect: (_, [label = ""]) => Promise.resolve([{ box: boxes[0]!, score: 0.9, label }]),
      }),
  });

const boxTracker = (boxes: readonly PixelBox[]) =>
  defineTracker({
    name: "boxes",
    summary: "Gives every frame's box.",
    options: none,
    open: () =>
      Promise.resolve({
        ...identity,
        start: () =>
          Promise.resolve({
            dispose: nothing,
            prompt: (_, objectId) => Promise.resolve({ objectId, box: boxes[0]!, score: 1 }),
            async *propagate({ fromFrame, direction }) {
              const step = direction === "forward" ? 1 : -1;
              for (let frameIndex = fromFrame; frameIndex >= 0 && frameIndex < boxes.length; frameIndex += step)
                yield await Promise.resolve({
                  frameIndex,
                  objects: [{ objectId: 1, box: boxes[frameIndex]!, score: 1 }],
                });
            },
          }),
      }),
  });

/** With random weights any mask and any score may come out: nothing is dropped for being unlikely. */
const recipe = () =>
  parseAnnotationRecipe({
    name: "perf-sam",
    roles: {
      gripperDetector: null,
      targetReasoner: { name: "grammar" },
      objectDetector: { name: "boxes" },
      segmenter: { name: "kept" },
      tracker: { name: "boxes" },
    },
    region: { mode: "full" },
    segmentation: { minScore: 0, minArea: 0, maxArea: 1 },
    propagation: { lostBelow: 0, minFrames: 0, minLikeness: 0, minBoxFit: 0, maxAreaChange: 1e6 },
  });

/** JPEGs of a table with a red block in its box and some noise, so that decoding costs what it costs. */
async function writePictures(folder: string, boxes: readonly PixelBox[]): Promise<string[]> {
  const files: string[] = [];
  for (const [t, { x0, y0, x1, y1 }] of boxes.entries()) {
    const data = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => 110 + ((i * 2654435761 + t) >>> 27));
    for (let y = y0; y < y1; y++)
      for (let x = x0; x < x1; x++) data.set([190 + ((x * y) % 9), 40, 35], (y * WIDTH + x) * 3);
    const image: RgbImage = { widthPx: WIDTH, heightPx: HEIGHT, data };
    files.push(join(folder, `${t}.jpg`));
    writeFileSync(files.at(-1)!, (await encodeImage(image, "jpeg")).bytes);
  }
  writeFileSync(join(folder, "boxes.json"), JSON.stringify(boxes.map(({ x0, y0, x1, y1 }) => [x0, y0, x1, y1])));
  return files;
}

async function writeSam(folder: string, size: AnnotateParams["size"]): Promise<void> {
  const config = SAM_VARIANTS[size];
  const programs = [samEncoderProgram(config), samDecoderProgram(config, 2, true), samDecoderProgram(config, 2, false)];
  const parameters = programs.flatMap(({ graph }) => [...graph.parameters.values()]);
  await writeRandomCheckpoint(join(folder, "model.safetensors"), parameters);
  // transformers refuses a whole number as the ratio of the MLP, which is its default anyway.
  const vision = { ...config.vision_config, mlp_ratio: undefined };
  writeFileSync(join(folder, "config.json"), JSON.stringify({ ...config, vision_config: vision }));
  const processor = { image_processor_type: "SamImageProcessor", processor_class: "SamProcessor" };
  writeFileSync(join(folder, "preprocessor_config.json"), JSON.stringify(processor));
}

/** The first frame's mask, a byte a pixel, for the peer to compare with. */
async function firstMask(annotations: string): Promise<Uint8Array> {
  const reader = await openAnnotations(annotations);
  const episode = await reader.episode(0);
  await reader.close();
  return decodeCocoRle(episode!.annotations[0]!.mask!).data;
}
