/** Shapes and constants of one SAM 2.1 model, from the `config.json` beside its weights. */
export interface Sam2Config {
  /** Side of the square model input in pixels. */
  readonly imageSize: number;
  readonly backbone: HieraConfig;
  readonly neck: NeckConfig;
  readonly prompt: PromptConfig;
  readonly decoder: MaskDecoderConfig;
  /** Absent in checkpoints of the image model alone (`model_type` "sam2"). */
  readonly memory: MemoryConfig | undefined;
}

export type Activation = "gelu" | "relu";

export interface HieraConfig {
  readonly patchKernel: number;
  readonly patchStride: number;
  readonly patchPadding: number;
  readonly queryStride: number;
  /** Height and width of the stored global position embedding. */
  readonly positionSize: readonly [number, number];
  readonly nPoolStages: number;
  /** Per stage, shallow to deep. */
  readonly blocks: readonly number[];
  readonly widths: readonly number[];
  readonly heads: readonly number[];
  readonly windows: readonly number[];
  /** Blocks that attend to the whole picture. */
  readonly globalBlocks: readonly number[];
  readonly mlpRatio: number;
  readonly activation: Activation;
  readonly epsilon: number;
}

export interface NeckConfig {
  readonly width: number;
  /** Levels that receive the next coarser one. */
  readonly topDownLevels: readonly number[];
  readonly nLevels: number;
}

export interface PromptConfig {
  readonly width: number;
  readonly patchSize: number;
  readonly maskChannels: number;
  readonly activation: Activation;
  readonly epsilon: number;
}

export interface MaskDecoderConfig {
  readonly width: number;
  readonly mlpWidth: number;
  readonly depth: number;
  readonly heads: number;
  readonly downsample: number;
  readonly nMultimask: number;
  readonly iouDepth: number;
  readonly iouWidth: number;
  /** Undefined when a single mask is always token 0's. */
  readonly stability: { readonly delta: number; readonly threshold: number } | undefined;
}

export interface MemoryConfig {
  /** Slots of the memory bank: conditioning frames share one temporal code, the others count frames back. */
  readonly nSlots: number;
  readonly maskScale: number;
  readonly maskBias: number;
  readonly occlusionEmbedding: boolean;
  readonly maxPointers: number;
  /** Conditioning frames that take part, closest first; all of them when undefined. */
  readonly maxConditioning: number | undefined;
  readonly pointerTime: boolean;
  readonly multimask: {
    readonly enabled: boolean;
    readonly whileTracking: boolean;
    readonly minPoints: number;
    readonly maxPoints: number;
  };
  readonly attention: {
    readonly layers: number;
    readonly heads: number;
    readonly downsample: number;
    readonly mlpWidth: number;
    readonly activation: Activation;
    readonly theta: number;
  };
  /** Channels of a memory token. */
  readonly width: number;
  readonly downsampler: {
    readonly width: number;
    readonly kernel: number;
    readonly stride: number;
    readonly padding: number;
    readonly layers: number;
    readonly activation: Activation;
  };
  readonly fuser: {
    readonly layers: number;
    readonly hidden: number;
    readonly kernel: number;
    readonly padding: number;
    readonly activation: Activation;
  };
}

/** Side of the token grid of each stage. */
export function stageGrids({ imageSize, backbone }: Pick<Sam2Config, "imageSize" | "backbone">): number[] {
  const { patchKernel, patchStride, patchPadding, queryStride, nPoolStages, blocks } = backbone;
  let side = Math.floor((imageSize + 2 * patchPadding - patchKernel) / patchStride) + 1;
  return blocks.map((_, stage) => {
    if (stage > 0 && stage <= nPoolStages) side = Math.floor(side / queryStride);
    return side;
  });
}
