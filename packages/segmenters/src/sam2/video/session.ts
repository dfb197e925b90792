import { maskBox, type RgbImage } from "@pixelvla/data";
import { checkPrompt } from "../../check-prompt.ts";
import type { FrameSource, SegmentPrompt, TrackedFrame, TrackedObject, TrackSession } from "../../contracts.ts";
import { badPrompt } from "../../errors.ts";
import { resizeAndThreshold, resizePlane, type FloatPlane } from "../../image/resize-plane.ts";
import { frameSizeChanged, noSuchFrame, nothingToTrack } from "../errors.ts";
import type { Sam2Features } from "../model.ts";
import { gridSide } from "../programs.ts";
import { promptTokens } from "../prompts.ts";
import { fillHoles } from "./fill-holes.ts";
import type { FrameMask, Sam2FrameModel } from "./frame-model.ts";
import { MemorySpool } from "./memory-spool.ts";
import { ObjectTrack, type Direction, type FrameRecord } from "./object-track.ts";

export interface SessionOptions {
  /** Holes of masks up to this many low-resolution pixels are filled; 0 leaves them. */
  readonly fillHolesArea: number;
  /** Gives every pixel to the object of the highest logit only. */
  readonly nonOverlapping: boolean;
  /** Memory that memory tokens may take in bytes; more go to a temporary file. 64 MiB if not said. */
  readonly memoryBytes?: number;
}

/** Memory that a session's memory tokens may take; 128 frames and objects of a real model. */
const SPOOL_BYTES = 64 << 20;
/** Frames whose features are kept: a prompt is often followed by another on the same frame. */
const MAX_FEATURES = 2;

/** What a frame gives for one object, before it is brought to the video's size. */
export interface Seen {
  readonly objectId: number;
  /** `[S/4, S/4]` */
  readonly logits: Float32Array;
  /** Logit of the object being there. */
  readonly objectScore: number;
}

/** One video followed by SAM 2. Each object is followed by itself; its prompts are kept when a frame is passed again. */
export class Sam2Session implements TrackSession {
  readonly #model: Sam2FrameModel;
  readonly #frames: FrameSource;
  readonly #options: SessionOptions;
  readonly #tracks = new Map<number, ObjectTrack>();
  readonly #features = new Map<number, Sam2Features>();
  readonly #spool: MemorySpool;
  readonly #lastSeen = new Map<number, Seen>();
  #size: { readonly widthPx: number; readonly heightPx: number } | undefined;

  constructor(model: Sam2FrameModel, frames: FrameSource, options: SessionOptions) {
    this.#model = model;
    this.#frames = frames;
    this.#options = options;
    const side = gridSide(model.sam2.config);
    this.#spool = new MemorySpool(side * side * model.memory.width, options.memoryBytes ?? SPOOL_BYTES);
  }

  /** @throws PVLA_SEGMENT_PROMPT, PVLA_TRACK_FRAME, PVLA_TRACK_FRAME_SIZE, PVLA_PICTURE */
  async prompt(frameIndex: number, objectId: number, prompt: SegmentPrompt): Promise<TrackedObject> {
    const features = await this.#featuresOf(frameIndex);
    const checked = checkPrompt(prompt, features, { emptyMask: true });
    if (checked.mask !== undefined && (checked.points !== undefined || checked.box !== undefined))
      throw badPrompt("a mask together with points or a box", "In video, give either a mask or points and a box");
    const track = this.#tracks.get(objectId) ?? new ObjectTrack();
    const reached = track.directions.get(frameIndex);
    const result = await this.#seePrompted(track, features, frameIndex, checked);
    await this.#keep(track, features, frameIndex, result, { prompted: true, conditioning: reached === undefined });
    this.#tracks.set(objectId, track);
    return this.#present([seen(objectId, result)])[0]!;
  }

