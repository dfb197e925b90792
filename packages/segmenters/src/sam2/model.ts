import type { Program } from "@pixelvla/core";
import type { RgbImage } from "@pixelvla/data";
import type { Executable, Feeds, Outputs } from "@pixelvla/engines";
import { z } from "zod";
import type { ImageFeatures, OpenContext } from "../contracts.ts";
import { foreignFeatures } from "../errors.ts";
import { squashFrame, type ImageFrame } from "../image/frame.ts";
import { pixelValues, type Normalisation } from "../image/pixel-values.ts";
import { resizeRgb } from "../image/resize-rgb.ts";
import { bindModel, openModelFolder, readModelJson, type ModelFolder } from "../model-folder.ts";
import { checkPicture } from "../picture.ts";
import { sam2Names } from "./checkpoint-tensors.ts";
import type { Sam2Config } from "./config.ts";
import { parseSam2Config } from "./parse-config.ts";
import { decoderProgram, encoderProgram, gridSide } from "./programs.ts";
import type { PromptTokens } from "./prompts.ts";
import type { DecodedMasks } from "./select-mask.ts";

/** A picture as SAM 2 sees it: plain arrays, to be kept, sent or stored, and prompted any number of times. */
export interface Sam2Features extends ImageFeatures {
  /** Model and version they are of. */
  readonly encodedBy: string;
  /** `[S/4, S/4, D/8]` */
  readonly highRes0: Float32Array;
  /** `[S/8, S/8, D/4]` */
  readonly highRes1: Float32Array;
  /** `[S/16, S/16, D]` */
  readonly embedding: Float32Array;
}

export interface DecodeRequest {
  readonly tokens: PromptTokens;
  /** `[S/4, S/4]` logits of a mask prompt. */
  readonly mask?: Float32Array | undefined;
  /** False for embeddings that memory attention has conditioned. Default true. */
  readonly noMemory?: boolean;
  readonly signal?: AbortSignal | undefined;
}

const preprocessorSchema = z.object({
  image_mean: z.array(z.number()).length(3),
  image_std: z.array(z.number().positive()).length(3),
  rescale_factor: z
    .number()
    .positive()
    .default(1 / 255),
});

/** An opened SAM 2 model: its folder, and its programs, compiled when they are first needed. */
export class Sam2Model {
  readonly config: Sam2Config;
  readonly folder: ModelFolder;
  readonly #normalisation: Normalisation;
  readonly #context: OpenContext;
  readonly #executables = new Map<string, Promise<Executable>>();

  private constructor(folder: ModelFolder, config: Sam2Config, normalisation: Normalisation, context: OpenContext) {
    this.folder = folder;
    this.config = config;
    this.#normalisation = normalisation;
    this.#context = context;
  }

  /**
   * Opens a folder as transformers' `save_pretrained` writes it. No weight is read; that they fit is checked.
   * @throws PVLA_MODEL_FOLDER, PVLA_MODEL_WEIGHTS, PVLA_SAM2_CONFIG
   */
  static async open(name: string, context: OpenContext): Promise<Sam2Model> {
    const folder = await openModelFolder(name, context.modelsDir);
    const config = parseSam2Config(await readModelJson(folder.path, "config.json", z.unknown()), folder.path);
    const pre = await readModelJson(folder.path, "preprocessor_config.json", preprocessorSchema);
    const normalisation = { rescaleFactor: pre.rescale_factor, mean: pre.image_mean, std: pre.image_std };
    const model = new Sam2Model(folder, config, normalisation, context);
    model.#bind(encoderProgram(config));
    for (const hasMask of [false, true]) model.#bind(decoderProgram(config, { nPrompts: 2, hasMask }));
    return model;
  }

  get identity(): string {
    return `${this.folder.model}@${this.folder.modelVersion}`;
  }

  /** How a picture lies in the model's input. */
  frameOf(size: { readonly widthPx: number; readonly heightPx: number }): ImageFrame {
    return squashFrame(size, this.config.imageSize, this.config.imageSize);
  }

  /** @throws PVLA_PICTURE */
  async encode(image: RgbImage, signal?: AbortSignal): Promise<Sam2Features> {
    checkPicture(image);
    const side = this.config.imageSize;
    const pixels = pixelValues(resizeRgb(image, side, side), this.#normalisation);
    const outputs = await this.run("encoder", () => encoderProgram(this.config), { pixels }, signal, true);
    const { highRes0, highRes1, embedding } = outputs as Record<string, Float32Array>;
    return {
      widthPx: image.widthPx,
      heightPx: image.heightPx,
      encodedBy: this.identity,
      highRes0: highRes0!,
      highRes1: highRes1!,
      embedding: embedding!,
    };
  }

  /** Runs prompt encoder and mask decoder. @throws PVLA_FEATURES for features of another model */
  async decode(
    features: Sam2Features,
    { tokens, mask, noMemory = true, signal }: DecodeRequest,
  ): Promise<DecodedMasks> {
    this.checkFeatures(features);
    const { points, labels, valid } = tokens;
    const side = 4 * gridSide(this.config);
    const feeds = {
      highRes0: features.highRes0,
      highRes1: features.highRes1,
      embedding: features.embedding,
      noMemory: Float32Array.of(noMemory ? 1 : 0),
      points,
      labels,
      valid,
      ...(mask && { mask }),
    };
    const sizes = { nPrompts: labels.length, hasMask: mask !== undefined };
    const name = `decoder of ${labels.length} prompts${mask === undefined ? "" : " and a mask"}`;
    const outputs = await this.run(name, () => decoderProgram(this.config, sizes), feeds, signal);
    const { masks, iou, objectScore, pointers } = outputs as Record<string, Float32Array>;
    return { side, masks: masks!, iou: iou!, objectScore: objectScore![0]!, pointers };
  }

  /** @throws PVLA_FEATURES */
  checkFeatures(features: Sam2Features): void {
    const side = gridSide(this.config);
    if (features.encodedBy !== this.identity) throw foreignFeatures(this.identity, `features of ${features.encodedBy}`);
    if (features.embedding.length !== side * side * this.config.decoder.width)
      throw foreignFeatures(this.identity, `an embedding of ${features.embedding.length} values`);
  }

  /** Compiles on first use and runs; `transfer` hands the feeds' memory over. */
  async run(
    name: string,
    build: () => Program,
    feeds: Feeds,
    signal?: AbortSignal,
    transfer = false,
  ): Promise<Outputs> {
    let executable = this.#executables.get(name);
    if (executable === undefined) {
      executable = this.#compile(build());
      this.#executables.set(name, executable);
      executable.catch(() => this.#executables.delete(name));
    }
    return (await executable).run(feeds, { transfer, ...(signal && { signal }) });
  }

  /** Frees a program that will not be needed soon. */
  async release(name: string): Promise<void> {
    const executable = this.#executables.get(name);
    this.#executables.delete(name);
    await (await executable)?.dispose();
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.#executables.keys()].map((name) => this.release(name)));
  }

  #compile(program: Program): Promise<Executable> {
    const { engine, threads } = this.#context;
    return engine.compile(this.#bind(program), threads === undefined ? {} : { threads });
  }

  #bind(program: Program): Program {
    bindModel(program.graph, this.folder, sam2Names);
    return program;
  }
}
