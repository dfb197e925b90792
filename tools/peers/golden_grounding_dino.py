"""Goldens of Grounding DINO: two small random models saved by transformers, with the outputs on real pictures and the parameter counts of the real ones."""

import json
import shutil
from collections import Counter

import torch
from golden import ROOT, folder, randomise, save_golden
from PIL import Image
from transformers import (
    BertConfig,
    BertTokenizer,
    GroundingDinoConfig,
    GroundingDinoForObjectDetection,
    GroundingDinoImageProcessor,
    GroundingDinoProcessor,
    SwinConfig,
)

SCRIPT = "tools/peers/golden_grounding_dino.py"
PICTURES = ROOT.parent / "shared/data/models/images/simpler"
CAN = "google_robot_coke_can_visual_matching.png"
SPOON = "widowx_spoon_on_towel_visual_matching.png"
WORDS = "a an the red green blue can spoon carrot plate towel robot gripper coke basket eggplant cube on in of".split()

CASES = {
    "grounding-dino-single": {
        "what": "One picture at the processor's own size, three phrases in one text.",
        "seed": 700,
        "pictures": [CAN],
        "phrases": [["a red can", "the robot gripper", "Green cube"]],
        "size": {"shortest_edge": 104, "longest_edge": 160},
        "swin": {"embed_dim": 4, "depths": [1, 2, 2, 2], "num_heads": [1, 2, 2, 4], "window_size": 4, "mlp_ratio": 2},
        "bert": {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24},
        "model": {
            "num_queries": 16,
            "d_model": 32,
            "encoder_layers": 2,
            "decoder_layers": 2,
            "encoder_ffn_dim": 48,
            "decoder_ffn_dim": 40,
            "encoder_attention_heads": 4,
            "decoder_attention_heads": 4,
            "max_text_len": 64,
        },
    },
    "grounding-dino-padded": {
        "what": "Two pictures of different shapes padded to one size, texts of different lengths padded; odd window, five levels, box heads not shared.",
        "seed": 720,
        "pictures": [CAN, SPOON],
        "phrases": [["a red can", "plate"], ["the blue spoon on the towel"]],
        "size": {"shortest_edge": 90, "longest_edge": 116},
        "swin": {"embed_dim": 6, "depths": [2, 1, 2, 1], "num_heads": [1, 1, 2, 3], "window_size": 3, "qkv_bias": True},
        "bert": {"hidden_size": 12, "num_hidden_layers": 1, "num_attention_heads": 3, "intermediate_size": 20},
        "model": {
            "num_queries": 12,
            "d_model": 32,
            "encoder_layers": 1,
            "decoder_layers": 2,
            "encoder_ffn_dim": 64,
            "decoder_ffn_dim": 32,
            "encoder_attention_heads": 8,
            "decoder_attention_heads": 2,
            "encoder_n_points": 2,
            "decoder_n_points": 3,
            "num_feature_levels": 5,
            "decoder_bbox_embed_share": False,
            "max_text_len": 48,
        },
    },
}

# backbone_config and text_config of IDEA-Research/grounding-dino-tiny and -base; everything else is the library's default.
REAL = {
    "tiny": SwinConfig(embed_dim=96, depths=[2, 2, 6, 2], num_heads=[3, 6, 12, 24], window_size=7, image_size=224),
    "base": SwinConfig(embed_dim=128, depths=[2, 2, 18, 2], num_heads=[4, 8, 16, 32], window_size=12, image_size=384),
}


def tokenizer() -> BertTokenizer:
    """WordPiece over a few words, letters and marks, with BERT's own ids for the tokens the model knows by number."""
    vocabulary = {f"[unused{i}]": i for i in range(1030)}
    fixed = {"[PAD]": 0, "[UNK]": 100, "[CLS]": 101, "[SEP]": 102, "[MASK]": 103, ",": 1010, ".": 1012, "?": 1029}
    letters = [chr(c) for c in range(ord("a"), ord("z") + 1)]
    pieces = [*WORDS, *(letter for letter in letters if letter not in WORDS), *(f"##{letter}" for letter in letters)]
    by_id = {i: token for token, i in vocabulary.items()} | {i: token for token, i in fixed.items()}
    by_id |= {200 + i: piece for i, piece in enumerate(pieces)}
    return BertTokenizer(vocab={token: i for i, token in sorted(by_id.items())}, do_lower_case=True)


