/**
 * Every tensor of `openvla/openvla-7b`, in the order and grouping of its `model.safetensors.index.json`: names and shapes
 * of the Hugging Face port, parts that no forward pass uses included (last vision blocks, final norms, attention pool).
 *
 * Source: reference on the public checkpoint, `transformers` 4.40 Llama and `timm` 0.9 vision transformers.
 */

/** Parameters of the published checkpoint. */
export const OPENVLA_7B_PARAMETERS = 7_541_237_184;

/** Shapes by name; all are bfloat16 in the file. */
export function openvla7bTensors(): Map<string, readonly number[]> {
  const tensors = new Map<string, readonly number[]>();
  const linear = (name: string, out: number, inputs: number) =>
    tensors.set(`${name}.weight`, [out, inputs]).set(`${name}.bias`, [out]);
  const norm = (name: string, width: number) => tensors.set(`${name}.weight`, [width]).set(`${name}.bias`, [width]);

  const tower = (prefix: string, width: number, depth: number, mlp: number, layerScale: boolean) => {
    tensors.set(`${prefix}.patch_embed.proj.weight`, [width, 3, 14, 14]);
    tensors.set(`${prefix}.patch_embed.proj.bias`, [width]);
    tensors.set(`${prefix}.pos_embed`, [1, 256, width]);
    for (let i = 0; i < depth; i++) {
      const block = `${prefix}.blocks.${i}`;
      norm(`${block}.norm1`, width);
      linear(`${block}.attn.qkv`, 3 * width, width);
      linear(`${block}.attn.proj`, width, width);
      norm(`${block}.norm2`, width);
      linear(`${block}.mlp.fc1`, mlp, width);
      linear(`${block}.mlp.fc2`, width, mlp);
      if (layerScale) for (const ls of ["ls1", "ls2"]) tensors.set(`${block}.${ls}.scale_factor`, [width]);
    }
    norm(`${prefix}.norm`, width);
  };
  const dino = "vision_backbone.featurizer";
  tensors.set(`${dino}.cls_token`, [1, 1, 1024]).set(`${dino}.reg_token`, [1, 4, 1024]);
  tower(dino, 1024, 24, 4096, true);
  const siglip = "vision_backbone.fused_featurizer";
  tower(siglip, 1152, 27, 4304, false);
  const pool = `${siglip}.attn_pool`;
  tensors.set(`${pool}.latent`, [1, 1, 1152]);
  linear(`${pool}.q`, 1152, 1152);
  linear(`${pool}.kv`, 2304, 1152);
  linear(`${pool}.proj`, 1152, 1152);
  norm(`${pool}.norm`, 1152);
  linear(`${pool}.mlp.fc1`, 4304, 1152);
  linear(`${pool}.mlp.fc2`, 1152, 4304);

  linear("projector.fc1", 8704, 2176);
  linear("projector.fc2", 4096, 8704);
  linear("projector.fc3", 4096, 4096);

  const llama = "language_model";
  tensors.set(`${llama}.model.embed_tokens.weight`, [32064, 4096]);
  for (let i = 0; i < 32; i++) {
    const layer = `${llama}.model.layers.${i}`;
    for (const p of ["q", "k", "v", "o"]) tensors.set(`${layer}.self_attn.${p}_proj.weight`, [4096, 4096]);
    for (const p of ["gate", "up"]) tensors.set(`${layer}.mlp.${p}_proj.weight`, [11008, 4096]);
    tensors.set(`${layer}.mlp.down_proj.weight`, [4096, 11008]);
    for (const p of ["input", "post_attention"]) tensors.set(`${layer}.${p}_layernorm.weight`, [4096]);
  }
  tensors.set(`${llama}.model.norm.weight`, [4096]);
  return tensors.set(`${llama}.lm_head.weight`, [32064, 4096]);
}