  /** @throws PVLA_TRACK_NO_OBJECT, PVLA_TRACK_FRAME, PVLA_TRACK_FRAME_SIZE, PVLA_CANCELLED */
  async *propagate(options: Parameters<TrackSession["propagate"]>[0]): AsyncGenerator<TrackedFrame> {
    const { fromFrame, direction, maxFrames = Infinity, signal } = options;
    if (this.#tracks.size === 0) throw nothingToTrack();
    this.#checkFrame(fromFrame);
    const available = direction === "forward" ? this.#frames.nFrames - fromFrame : fromFrame + 1;
    for (let i = 0; i < Math.min(available, maxFrames); i++) {
      const frameIndex = direction === "forward" ? fromFrame + i : fromFrame - i;
      const found: Seen[] = [];
      for (const [objectId, track] of this.#tracks) {
        found.push(await this.#follow(objectId, track, frameIndex, direction, signal));
      }
      yield { frameIndex, objects: this.#present(found) };
    }
  }

  /** Frames and objects whose memory tokens are in memory now; the rest are in a file. */
  get nMemoriesKept(): number {
    return this.#spool.nKept;
  }

  /** Logits and object score behind the mask that an object was given last. */
  lastSeen(objectId: number): Seen | undefined {
    return this.#lastSeen.get(objectId);
  }

  async dispose(): Promise<void> {
    this.#features.clear();
    this.#lastSeen.clear();
    this.#tracks.clear();
    await this.#spool.dispose();
  }

  async #seePrompted(
    track: ObjectTrack,
    features: Sam2Features,
    frameIndex: number,
    prompt: SegmentPrompt,
  ): Promise<FrameMask> {
    const tokens = promptTokens(prompt, this.#model.sam2.frameOf(features));
    if (prompt.mask !== undefined) return this.#model.useMask(features, prompt.mask, tokens);
    const reached = track.directions.get(frameIndex);
    const multimask = this.#multimask(tokens.nPoints, reached === undefined);
    if (reached === undefined) return this.#model.decode(features, tokens, { noMemory: true, multimask });
    const conditioned = await this.#conditioned(track, features, frameIndex, reached);
    return this.#model.decode(conditioned, tokens, { noMemory: false, multimask });
  }

  async #follow(
    objectId: number,
    track: ObjectTrack,
    frameIndex: number,
    direction: Direction,
    signal: AbortSignal | undefined,
  ): Promise<Seen> {
    const given = track.get(frameIndex);
    if (given?.prompted !== undefined) return { objectId, logits: given.prompted, objectScore: given.objectScore };
    const features = await this.#featuresOf(frameIndex, signal);
    const conditioned = await this.#conditioned(track, features, frameIndex, direction, signal);
    const tokens = promptTokens({}, this.#model.sam2.frameOf(features));
    const multimask = this.#multimask(0, false);
    const result = await this.#model.decode(conditioned, tokens, { noMemory: false, multimask, signal });
    await this.#keep(track, features, frameIndex, result, { prompted: false, conditioning: false }, signal);
    track.directions.set(frameIndex, direction);
    return seen(objectId, result);
  }

  /** Features whose embedding is fused with the object's memory. */
  async #conditioned(
    track: ObjectTrack,
    features: Sam2Features,
    frameIndex: number,
    direction: Direction,
    signal?: AbortSignal,
  ): Promise<Sam2Features> {
    const { memory } = this.#model;
    const nFrames = this.#frames.nFrames;
    const frames = [];
    for (const { record, slot } of track.memories(frameIndex, direction, memory))
      frames.push({ tokens: await this.#spool.get(record.memory), slot });
    const pointers = track.pointers(frameIndex, direction, nFrames, memory.maxPointers);
    const longestDistance = Math.max(1, Math.min(nFrames, memory.maxPointers) - 1);
    const bank = { frames, pointers, longestDistance };
    return { ...features, embedding: await this.#model.condition(features.embedding, bank, signal) };
  }

  async #keep(
    track: ObjectTrack,
    features: Sam2Features,
    frameIndex: number,
    result: FrameMask,
    { prompted, conditioning }: { readonly prompted: boolean; readonly conditioning: boolean },
    signal?: AbortSignal,
  ): Promise<void> {
    const tokens = await this.#model.remember(features, result, prompted, signal);
    const earlier: FrameRecord | undefined = track.get(frameIndex);
    const memory = await this.#spool.put(tokens, earlier?.memory);
    const { objectScore, pointer, logits } = result;
    const record = { frameIndex, objectScore, pointer, memory, prompted: prompted ? logits.data : undefined };
    track.set(record, conditioning);
  }

  #multimask(nPoints: number, first: boolean): boolean {
    const { enabled, whileTracking, minPoints, maxPoints } = this.#model.memory.multimask;
    return enabled && (first || whileTracking) && nPoints >= minPoints && nPoints <= maxPoints;
  }

  async #featuresOf(frameIndex: number, signal?: AbortSignal): Promise<Sam2Features> {
    this.#checkFrame(frameIndex);
    const kept = this.#features.get(frameIndex);
    if (kept !== undefined) return kept;
    const image = await this.#frames.read(frameIndex);
    this.#checkSize(frameIndex, image);
    const features = await this.#model.sam2.encode(image, signal);
    this.#features.set(frameIndex, features);
    if (this.#features.size > MAX_FEATURES) this.#features.delete(this.#features.keys().next().value!);
    return features;
  }

  #checkFrame(frameIndex: number): void {
    const { nFrames } = this.#frames;
    if (!Number.isInteger(frameIndex) || frameIndex < 0 || frameIndex >= nFrames)
      throw noSuchFrame(frameIndex, nFrames);
  }

  #checkSize(frameIndex: number, { widthPx, heightPx }: RgbImage): void {
    this.#size ??= { widthPx, heightPx };
    if (this.#size.widthPx === widthPx && this.#size.heightPx === heightPx) return;
    throw frameSizeChanged(frameIndex, `${widthPx}x${heightPx}`, `${this.#size.widthPx}x${this.#size.heightPx}`);
  }

  /** Masks of the video's size. */
  #present(found: readonly Seen[]): TrackedObject[] {
    const { widthPx, heightPx } = this.#size!;
    const side = 4 * gridSide(this.#model.sam2.config);
    const { fillHolesArea, nonOverlapping } = this.#options;
    const planes = found.map(({ logits }): FloatPlane => {
      const data = fillHolesArea > 0 ? logits.slice() : logits;
      if (fillHolesArea > 0) fillHoles(data, side, fillHolesArea);
      return { width: side, height: side, data };
    });
    const masks =
      nonOverlapping && planes.length > 1
        ? exclusiveMasks(planes, widthPx, heightPx)
        : planes.map((plane) => resizeAndThreshold(plane, widthPx, heightPx, 0));
    return found.map((seenNow, i) => {
      const { objectId, objectScore } = seenNow;
      this.#lastSeen.set(objectId, seenNow);
      const score = 1 / (1 + Math.exp(-objectScore));
      const mask = { widthPx, heightPx, data: masks[i]! };
      const box = objectScore > 0 ? maskBox(mask) : undefined;
      return box === undefined ? { objectId, score } : { objectId, mask, box, score };
    });
  }
}

const seen = (objectId: number, { logits, objectScore }: FrameMask): Seen => ({
  objectId,
  logits: logits.data,
  objectScore,
});

/** Every pixel belongs to the object of the highest logit there, the first of equals, and only where that is above 0. */
function exclusiveMasks(planes: readonly FloatPlane[], width: number, height: number): Uint8Array[] {
  const large = planes.map((plane) => resizePlane(plane, width, height).data);
  const masks = large.map(() => new Uint8Array(width * height));
  for (let i = 0; i < width * height; i++) {
    let best = 0;
    for (let k = 1; k < large.length; k++) if (large[k]![i]! > large[best]![i]!) best = k;
    masks[best]![i] = large[best]![i]! > 0 ? 1 : 0;
  }
  return masks;
}
