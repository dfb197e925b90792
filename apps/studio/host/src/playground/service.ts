import { performance } from "node:perf_hooks";
import { workerEntry } from "@pixelvla/core";
import { maskArea, type BinaryMask } from "@pixelvla/data";
import type {
  Drawn,
  DrawnMask,
  DrawnMaskRequest,
  PlaygroundService,
  PredictAnswer,
  PredictRequest,
  ServedService,
} from "@pixelvla/studio-contract";
import { linePoints } from "@pixelvla/training";
import type { DatasetCatalog } from "../datasets/catalog.ts";
import type { RunCatalog } from "../runs/catalog.ts";
import { Thread } from "../thread/thread.ts";
import type { Workspace } from "../workspace.ts";
import type { MaskMethods } from "./mask-thread.ts";
import { maskFromPng, maskToPng } from "./mask-png.ts";
import type { PolicyMethods } from "./policy-thread.ts";
import { checkpointDir, policyItems } from "./policies.ts";
import { createServedService } from "./served-policy.ts";
import { ShownPictures, type ShownPicture } from "./shown-pictures.ts";

/** The Playground room and its end. */
export interface PlaygroundRoom {
  readonly service: PlaygroundService;
  /** Prompts for running servers. */
  readonly served: ServedService;
  close(): Promise<void>;
}

/** Makes the Playground over a workspace's runs and datasets. Policies and the segmenter live in threads, started when first asked. */
export function createPlaygroundRoom(workspace: Workspace, datasets: DatasetCatalog, runs: RunCatalog): PlaygroundRoom {
  const pictures = new ShownPictures(datasets);
  const policies = new Thread<PolicyMethods>("the policy", workerEntry(import.meta.url, "./policy-worker"));
  const masks = new Thread<MaskMethods>("the segmenter", workerEntry(import.meta.url, "./mask-worker"));

  async function mask({ picture, drawn }: DrawnMaskRequest): Promise<DrawnMask> {
    const { key, image } = await pictures.get(picture);
    if (drawn.maskPng !== undefined) return brushedMask(await maskFromPng(drawn.maskPng, image));
    const found = await masks.ask("segment", { key, image, prompt: promptOf(drawn) });
    return {
      maskPng: await maskToPng(found.mask),
      score: found.score,
      areaPx: maskArea(found.mask),
      segmenter: found.model,
      encodeMs: found.encodeMs,
      segmentMs: found.segmentMs,
    };
  }

  async function predict({ checkpoint, picture, ...asked }: PredictRequest): Promise<PredictAnswer> {
    const startMs = performance.now();
    const shown = await pictures.get(picture);
    const given = asked.mask === undefined ? undefined : await maskFromPng(asked.mask, shown.image);
    const pictureMs = performance.now() - startMs;
    const { frame, image } = shown;
    const instruction = asked.instruction ?? frame?.instruction ?? "";
    const found = await policies.ask("predict", {
      checkpoint: await checkpointDir(runs, checkpoint),
      image,
      instruction,
      state: frame?.state,
      actions: frame?.actions,
      mask: given,
      prompts: promptsOf(asked.drawn),
      promptKind: asked.promptKind,
    });
    const { fitMs, feedMs, modelMs, isCold, loadMs, predicted } = found;
    return {
      step: found.step,
      instruction,
      actionNames: actionNames(shown, predicted[0]?.length ?? 0),
      predicted,
      demonstrated: frame && demonstratedRows(frame.actions, predicted.length, predicted[0]?.length ?? 1),
      l1: found.l1,
      position: frame?.position,
      state: !found.readsState ? "none" : frame === undefined ? "middle" : "episode",
      look: found.look,
      latency: { pictureMs, fitMs, feedMs, modelMs, isCold, loadMs },
    };
  }

  return {
    service: {
      policies: () => policyItems(workspace, datasets, runs),
      open: async (checkpoint) => policies.ask("open", await checkpointDir(runs, checkpoint)),
      addPicture: (base64) => pictures.add(base64),
      mask,
      predict,
    },
    served: createServedService(pictures),
    close: async () => {
      await Promise.all([policies.close(), masks.close()]);
    },
  };
}

/** Lines become points along them: segmenters know points, boxes and masks. */
function promptOf({ points, lines, box }: Drawn) {
  const alongLines = lines.flatMap((line) => linePoints(line).map(([x, y]) => ({ x, y, isObject: true })));
  return { points: [...points, ...alongLines], ...(box === undefined ? {} : { box: upright(box) }) };
}

function promptsOf({ points, lines, box }: Drawn) {
  return { points, lines, ...(box === undefined ? {} : { box: upright(box) }) };
}

/** A box may be drawn from any of its corners. */
function upright({ x0, y0, x1, y1 }: NonNullable<Drawn["box"]>) {
  return { x0: Math.min(x0, x1), y0: Math.min(y0, y1), x1: Math.max(x0, x1), y1: Math.max(y0, y1) };
}

async function brushedMask(mask: BinaryMask): Promise<DrawnMask> {
  const maskPng = await maskToPng(mask);
  return { maskPng, score: undefined, areaPx: maskArea(mask), segmenter: undefined, encodeMs: 0, segmentMs: 0 };
}

function demonstratedRows(actions: Float32Array, nSteps: number, width: number): (number[] | null)[] {
  return Array.from({ length: nSteps }, (_, k) =>
    (k + 1) * width <= actions.length ? [...actions.subarray(k * width, (k + 1) * width)] : null,
  );
}

const NAMES = ["x", "y", "z", "roll", "pitch", "yaw", "gripper"];

/** Names of the action's dimensions: the dataset's, else the field's usual seven. */
function actionNames({ frame }: ShownPicture, width: number): readonly string[] {
  if (frame?.actionNames.length === width) return frame.actionNames;
  return width === NAMES.length ? NAMES : Array.from({ length: width }, (_, i) => `action ${i + 1}`);
}
