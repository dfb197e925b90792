/** Stored twice in transformers' checkpoints, tied; a file may hold either or both. */
const POSITION_MATRIX = [
  "shared_image_embedding.positional_embedding",
  "prompt_encoder.shared_embedding.positional_embedding",
];

/** Names that a parameter of ours may have in a checkpoint: its own, which is transformers', and that of its tied twin. */
export const sam2Names = (name: string): string[] =>
  POSITION_MATRIX.includes(name) ? [name, ...POSITION_MATRIX.filter((other) => other !== name)] : [name];

/** Tensors that mask prompts in video need outside any graph: a 4 x 4 convolution of stride 4, done on the host. */
export const HOST_TENSORS: Readonly<Record<string, readonly number[]>> = {
  "mask_downsample.weight": [1, 1, 4, 4],
  "mask_downsample.bias": [1],
};

/**
 * Saved, and read by nothing: transformers' forward pass does not use it either. The original adds it to the embedding of a
 * first prompted frame only where `directly_add_no_mem_embed` is off, which no published model does.
 */
export const UNUSED_TENSORS: readonly string[] = ["no_memory_positional_encoding"];
