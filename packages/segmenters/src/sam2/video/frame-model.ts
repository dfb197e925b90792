import type { BinaryMask } from "@pixelvla/data";
import { bfloat16ToFloat32, float32ToBfloat16, readTensor } from "@pixelvla/data/checkpoints";
import { modelWeightsMismatch } from "../../errors.ts";
import { bindModel, type ModelFolder } from "../../model-folder.ts";
import { resizePlane, type FloatPlane } from "../../image/resize-plane.ts";
import { HOST_TENSORS, sam2Names } from "../checkpoint-tensors.ts";
import type { MemoryConfig } from "../config.ts";
import { noVideoMemory } from "../errors.ts";
import type { Sam2Features, Sam2Model } from "../model.ts";
import { gridSide, memoryAttentionProgram, memoryEncoderProgram, type MemorySizes } from "../programs.ts";
import type { PromptTokens } from "../prompts.ts";
import { bestCandidate, maskOf, singleMask, type DecodedMasks } from "../select-mask.ts";
import { planeFromMask, softResize } from "../soft-resize.ts";
import type { RememberedPointer } from "./object-track.ts";

/** A placeholder logit for pixels of missing objects. */
const NO_OBJECT_LOGIT = -1024;
/** Logits that stand for a given mask's object and background. */
const GIVEN = { scale: 20, bias: -10 } as const;
/**
 * Memory attention is compiled for each combination of sizes, some 0.4 GB each for a real model. That many are kept, the least
 * recently used goes first: sizes change while the memory fills up, and stay then.
 */
const MAX_COMPILED = 3;
/** Pointers are padded to one of these counts; tracking settles at 16. */
const POINTER_COUNTS = [4, 16];

/** One object in one frame, as the model sees it. */
export interface FrameMask {
  /** `[S/4, S/4]` logits. */
  readonly logits: FloatPlane;
  /** `[S, S]` logits for the memory encoder. */
  readonly large: FloatPlane;
  readonly objectScore: number;
  readonly pointer: Float32Array;
}

export interface MemoryBank {
  /** Memory tokens (bfloat16) of each remembered frame, and the row of its temporal code. */
  readonly frames: readonly { readonly tokens: Uint16Array; readonly slot: number }[];
  readonly pointers: readonly RememberedPointer[];
  /** The distance in time that counts as 1. */
  readonly longestDistance: number;
}

/** The parts of SAM 2 that video needs on top of the image model; stateless but for compiled programs. */
export class Sam2FrameModel {
  readonly sam2: Sam2Model;
  readonly memory: MemoryConfig;
  readonly #noPointer: Float32Array;
  readonly #maskKernel: Float32Array;
  readonly #maskBias: number;
  /** Names of compiled memory attentions, least recently used first. */
  readonly #compiled = new Set<string>();

  private constructor(sam2: Sam2Model, memory: MemoryConfig, weights: Float32Array[]) {
    this.sam2 = sam2;
    this.memory = memory;
    this.#noPointer = weights[0]!;
    this.#maskKernel = weights[1]!;
    this.#maskBias = weights[2]![0]!;
  }

  /** @throws PVLA_SAM2_NO_MEMORY, PVLA_MODEL_WEIGHTS */
  static async create(sam2: Sam2Model): Promise<Sam2FrameModel> {
    const { config, folder } = sam2;
    if (config.memory === undefined) throw noVideoMemory(folder.path);
    bindModel(memoryEncoderProgram(config, config.memory).graph, folder, sam2Names);
    const sizes = { nFrames: 1, nPointers: 1, padded: true };
    bindModel(memoryAttentionProgram(config, config.memory, sizes).graph, folder, sam2Names);
    const weights = await readHostTensors(folder, {
      no_object_pointer: [1, config.decoder.width],
      ...HOST_TENSORS,
    });
    return new Sam2FrameModel(sam2, config.memory, weights);
  }

  /** Decodes a frame whose embedding is conditioned on memory, or the first prompt of an object (`noMemory`). */
  async decode(
    features: Sam2Features,
    tokens: PromptTokens,
    options: { readonly noMemory: boolean; readonly multimask: boolean; readonly signal?: AbortSignal | undefined },
  ): Promise<FrameMask> {
    const { noMemory, multimask, signal } = options;
    const decoded = await this.sam2.decode(features, { tokens, noMemory, signal });
    const chosen = multimask ? bestCandidate(decoded) : singleMask(decoded, this.sam2.config.decoder);
    const appears = decoded.objectScore > 0;
    const { side } = decoded;
    const data = appears ? maskOf(decoded, chosen).slice() : new Float32Array(side * side).fill(NO_OBJECT_LOGIT);
    const logits = { width: side, height: side, data };
    const { imageSize } = this.sam2.config;
    return {
      logits,
      large: resizePlane(logits, imageSize, imageSize),
      objectScore: decoded.objectScore,
      // A single mask keeps token 0's pointer, also where stability chose another mask; as the original.
      pointer: this.#pointer(decoded, multimask ? chosen : 0),
    };
  }