def golden_case(name: str, case: dict) -> None:
    text = BertConfig(vocab_size=1030, max_position_embeddings=64, **case["bert"])
    vision = SwinConfig(out_indices=[2, 3, 4], image_size=64, **case["swin"])
    config = GroundingDinoConfig(backbone_config=vision, text_config=text, **case["model"])
    model = GroundingDinoForObjectDetection(config)
    randomise(model, case["seed"])
    with torch.no_grad():
        for parameter, value in model.named_parameters():
            if parameter.endswith(("vision_param", "text_param")):  # starts at 1e-4, which would hide the fusion
                value.copy_(0.5 + value)
            elif "bbox_embed" in parameter and parameter.endswith("layers.2.weight"):
                value.mul_(0.5)
    model.tie_weights()
    model.eval()

    processor = GroundingDinoProcessor(GroundingDinoImageProcessor(size=case["size"]), tokenizer())
    pictures = [Image.open(PICTURES / picture).convert("RGB") for picture in case["pictures"]]
    inputs = processor(images=pictures, text=case["phrases"], padding=True, return_tensors="pt")
    with torch.no_grad():
        out = model(**inputs)
    tokens = torch.sigmoid(out.logits)
    threshold = middle_of_gap(tokens.amax(-1), 0.5)
    text_threshold = middle_of_gap(tokens[tokens > 0], 0.7)
    sizes = [(picture.height, picture.width) for picture in pictures]
    results = processor.post_process_grounded_object_detection(
        out, threshold=threshold, text_threshold=text_threshold, target_sizes=sizes
    )

    place = folder("segmenters") / name
    shutil.rmtree(place, ignore_errors=True)
    model.save_pretrained(place)
    processor.tokenizer.save_pretrained(place)
    processor.image_processor.save_pretrained(place)
    for path in place.iterdir():
        path.chmod(0o644)

    length = inputs.input_ids.shape[1]
    tensors = {
        "input.ids": inputs.input_ids,
        "input.textMask": inputs.attention_mask,
        "input.pixels": inputs.pixel_values[:, :, :24, :24],
        "output.encoderVision": out.encoder_last_hidden_state_vision,
        "output.encoderText": out.encoder_last_hidden_state_text,
        "output.initialBoxes": out.init_reference_points,
        "output.logits": out.logits[..., :length],
        "output.boxes": out.pred_boxes,
    }
    save_golden(
        "segmenters",
        name,
        tensors,
        {
            "what": f"GroundingDinoForObjectDetection at a small size. {case['what']}",
            "script": SCRIPT,
            "source": "transformers GroundingDinoForObjectDetection, GroundingDinoImageProcessor (torchvision) and GroundingDinoProcessor",
            "seed": case["seed"],
            "config": {
                "folder": name,
                "pictures": case["pictures"],
                "phrases": case["phrases"],
                "canvas": list(inputs.pixel_values.shape[-2:]),
                "resized": [[int(mask.any(1).sum()), int(mask.any(0).sum())] for mask in inputs.pixel_mask],
                "threshold": threshold,
                "textThreshold": text_threshold,
            },
            "results": [
                {
                    "scores": [round(value, 7) for value in result["scores"].tolist()],
                    "boxes": [[round(value, 5) for value in box] for box in result["boxes"].tolist()],
                    "labels": result["text_labels"],
                }
                for result in results
            ],
            "meaning": {
                "input.ids": "[B, T] token ids, padded with 0",
                "input.textMask": "[B, T] 1 for tokens, 0 for padding",
                "input.pixels": "[B, 3, 24, 24] the upper left corner of pixel_values",
                "output.encoderVision": "[B, N, D] after the last encoder layer, levels one after another",
                "output.encoderText": "[B, T, D] after the last encoder layer",
                "output.initialBoxes": "[B, Q, 4] of the chosen queries, before the decoder",
                "output.logits": "[B, Q, T] of the last decoder layer, -inf at padding",
                "output.boxes": "[B, Q, 4] centre, size; relative to the picture without its padding",
                "folder": f"{name}/: the model as save_pretrained wrote it, with tokenizer and preprocessor",
            },
        },
    )


def middle_of_gap(probabilities: torch.Tensor, quantile: float) -> float:
    """The middle of the widest gap between probabilities around a quantile, so that no rounding can cross it."""
    values = probabilities.flatten().sort().values
    first, last = (int((quantile + offset) * len(values)) for offset in (-0.15, 0.15))
    gaps = values[first:last].diff()
    at = int(gaps.argmax())
    if gaps[at] < 2e-5:
        raise SystemExit(f"Choosing a threshold: found gaps of {gaps[at]:.1e} at most, needs 2e-5. Change the seed.")
    return round(float((values[first + at] + values[first + at + 1]) / 2), 6)


def real_sizes() -> None:
    """Parameter counts on the meta device, by part, in the saved key layout."""
    counts = {}
    for name, vision in REAL.items():
        vision.set_output_features_output_indices(out_features=None, out_indices=[2, 3, 4])
        config = GroundingDinoConfig(backbone_config=vision, text_config=BertConfig())
        with torch.device("meta"):
            model = GroundingDinoForObjectDetection(config)
        model.tie_weights()
        parts = Counter()
        for parameter, value in model.named_parameters():
            unused = ".swin.layernorm." in parameter  # SwinModel's final norm: built, never run by the backbone
            parts["unused" if unused else ".".join(parameter.split(".")[:2])] += value.numel()
        folder("segmenters").joinpath(f"grounding-dino-{name}.config.json").write_text(slim(config))
        counts[name] = {"total": sum(parts.values()), **dict(sorted(parts.items()))}
        print(f"  {name}: {counts[name]}")
    save_golden(
        "segmenters",
        "grounding-dino-sizes",
        {name: torch.tensor([count["total"]]) for name, count in counts.items()},
        {
            "what": "Parameter counts of the real configurations, by part; tied box heads count once.",
            "script": SCRIPT,
            "source": "transformers GroundingDinoForObjectDetection on the meta device",
            "config": counts,
            "meaning": {"unused": "the backbone's final norm, which takes no part and is in no published file"},
        },
    )


def slim(config: GroundingDinoConfig) -> str:
    """config.json as the hub has it: only what differs from the library's defaults."""
    diff = config.to_diff_dict()
    for part in ("backbone_config", "text_config"):
        diff[part] = {key: value for key, value in getattr(config, part).to_diff_dict().items()}
    return json.dumps(diff, indent=2, default=list) + "\n"


if __name__ == "__main__":
    for case_name, case in CASES.items():
        golden_case(case_name, case)
    real_sizes()
