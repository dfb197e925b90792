import { z } from "zod";
import { unsupportedConfig } from "./errors.ts";

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

const count = z.int().nonnegative();
const size = z.int().positive();
const activation = z.enum(["gelu", "relu"]);
const pair = z
  .union([size, z.array(size).length(2)])
  .transform((v) => (Array.isArray(v) ? v : [v, v]) as [number, number]);
const square = z.union([count, z.array(count).min(1)]).transform((v) => (Array.isArray(v) ? v[0]! : v));

// Defaults are transformers': checkpoints may store only what differs from them.
const backboneSchema = z.object({
  patch_kernel_size: square.default(7),
  patch_stride: square.default(4),
  patch_padding: square.default(3),
  query_stride: square.default(2),
  window_positional_embedding_background_size: pair.default([7, 7]),
  num_query_pool_stages: count.default(3),
  blocks_per_stage: z.array(size).default([1, 2, 7, 2]),
  embed_dim_per_stage: z.array(size).default([96, 192, 384, 768]),
  num_attention_heads_per_stage: z.array(size).default([1, 2, 4, 8]),
  window_size_per_stage: z.array(count).default([8, 4, 14, 7]),
  global_attention_blocks: z.array(count).default([5, 7, 9]),
  mlp_ratio: z.number().positive().default(4),
  hidden_act: activation.default("gelu"),
  layer_norm_eps: z.number().positive().default(1e-6),
});

const visionSchema = z.object({
  backbone_config: backboneSchema.prefault({}),
  backbone_feature_sizes: z.array(pair).optional(),
  fpn_hidden_size: size.default(256),
  fpn_kernel_size: size.default(1),
  fpn_top_down_levels: z.array(count).default([2, 3]),
  num_feature_levels: size.default(3),
});

const promptSchema = z.object({
  hidden_size: size.default(256),
  image_size: square.default(1024),
  patch_size: square.default(16),
  mask_input_channels: size.default(16),
  hidden_act: activation.default("gelu"),
  layer_norm_eps: z.number().positive().default(1e-6),
});

const decoderSchema = z.object({
  hidden_size: size.default(256),
  mlp_dim: size.default(2048),
  num_hidden_layers: size.default(2),
  num_attention_heads: size.default(8),
  attention_downsample_rate: size.default(2),
  num_multimask_outputs: size.default(3),
  iou_head_depth: size.default(3),
  iou_head_hidden_dim: size.default(256),
  dynamic_multimask_via_stability: z.boolean().default(true),
  dynamic_multimask_stability_delta: z.number().default(0.05),
  dynamic_multimask_stability_thresh: z.number().default(0.98),
});

const schema = z.object({
  model_type: z.enum(["sam2", "sam2_video"]),
  vision_config: visionSchema.prefault({}),
  prompt_encoder_config: promptSchema.prefault({}),
  mask_decoder_config: decoderSchema.prefault({}),
  num_maskmem: size.default(7),
  sigmoid_scale_for_mem_enc: z.number().default(20),
  sigmoid_bias_for_mem_enc: z.number().default(-10),
  enable_occlusion_spatial_embedding: z.boolean().default(true),
  multimask_output_in_sam: z.boolean().default(true),
  multimask_min_pt_num: count.default(0),
  multimask_max_pt_num: count.default(1),
  multimask_output_for_tracking: z.boolean().default(true),
  max_object_pointers_in_encoder: size.default(16),
  max_cond_frame_num: z.int().default(-1),
  enable_temporal_pos_encoding_for_object_pointers: z.boolean().default(true),
  memory_attention_num_layers: size.default(4),
  memory_attention_num_attention_heads: size.default(1),
  memory_attention_downsample_rate: size.default(1),
  memory_attention_feed_forward_hidden_size: size.default(2048),
  memory_attention_feed_forward_hidden_act: activation.default("relu"),
  memory_attention_rope_theta: z.number().positive().optional(),
  rope_parameters: z.object({ rope_theta: z.number().positive().optional() }).optional(),
  memory_encoder_output_channels: size.default(64),
  mask_downsampler_embed_dim: size.default(256),
  mask_downsampler_kernel_size: size.default(3),
  mask_downsampler_stride: z.int().min(2).default(2),
  mask_downsampler_padding: count.default(1),
  mask_downsampler_total_stride: size.default(16),
  mask_downsampler_hidden_act: activation.default("gelu"),
  memory_fuser_num_layers: size.default(2),
  memory_fuser_intermediate_dim: size.default(1024),
  memory_fuser_kernel_size: size.default(7),
  memory_fuser_padding: count.default(3),
  memory_fuser_hidden_act: activation.default("gelu"),
});

type Parsed = z.output<typeof schema>;

/**
 * Reads the configuration of a `Sam2Model` or `Sam2VideoModel`; fields left out are transformers' defaults (the tiny model's).
 * @throws PVLA_SAM2_CONFIG
 */
