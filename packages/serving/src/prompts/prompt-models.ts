import { parseConfig } from "@pixelvla/core";
import { onnxruntimeEngine } from "@pixelvla/engines";
import {
  builtinSegmenters,
  createVisionRegistry,
  type OpenContext,
  type Segmenter,
  type Tracker,
} from "@pixelvla/segmenters";
import type { z } from "zod";
import type { ModelReference, PromptModels } from "../inference/messages.ts";

/** Keeps the mask of the first frame for the whole episode instead of following the object. */
export const NO_TRACKER = "none";

/** Opens the segmenter and the tracker when the first prompt comes; both serve all sessions. */
export class PromptModelPool {
  readonly #models: PromptModels;
  readonly #context: OpenContext;
  #segmenter: Promise<Segmenter> | undefined;
  #tracker: Promise<Tracker> | undefined;

  constructor(models: PromptModels, threads: number | undefined) {
    this.#models = models;
    this.#context = {
      engine: onnxruntimeEngine({ provider: "cpu" }),
      ...(threads === undefined ? {} : { threads }),
      ...(models.modelsDir === undefined ? {} : { modelsDir: models.modelsDir }),
    };
  }

  /** @throws PVLA_UNKNOWN_PLUGIN, PVLA_CONFIG and what the plugin's `open` throws */
  segmenter(): Promise<Segmenter> {
    return (this.#segmenter ??= forgetting(
      openSegmenter(this.#models.segmenter, this.#context),
      () => (this.#segmenter = undefined),
    ));
  }

  /** Undefined when the first mask is kept. @throws as `segmenter` */
  tracker(): Promise<Tracker | undefined> {
    if (this.#models.tracker.name === NO_TRACKER) return Promise.resolve(undefined);
    return (this.#tracker ??= forgetting(
      openTracker(this.#models.tracker, this.#context),
      () => (this.#tracker = undefined),
    ));
  }

  async close(): Promise<void> {
    await (await this.#segmenter?.catch(() => undefined))?.dispose();
    await (await this.#tracker?.catch(() => undefined))?.dispose();
  }
}

/** A model that could not be opened is tried again by the next prompt. */
function forgetting<T>(opening: Promise<T>, forget: () => void): Promise<T> {
  opening.catch(forget);
  return opening;
}

const registry = createVisionRegistry(builtinSegmenters);
const DOING = "Turning a visual prompt into a mask";

const openSegmenter = ({ name, options }: ModelReference, context: OpenContext): Promise<Segmenter> =>
  opened(() => registry.get("segmenter", name, DOING), options, context);

const openTracker = ({ name, options }: ModelReference, context: OpenContext): Promise<Tracker> =>
  opened(() => registry.get("tracker", name, DOING), options, context);

async function opened<M>(
  find: () => { name: string; options: z.ZodType; open(options: never, context: OpenContext): Promise<M> },
  options: Readonly<Record<string, unknown>>,
  context: OpenContext,
): Promise<M> {
  const plugin = find();
  return plugin.open(parseConfig(plugin.options, options, DOING, plugin.name) as never, context);
}
