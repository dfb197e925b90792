const tower = { width: 384, depth: 13, heads: 6, mlpWidth: 1536 };

/** An OpenVLA-style policy of about 100 M parameters at 224 px, small enough to time on two cores. */
export const policy100m = {
  name: "openvla-100m",
  description: "OpenVLA with the continuous action decoder at about 100 M parameters, for measurements.",
  image: { height: 224, width: 224 },
  visionEncoder: {
    name: "fused-dinov2-siglip",
    options: { image: 224, patch: 16, registers: 4, dino: tower, siglip: tower, taps: [5, 11] },
  },
  projector: { name: "fused-mlp" },
  backbone: {
    name: "llama",
    options: {
      width: 512,
      layers: 14,
      heads: 8,
      mlpWidth: 1408,
      vocabulary: 4096,
      pad: 0,
      annotationsSentinel: 3,
      visualPromptsSentinel: 4,
    },
    tokenizer: { name: "hashed-words", options: { firstId: 8, buckets: 4000 } },
  },
  decoder: { name: "continuous", options: { hidden: 1024, blocks: 2 } },
  text: { maxTokens: 32, plainTemplate: "{instruction}" },
  training: { stage: "from-scratch", steps: 1, batchSize: 1 },
};
