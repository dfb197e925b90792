import { z } from "zod";

const activation = z.enum(["gelu", "relu"]);
const width = z.int().positive();

/** `vision_config` of a SAM `config.json`; what is left out has transformers' defaults (ViT-B). */
const visionSchema = z
  .object({
    hidden_size: width.default(768),
    output_channels: width.default(256),
    num_hidden_layers: width.default(12),
    num_attention_heads: width.default(12),
    num_channels: z.literal(3).default(3),
    image_size: width.default(1024),
    patch_size: width.default(16),
    hidden_act: activation.default("gelu"),
    layer_norm_eps: z.number().positive().default(1e-6),
    qkv_bias: z.boolean().default(true),
    mlp_ratio: z.number().positive().default(4),
    mlp_dim: width.nullish(),
    use_abs_pos: z.boolean().default(true),
    use_rel_pos: z.boolean().default(true),
    window_size: z.int().nonnegative().default(14),
    global_attn_indexes: z.array(z.int().nonnegative()).default([2, 5, 8, 11]),
    num_pos_feats: width.default(128),
  })
  .refine((v) => v.image_size % v.patch_size === 0, "image_size must be a multiple of patch_size")
  .refine((v) => v.hidden_size % v.num_attention_heads === 0, "num_attention_heads must divide hidden_size");

const promptSchema = z.object({
  hidden_size: width.default(256),
  mask_input_channels: width.default(16),
  hidden_act: activation.default("gelu"),
  layer_norm_eps: z.number().positive().default(1e-6),
});

const decoderSchema = z.object({
  hidden_size: width.default(256),
  hidden_act: activation.default("relu"),
  mlp_dim: width.default(2048),
  num_hidden_layers: width.default(2),
  num_attention_heads: width.default(8),
  attention_downsample_rate: width.default(2),
  num_multimask_outputs: width.default(3),
  iou_head_depth: z.int().min(2).default(3),
  iou_head_hidden_dim: width.default(256),
  layer_norm_eps: z.number().positive().default(1e-6),
});

/** `config.json` of `facebook/sam-vit-*` and of anything transformers' `SamModel` saved. */
export const samConfigSchema = z.object({
  model_type: z.literal("sam"),
  vision_config: visionSchema.prefault({}),
  prompt_encoder_config: promptSchema.prefault({}),
  mask_decoder_config: decoderSchema.prefault({}),
});

export type SamConfig = z.output<typeof samConfigSchema>;
export type SamVisionConfig = SamConfig["vision_config"];
export type SamPromptConfig = SamConfig["prompt_encoder_config"];
export type SamDecoderConfig = SamConfig["mask_decoder_config"];

/** What SAM needs of a `preprocessor_config.json`. */
export const samProcessorSchema = z.object({
  size: z.object({ longest_edge: width }).default({ longest_edge: 1024 }),
  pad_size: z.object({ height: width, width }).nullish(),
  rescale_factor: z
    .number()
    .positive()
    .default(1 / 255),
  image_mean: z.array(z.number()).length(3).default([0.485, 0.456, 0.406]),
  image_std: z.array(z.number().positive()).length(3).default([0.229, 0.224, 0.225]),
});

export type SamProcessor = z.output<typeof samProcessorSchema>;

/** The three published sizes, as their `config.json` states them. */
export const SAM_VARIANTS: Readonly<Record<"vit-base" | "vit-large" | "vit-huge", SamConfig>> = {
  "vit-base": variant({}),
  "vit-large": variant({
    hidden_size: 1024,
    num_hidden_layers: 24,
    num_attention_heads: 16,
    global_attn_indexes: [5, 11, 17, 23],
  }),
  "vit-huge": variant({
    hidden_size: 1280,
    num_hidden_layers: 32,
    num_attention_heads: 16,
    global_attn_indexes: [7, 15, 23, 31],
  }),
};

function variant(vision: z.input<typeof visionSchema>): SamConfig {
  return samConfigSchema.parse({ model_type: "sam", vision_config: vision });
}

/** Side of the embedding grid: image side over patch side. */
export function gridSide({ image_size, patch_size }: SamVisionConfig): number {
  return image_size / patch_size;
}
