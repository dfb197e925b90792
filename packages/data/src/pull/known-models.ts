/** A model of the hub under a short name. */
export interface KnownModel {
  /** `OWNER/NAME[@REVISION]`. */
  readonly repo: string;
  readonly note: string;
  /** Only these files, where the repository holds more than is needed. */
  readonly include?: readonly string[];
  /** SHA-256 that files must have, whatever the hub says of them, by path in the repository. */
  readonly sha256?: Readonly<Record<string, string>>;
  /** About how much there is to download. */
  readonly sizeMb?: number;
  /** As the model's authors state it; the hub's own statement is shown after the download. */
  readonly license?: string;
}

const TRANSFORMERS_FILES = ["*.safetensors", "*.json", "vocab.txt", "*.md"];

/**
 * Models of annotation recipes. Pinned to a revision, or to hashes, where one is known; else the newest commit is taken, and
 * `pull.json` beside the files says which that was.
 */
const ANNOTATION_MODELS: Readonly<Record<string, KnownModel>> = {
  "grounding-dino-tiny": {
    repo: "IDEA-Research/grounding-dino-tiny",
    note: "Grounding DINO, Swin-T; recipe annotate-paper",
    include: TRANSFORMERS_FILES,
    sizeMb: 690,
    license: "apache-2.0",
  },
  "sam-vit-base": {
    repo: "facebook/sam-vit-base",
    note: "SAM ViT-B; recipe annotate-paper",
    include: TRANSFORMERS_FILES,
    sizeMb: 375,
    license: "apache-2.0",
  },
  "sam2.1-hiera-small": {
    repo: "facebook/sam2.1-hiera-small",
    note: "SAM 2.1 with video memory; recipe annotate-paper",
    include: TRANSFORMERS_FILES,
    sizeMb: 185,
    license: "apache-2.0",
  },
  "mobile-sam-onnx": {
    repo: "Acly/MobileSAM",
    note: "MobileSAM as two ONNX files, plugin onnx-segmenter",
    include: ["mobile_sam_image_encoder.onnx", "sam_mask_decoder_single.onnx"],
    sha256: {
      "mobile_sam_image_encoder.onnx": "580f5fb648ea1062c0aabc26217aed56921985f03f0cbbd852bba81d760cc749",
      "sam_mask_decoder_single.onnx": "93915fc7c993ab9d59ab8c9ccd3bce37f7509c81ab4150a74abd4d2abbd8570d",
    },
    sizeMb: 45,
    license: "apache-2.0 (weights), mit (export)",
  },
  "fastsam-s-onnx": {
    repo: "qualcomm/FastSam-S@a428015c7b9fc5d7feff8c76032079eddfb17e44",
    note: "FastSAM-s as an ONNX file, plugin onnx-segmenter",
    include: ["FastSam-S.onnx"],
    sha256: { "FastSam-S.onnx": "e5d0465ae5e652fe13d995bc24727ceabe282a6ee4259c17ac84a872c87bf44e" },
    sizeMb: 47,
    license: "agpl-3.0",
  },
  "slimsam-onnx": {
    repo: "Xenova/slimsam-77-uniform",
    note: "SlimSAM as two ONNX files, plugin onnx-segmenter",
    include: ["onnx/vision_encoder.onnx", "onnx/prompt_encoder_mask_decoder.onnx", "*.json"],
    sizeMb: 40,
    license: "apache-2.0",
  },
};

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
  ...ANNOTATION_MODELS,
};
