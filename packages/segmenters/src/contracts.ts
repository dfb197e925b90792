import type { Engine } from "@pixelvla/engines";
import type { BinaryMask, PixelBox, PointPrompt, RgbImage } from "@pixelvla/data";
import type { z } from "zod";

/** Where a model comes from and on what it runs; handed to every `open`. */
export interface OpenContext {
  readonly engine: Engine;
  /** Threads of one operator; the engine's own default when left out. */
  readonly threads?: number;
  /** Model folders by name are looked up here (`pixelvla models pull` writes here). */
  readonly modelsDir?: string;
  readonly signal?: AbortSignal;
}

/** What every model is known by in results: name and content hash or revision. */
export interface ModelIdentity {
  readonly model: string;
  readonly modelVersion: string;
}

interface Model extends ModelIdentity {
  dispose(): Promise<void>;
}

// --- Segmenter ------------------------------------------------------------------------------------------------------

/** What to segment, in pixels of the picture given to `encode`. At least one member is set. */
export interface SegmentPrompt {
  readonly points?: readonly PointPrompt[];
  readonly box?: PixelBox;
  /** A rough mask of the picture's size to refine. */
  readonly mask?: BinaryMask;
}

/** A mask of the picture's size and the model's own estimate of its IoU with the object, in [0, 1]. */
export interface MaskCandidate {
  readonly mask: BinaryMask;
  readonly score: number;
}

/** An encoded picture: the costly part of a segmentation, to be kept and prompted many times. Opaque, plain memory. */
export interface ImageFeatures {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Promptable segmentation of single pictures. */
export interface Segmenter<F extends ImageFeatures = ImageFeatures> extends Model {
  encode(image: RgbImage, options?: { signal?: AbortSignal }): Promise<F>;
  /** Candidates, best first; several when the prompt is ambiguous and the model offers it. Never empty. */
  segment(features: F, prompt: SegmentPrompt, options?: { signal?: AbortSignal }): Promise<readonly MaskCandidate[]>;
}

// --- Object detector ------------------------------------------------------------------------------------------------

export interface Detection {
  /** Pixels of the picture. */
  readonly box: PixelBox;
  /** In [0, 1]. */
  readonly score: number;
  /** The phrase, or the class name of a closed-vocabulary model. */
  readonly label: string;
  /** For detectors that segment too. */
  readonly mask?: BinaryMask;
}

export interface DetectOptions {
  /** Only this part of the picture is looked at; boxes still come in pixels of the whole picture. */
  readonly region?: PixelBox;
  /** Least score; the model's own default when left out. */
  readonly threshold?: number;
  readonly signal?: AbortSignal;
}

/** Finds what phrases name. */
export interface ObjectDetector extends Model {
  /** Whether any phrase can be asked for, or only `labels`. */
  readonly openVocabulary: boolean;
  readonly labels?: readonly string[];
  /** Detections of all phrases, best first; empty when nothing is found. */
  detect(image: RgbImage, phrases: readonly string[], options?: DetectOptions): Promise<readonly Detection[]>;
}

// --- Tracker --------------------------------------------------------------------------------------------------------

/** A video, or any ordered pictures of one size, read on demand so that long ones need no memory. */
export interface FrameSource {
  readonly nFrames: number;
  read(frameIndex: number): Promise<RgbImage>;
}

export interface TrackedObject {
  readonly objectId: number;
  /** Undefined when the object is not seen in this frame, or for trackers of boxes only. */
  readonly mask?: BinaryMask;
  readonly box?: PixelBox;
  /** Confidence in [0, 1]; low means lost. */
  readonly score: number;
}

export interface TrackedFrame {
  readonly frameIndex: number;
  readonly objects: readonly TrackedObject[];
}

/** One video being followed. Prompts may be added at any frame, also between two propagations. */
export interface TrackSession {
  /** Seeds or corrects an object at a frame and returns what it gives there. */
  prompt(frameIndex: number, objectId: number, prompt: SegmentPrompt): Promise<TrackedObject>;
  /** Follows every object from `fromFrame` to the end of the video, or backwards to its beginning, or `maxFrames`. */
  propagate(options: {
    readonly fromFrame: number;
    readonly direction: "forward" | "backward";
    readonly maxFrames?: number;
    readonly signal?: AbortSignal;
  }): AsyncIterable<TrackedFrame>;
  dispose(): Promise<void>;
}

/** Follows objects through pictures. */
export interface Tracker extends Model {
  start(frames: FrameSource): Promise<TrackSession>;
}

// --- Plugins --------------------------------------------------------------------------------------------------------

interface VisionPluginBase<Kind extends string, Options extends z.ZodType, Opened> {
  readonly kind: Kind;
  readonly name: string;
  /** One sentence for lists and the studio. */
  readonly summary: string;
  /** A strict object with every field described and defaulted where sensible. */
  readonly options: Options;
  /** Opens the model; options were parsed by `options`. */
  open(options: z.output<Options>, context: OpenContext): Promise<Opened>;
}

export type SegmenterPlugin<O extends z.ZodType = z.ZodType> = VisionPluginBase<"segmenter", O, Segmenter>;
export type ObjectDetectorPlugin<O extends z.ZodType = z.ZodType> = VisionPluginBase<
  "objectDetector",
  O,
  ObjectDetector
>;
export type TrackerPlugin<O extends z.ZodType = z.ZodType> = VisionPluginBase<"tracker", O, Tracker>;
export type VisionPlugin = SegmenterPlugin | ObjectDetectorPlugin | TrackerPlugin;

type Definition<P extends { kind: string }> = Omit<P, "kind">;

// As in core's define helpers: the option type is inferred inside a plugin and forgotten outside.

export function defineSegmenter<O extends z.ZodType>(plugin: Definition<SegmenterPlugin<O>>): SegmenterPlugin {
  return { kind: "segmenter", ...plugin } as unknown as SegmenterPlugin;
}

export function defineObjectDetector<O extends z.ZodType>(
  plugin: Definition<ObjectDetectorPlugin<O>>,
): ObjectDetectorPlugin {
  return { kind: "objectDetector", ...plugin } as unknown as ObjectDetectorPlugin;
}

export function defineTracker<O extends z.ZodType>(plugin: Definition<TrackerPlugin<O>>): TrackerPlugin {
  return { kind: "tracker", ...plugin } as unknown as TrackerPlugin;
}
