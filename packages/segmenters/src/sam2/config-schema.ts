import { z } from "zod";

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

/** `config.json` of a `Sam2Model` or `Sam2VideoModel`. */
export const sam2ConfigSchema = z.object({
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

export type RawSam2Config = z.output<typeof sam2ConfigSchema>;
