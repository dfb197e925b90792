import { sam2ConfigSchema, type RawSam2Config } from "./config-schema.ts";
import { stageGrids, type MemoryConfig, type Sam2Config } from "./config.ts";
import { unsupportedConfig } from "./errors.ts";

/**
 * Reads the configuration of a `Sam2Model` or `Sam2VideoModel`; fields left out are transformers' defaults (the tiny model's).
 * @throws PVLA_SAM2_CONFIG
 */
export function parseSam2Config(json: unknown, source = "config.json"): Sam2Config {
  const parsed = sam2ConfigSchema.safeParse(json);
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

function memoryConfig(raw: RawSam2Config): MemoryConfig {
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

function checkConfig(config: Sam2Config, vision: RawSam2Config["vision_config"], source: string): void {
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
