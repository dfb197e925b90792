import type { NameMap } from "./bind.ts";

/** Rewrites that turn a parameter's name into the checkpoint's; the first whose pattern matches applies. */
function rewriting(rules: readonly (readonly [RegExp, ...string[]])[]): NameMap {
  return (parameter) => {
    for (const [pattern, ...targets] of rules) {
      if (pattern.test(parameter)) return targets.map((target) => parameter.replace(pattern, target));
    }
    return [];
  };
}

/** Our own checkpoints use our names. */
export const ownNames: NameMap = (parameter) => [parameter];

/**
 * `openvla/openvla-7b` (Hugging Face port), and native Prismatic files as second choice. Adapters, pixel parts and
 * the continuous decoder are not in it and stay fresh.
 */
export const openvlaNames: NameMap = (parameter) => {
  if (/\.lora_[AB]\./.test(parameter)) return [];
  return rewriting([
    [/^visionEncoder\.featurizer\./, "vision_backbone.featurizer.", "vision_backbone.dino_featurizer."],
    [/^visionEncoder\.fused_featurizer\./, "vision_backbone.fused_featurizer.", "vision_backbone.siglip_featurizer."],
    [/^projector\./, "projector."],
    [/^backbone\./, "language_model.", "llm."],
  ])(parameter);
};

/** OpenVLA-OFT's L1 action head, converted from its pickle to safetensors (DDP's `module.` prefix allowed). */
export const oftHeadNames: NameMap = rewriting([[/^decoder\.model\./, "model.", "module.model."]]);

/** openpi's and lerobot's pi0 (`model.` prefix after re-saving; the 2025-02 layout without the inner `model.`). */
export const pi0Names: NameMap = (parameter) => {
  if (/\.lora_[AB]\./.test(parameter)) return [];
  const embedding = /^backbone\.paligemma\.model\.language_model\.embed_tokens\./;
  const base = "paligemma_with_expert.";
  const names: string[] = [];
  if (embedding.test(parameter)) {
    names.push(
      `${base}paligemma.model.language_model.embed_tokens.weight`,
      `${base}paligemma.lm_head.weight`,
      `${base}paligemma.language_model.lm_head.weight`,
      `${base}paligemma.language_model.model.embed_tokens.weight`,
    );
  } else if (parameter.startsWith("backbone.paligemma.model.language_model.")) {
    const rest = parameter.slice("backbone.paligemma.model.language_model.".length);
    names.push(`${base}paligemma.model.language_model.${rest}`, `${base}paligemma.language_model.model.${rest}`);
  } else if (parameter.startsWith("backbone.gemma_expert.")) {
    names.push(base + parameter.slice("backbone.".length));
  } else if (parameter.startsWith("visionEncoder.")) {
    const rest = parameter.slice("visionEncoder.".length);
    names.push(`${base}paligemma.model.vision_tower.${rest}`, `${base}paligemma.vision_tower.${rest}`);
  } else if (parameter.startsWith("projector.")) {
    const rest = parameter.slice("projector.".length);
    names.push(
      `${base}paligemma.model.multi_modal_projector.${rest}`,
      `${base}paligemma.multi_modal_projector.${rest}`,
    );
  } else if (parameter.startsWith("decoder.")) {
    names.push(parameter.slice("decoder.".length));
  }
  return names.flatMap((name) => [name, `model.${name}`]);
};

/**
 * Released `facebook/dinov2-with-registers-*` files, for `dinov2` with `naming: huggingface`; within a larger model's file
 * below `dinov2_with_registers.` or `vision_tower.`. timm's own files call LayerScale `gamma`.
 */
export const dinov2Names: NameMap = (parameter) => {
  const name = inEncoder(parameter);
  if (name === undefined) return [];
  const timm = name.replace(/\.(ls[12])\.scale_factor$/, ".$1.gamma");
  return [name, `dinov2_with_registers.${name}`, `vision_tower.${name}`, ...(timm === name ? [] : [timm])];
};

/** Hugging Face's SigLIP: `SiglipVisionModel`, `SiglipModel` and models that hold it as `vision_tower`. */
export const siglipNames: NameMap = (parameter) => {
  const name = inEncoder(parameter);
  return name === undefined ? [] : [name, `vision_tower.${name}`, `model.vision_tower.${name}`];
};

function inEncoder(parameter: string): string | undefined {
  return parameter.startsWith("visionEncoder.") ? parameter.slice("visionEncoder.".length) : undefined;
}

/** SAM's prompt encoder, original (`sam_vit_*`) and Hugging Face (`facebook/sam-vit-*`) namings. */
export const samPromptNames: NameMap = (parameter) => {
  if (!parameter.startsWith("promptEncoder.") || parameter.startsWith("promptEncoder.mlp.")) return [];
  const name = parameter.slice("promptEncoder.".length);
  const huggingFace = name
    .replace("pe_layer.positional_encoding_gaussian_matrix", "shared_embedding.positional_embedding")
    .replace("point_embeddings.", "point_embed.")
    .replace("mask_downscaling.0.", "mask_embed.conv1.")
    .replace("mask_downscaling.1.", "mask_embed.layer_norm1.")
    .replace("mask_downscaling.3.", "mask_embed.conv2.")
    .replace("mask_downscaling.4.", "mask_embed.layer_norm2.")
    .replace("mask_downscaling.6.", "mask_embed.conv3.");
  const tied = name.startsWith("pe_layer.") ? ["shared_image_embedding.positional_embedding"] : [];
  return [`prompt_encoder.${name}`, `prompt_encoder.${huggingFace}`, ...tied, name, huggingFace];
};

/** The first map that knows a parameter decides: OpenVLA with an OFT head and SAM's prompt encoder, for instance. */
export function combinedNames(...maps: readonly NameMap[]): NameMap {
  return (parameter) => maps.map((map) => map(parameter)).find((names) => names.length > 0) ?? [];
}