export function parseSam2Config(json: unknown, source = "config.json"): Sam2Config {
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw unsupportedConfig(source, `${issue.path.join(".") || "the document"}: ${issue.message}`);
  }
  const raw = parsed.data;
  const { vision_config: vision, prompt_encoder_config: prompt, mask_decoder_config: decoder } = raw;
  const backbone = vision.backbone_config;
  const config: Sam2Config = {
    imageSize: prompt.image_size,
    backbone: {
      patchKernel: backbone.patch_kernel_size,
      patchStride: backbone.patch_stride,
      patchPadding: backbone.patch_padding,
      queryStride: backbone.query_stride,
      positionSize: backbone.window_positional_embedding_background_size,
      nPoolStages: backbone.num_query_pool_stages,
      blocks: backbone.blocks_per_stage,
      widths: backbone.embed_dim_per_stage,
      heads: backbone.num_attention_heads_per_stage,
      windows: backbone.window_size_per_stage,
      globalBlocks: backbone.global_attention_blocks,
      mlpRatio: backbone.mlp_ratio,
      activation: backbone.hidden_act,
      epsilon: backbone.layer_norm_eps,
    },
    neck: {
      width: vision.fpn_hidden_size,
      topDownLevels: vision.fpn_top_down_levels,
      nLevels: vision.num_feature_levels,
    },
    prompt: {
      width: prompt.hidden_size,
      patchSize: prompt.patch_size,
      maskChannels: prompt.mask_input_channels,
      activation: prompt.hidden_act,
      epsilon: prompt.layer_norm_eps,
    },
    decoder: {
      width: decoder.hidden_size,
      mlpWidth: decoder.mlp_dim,
      depth: decoder.num_hidden_layers,
      heads: decoder.num_attention_heads,
      downsample: decoder.attention_downsample_rate,
      nMultimask: decoder.num_multimask_outputs,
      iouDepth: decoder.iou_head_depth,
      iouWidth: decoder.iou_head_hidden_dim,
      stability: decoder.dynamic_multimask_via_stability
        ? { delta: decoder.dynamic_multimask_stability_delta, threshold: decoder.dynamic_multimask_stability_thresh }
        : undefined,
    },
    memory: raw.model_type === "sam2" ? undefined : memoryConfig(raw),
  };
  checkConfig(config, vision, source);
  return config;
}

function memoryConfig(raw: Parsed): MemoryConfig {
  return {
    nSlots: raw.num_maskmem,
    maskScale: raw.sigmoid_scale_for_mem_enc,
    maskBias: raw.sigmoid_bias_for_mem_enc,
    occlusionEmbedding: raw.enable_occlusion_spatial_embedding,
    maxPointers: raw.max_object_pointers_in_encoder,
    maxConditioning: raw.max_cond_frame_num < 0 ? undefined : raw.max_cond_frame_num,
    pointerTime: raw.enable_temporal_pos_encoding_for_object_pointers,
    multimask: {
      enabled: raw.multimask_output_in_sam,
      whileTracking: raw.multimask_output_for_tracking,
      minPoints: raw.multimask_min_pt_num,
      maxPoints: raw.multimask_max_pt_num,
    },
    attention: {
      layers: raw.memory_attention_num_layers,
      heads: raw.memory_attention_num_attention_heads,
      downsample: raw.memory_attention_downsample_rate,
      mlpWidth: raw.memory_attention_feed_forward_hidden_size,
      activation: raw.memory_attention_feed_forward_hidden_act,
      theta: raw.rope_parameters?.rope_theta ?? raw.memory_attention_rope_theta ?? 10_000,
    },
    width: raw.memory_encoder_output_channels,
    downsampler: {
      width: raw.mask_downsampler_embed_dim,
      kernel: raw.mask_downsampler_kernel_size,
      stride: raw.mask_downsampler_stride,
      padding: raw.mask_downsampler_padding,
      layers: Math.floor(Math.log2(raw.mask_downsampler_total_stride) / Math.log2(raw.mask_downsampler_stride)),
      activation: raw.mask_downsampler_hidden_act,
    },
    fuser: {
      layers: raw.memory_fuser_num_layers,
      hidden: raw.memory_fuser_intermediate_dim,
      kernel: raw.memory_fuser_kernel_size,
      padding: raw.memory_fuser_padding,
      activation: raw.memory_fuser_hidden_act,
    },
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

function checkConfig(config: Sam2Config, vision: Parsed["vision_config"], source: string): void {
  const { backbone, neck, decoder, prompt, imageSize } = config;
  const refuse = (found: string) => {
    throw unsupportedConfig(source, found);
  };
  const stages = backbone.blocks.length;
  if ([backbone.widths, backbone.heads, backbone.windows].some((list) => list.length !== stages))
    refuse(`${stages} stages of blocks, but other lists of another length`);
  if (vision.fpn_kernel_size !== 1) refuse(`fpn_kernel_size ${vision.fpn_kernel_size}; only 1 is known`);
  if (neck.nLevels !== 3) refuse(`num_feature_levels ${neck.nLevels}; only 3 is known`);
  if (new Set([neck.width, prompt.width, decoder.width]).size !== 1)
    refuse(
      `widths ${neck.width}, ${prompt.width} and ${decoder.width} of neck, prompts and decoder, which must be equal`,
    );
  const grids = stageGrids(config);
  const declared = vision.backbone_feature_sizes;
  if (declared?.some(([h, w], level) => h !== grids[level] || w !== grids[level]))
    refuse(`feature sizes ${JSON.stringify(declared)} for pictures of ${imageSize} px, which give ${grids.join(", ")}`);
  if (grids[2] !== imageSize / prompt.patchSize)
    refuse(`patch_size ${prompt.patchSize} for a grid of ${grids[2]} tokens and pictures of ${imageSize} px`);
}