  /** Takes a mask of the picture's size as it is; the decoder only makes its pointer. */
  async useMask(
    features: Sam2Features,
    mask: BinaryMask,
    tokens: PromptTokens,
    signal?: AbortSignal,
  ): Promise<FrameMask> {
    const { imageSize } = this.sam2.config;
    const soft = softResize(planeFromMask(mask, 0, 1), imageSize, imageSize);
    const square = { ...soft, data: soft.data.map((v) => (v >= 0.5 ? 1 : 0)) };
    const large = { ...square, data: square.data.map((v) => v * GIVEN.scale + GIVEN.bias) };
    const side = 4 * gridSide(this.sam2.config);
    const appears = square.data.includes(1);
    const prompt = this.#downsample(square);
    const decoded = await this.sam2.decode(features, { tokens, mask: prompt, noMemory: false, signal });
    return {
      logits: softResize(large, side, side),
      large,
      objectScore: appears ? GIVEN.scale + GIVEN.bias : GIVEN.bias,
      pointer: appears ? this.#pointer(decoded, bestCandidate(decoded)) : this.#noPointer.slice(),
    };
  }

  /** The frame's embedding, conditioned on what is remembered of one object. */
  async condition(embedding: Float32Array, bank: MemoryBank, signal?: AbortSignal): Promise<Float32Array> {
    const { config } = this.sam2;
    const width = config.decoder.width;
    const sizes = memorySizes(bank);
    const tokens = bank.frames[0]!.tokens.length;
    const memories = new Float32Array(bank.frames.length * tokens);
    bank.frames.forEach((frame, i) => memories.set(bfloat16ToFloat32(frame.tokens), i * tokens));
    const pointers = new Float32Array(sizes.nPointers * width);
    const pointerTimes = new Float32Array(sizes.nPointers);
    bank.pointers.forEach(({ pointer, distance }, i) => {
      pointers.set(pointer, i * width);
      pointerTimes[i] = distance / bank.longestDistance;
    });
    const feeds = {
      embedding,
      memories,
      slots: BigInt64Array.from(bank.frames, ({ slot }) => BigInt(slot)),
      pointers,
      pointerTimes,
      ...(sizes.padded && { pointerValid: new Float32Array(sizes.nPointers).fill(1, 0, bank.pointers.length) }),
    };
    // A program that turns out not to use an input does not have it.
    if (!this.memory.pointerTime) delete (feeds as Partial<typeof feeds>).pointerTimes;
    const name = `memory attention of ${sizes.nFrames} frames, ${sizes.nPointers} pointers${sizes.padded ? ", padded" : ""}`;
    await this.#makeRoom(name);
    const build = () => memoryAttentionProgram(config, this.memory, sizes);
    const outputs = await this.sam2.run(name, build, feeds, signal);
    return outputs["conditioned"] as Float32Array;
  }

  /** Memory tokens (bfloat16, as the original stores them) of one object in one frame. */
  async remember(
    features: Sam2Features,
    { large, objectScore }: FrameMask,
    prompted: boolean,
    signal?: AbortSignal,
  ): Promise<Uint16Array> {
    const feeds = {
      embedding: features.embedding,
      mask: large.data,
      binarise: Float32Array.of(prompted ? 1 : 0),
      ...(this.memory.occlusionEmbedding && { objectScore: Float32Array.of(objectScore) }),
    };
    const build = () => memoryEncoderProgram(this.sam2.config, this.memory);
    const outputs = await this.sam2.run("memory encoder", build, feeds, signal);
    return float32ToBfloat16(outputs["memory"] as Float32Array);
  }

  #pointer({ pointers }: DecodedMasks, token: number): Float32Array {
    const { width } = this.sam2.config.decoder;
    return pointers!.slice(token * width, (token + 1) * width);
  }

  /** The 4x4 convolution of stride 4 that turns a mask into logits for the decoder. */
  #downsample({ width, data }: FloatPlane): Float32Array {
    const side = width / 4;
    const logits = new Float32Array(side * side);
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) {
        let total = this.#maskBias;
        for (let k = 0; k < 16; k++)
          total += this.#maskKernel[k]! * data[(4 * y + (k >> 2)) * width + 4 * x + (k & 3)]!;
        logits[y * side + x] = total;
      }
    return logits;
  }

  async #makeRoom(name: string): Promise<void> {
    this.#compiled.delete(name);
    this.#compiled.add(name);
    if (this.#compiled.size <= MAX_COMPILED) return;
    const [oldest] = this.#compiled;
    this.#compiled.delete(oldest!);
    await this.sam2.release(oldest!);
  }
}

/** Frames are never padded, because each costs as much as the frame itself; pointers are. */
function memorySizes({ frames, pointers }: MemoryBank): MemorySizes {
  const nPointers = POINTER_COUNTS.find((n) => n >= pointers.length) ?? Math.ceil(pointers.length / 16) * 16;
  return { nFrames: frames.length, nPointers, padded: nPointers !== pointers.length };
}

/** Tensors in the order of `shapes`. @throws PVLA_MODEL_WEIGHTS */
function readHostTensors(
  { path, checkpoint }: ModelFolder,
  shapes: Readonly<Record<string, readonly number[]>>,
): Promise<Float32Array[]> {
  const entries = Object.entries(shapes).map(([tensor, expected]) => ({
    tensor,
    expected,
    stored: checkpoint.tensors.get(tensor),
  }));
  const missing = entries.filter(({ stored }) => stored === undefined).map(({ tensor }) => tensor);
  const mismatched = entries.flatMap(({ tensor, expected, stored }) =>
    stored === undefined || stored.shape.join() === expected.join() ? [] : [{ tensor, expected, found: stored.shape }],
  );
  if (missing.length > 0 || mismatched.length > 0) throw modelWeightsMismatch(path, missing, mismatched, []);
  return Promise.all(entries.map(({ stored }) => readTensor(stored!)));
}
