import { z } from "zod";

const swinSchema = z.looseObject({
  model_type: z.literal("swin").default("swin"),
  patch_size: z.int().positive().default(4),
  num_channels: z.literal(3).default(3),
  embed_dim: z.int().positive().default(96),
  depths: z.array(z.int().positive()).min(1).default([2, 2, 6, 2]),
  num_heads: z.array(z.int().positive()).min(1).default([3, 6, 12, 24]),
  window_size: z.int().positive().default(7),
  mlp_ratio: z.number().positive().default(4),
  qkv_bias: z.boolean().default(true),
  hidden_act: z.literal("gelu").default("gelu"),
  use_absolute_embeddings: z.literal(false).default(false),
  layer_norm_eps: z.number().positive().default(1e-5),
  out_indices: z.array(z.int().positive()).min(1).default([2, 3, 4]),
});

const bertSchema = z.looseObject({
  model_type: z.literal("bert").default("bert"),
  vocab_size: z.int().positive().default(30522),
  hidden_size: z.int().positive().default(768),
  num_hidden_layers: z.int().positive().default(12),
  num_attention_heads: z.int().positive().default(12),
  intermediate_size: z.int().positive().default(3072),
  hidden_act: z.literal("gelu").default("gelu"),
  max_position_embeddings: z.int().positive().default(512),
  type_vocab_size: z.int().positive().default(2),
  layer_norm_eps: z.number().positive().default(1e-12),
});

/**
 * `config.json` of a `GroundingDinoForObjectDetection`: transformers' names, absent fields have its defaults. Variants
 * that no published checkpoint uses (learned positions, one stage) are refused.
 */
export const groundingDinoConfig = z
  .looseObject({
    model_type: z.literal("grounding-dino"),
    backbone_config: swinSchema.prefault({}),
    text_config: bertSchema.prefault({}),
    num_queries: z.int().positive().default(900),
    d_model: z.int().positive().multipleOf(32, "the projections' group norm has 32 groups").default(256),
    encoder_layers: z.int().positive().default(6),
    encoder_ffn_dim: z.int().positive().multipleOf(2).default(2048),
    encoder_attention_heads: z.int().positive().multipleOf(2).default(8),
    encoder_n_points: z.int().positive().default(4),
    decoder_layers: z.int().positive().default(6),
    decoder_ffn_dim: z.int().positive().default(2048),
    decoder_attention_heads: z.int().positive().default(8),
    decoder_n_points: z.int().positive().default(4),
    decoder_bbox_embed_share: z.boolean().default(true),
    num_feature_levels: z.int().positive().default(4),
    activation_function: z.literal("relu").default("relu"),
    layer_norm_eps: z.number().positive().default(1e-5),
    max_text_len: z.int().positive().default(256),
    positional_embedding_temperature: z.number().positive().default(20),
    // What no published checkpoint changes is not built.
    position_embedding_type: z.literal("sine").default("sine"),
    two_stage: z.literal(true).default(true),
    two_stage_bbox_embed_share: z.literal(false).default(false),
    embedding_init_target: z.literal(true).default(true),
    query_dim: z.literal(4).default(4),
  })
  .refine(({ backbone_config: { depths, num_heads } }) => depths.length === num_heads.length, {
    path: ["backbone_config", "num_heads"],
    message: "needs one entry for each of depths",
  })
  .refine(({ backbone_config: { out_indices, depths } }) => Math.max(...out_indices) <= depths.length, {
    path: ["backbone_config", "out_indices"],
    message: "names a stage the backbone does not have",
  })
  .refine(({ num_feature_levels, backbone_config: { out_indices } }) => num_feature_levels >= out_indices.length, {
    path: ["num_feature_levels"],
    message: "needs at least as many levels as the backbone gives maps",
  });

export type GroundingDinoConfig = z.output<typeof groundingDinoConfig>;
/** Its `backbone_config`, a Swin transformer. */
export type SwinConfig = z.output<typeof swinSchema>;
/** Its `text_config`, a BERT. */
export type BertConfig = z.output<typeof bertSchema>;
