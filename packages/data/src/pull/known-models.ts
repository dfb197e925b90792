/** A model of the hub under a short name. */
export interface KnownModel {
  /** `OWNER/NAME[@REVISION]`. */
  readonly repo: string;
  readonly note: string;
  /** Only these files, where the repository holds more than is needed. */
  readonly include?: readonly string[];
}

/** Public checkpoints that recipes and the annotator use, by short name. The licence is shown as the hub states it. */
export const KNOWN_MODELS: Readonly<Record<string, KnownModel>> = {
  "openvla-7b": { repo: "openvla/openvla-7b", note: "OpenVLA, recipes openvla-7b and pixelvla-openvla-7b" },
  "openvla-oft-libero": {
    repo: "moojink/openvla-7b-oft-finetuned-libero-spatial-object-goal-10",
    note: "OpenVLA-OFT on the four LIBERO suites; its action head is a pickle, see --include",
  },
  "pi0-base": { repo: "lerobot/pi0_base", note: "pi0 in PyTorch naming, recipes pi0 and pixelvla-pi0" },
  "paligemma-tokenizer": {
    repo: "google/paligemma-3b-pt-224",
    note: "Tokenizer of pi0; gated: accept the licence and set HF_TOKEN",
    include: ["tokenizer*.json", "special_tokens_map.json", "*.md"],
  },
  dinov2: { repo: "facebook/dinov2-with-registers-large", note: "DINOv2 ViT-L/14 with registers" },
  siglip: { repo: "google/siglip-so400m-patch14-224", note: "SigLIP SO400M/14 at 224 px" },
};
