"""Goldens `sam-windowed` and `sam-unbiased`: SamModel at two small random configurations as save_pretrained writes them,
its answers to points, boxes and masks on real pictures (read from ../shared/data, not copied), and the tensors of the
three published sizes (`sam-parameters`)."""

import hashlib
import json
import platform
import shutil
from importlib.metadata import version

import numpy as np
import torch
from golden import PACKAGES, ROOT, folder, randomise, save_golden
from PIL import Image
from transformers import SamConfig, SamImageProcessor, SamModel, SamProcessor

SCRIPT = "tools/peers/golden_sam.py"
DATA = ROOT.parent / "shared" / "data" / "models" / "images"
PICTURES = {
    "widowx": "simpler/widowx_put_eggplant_in_basket_visual_matching.png",
    "google": "simpler/google_robot_coke_can_visual_matching.png",
    "bedroom": "bedroom/00000.jpg",
}
NOISE = 3e-6
CONFIGS = {
    # Windows that do not divide the grid, biased projections.
    "sam-windowed": dict(
        seed=401,
        vision_config=dict(
            hidden_size=32, num_hidden_layers=3, num_attention_heads=4, image_size=64, patch_size=8, window_size=3,
            global_attn_indexes=[1], output_channels=16, num_pos_feats=8, mlp_ratio=2.0,
        ),
        prompt_encoder_config=dict(hidden_size=16, image_size=64, patch_size=8, mask_input_channels=8),
        mask_decoder_config=dict(hidden_size=16, num_attention_heads=2, mlp_dim=32, iou_head_hidden_dim=16),
    ),
    # Windows that divide the grid, no bias, another decoder.
    "sam-unbiased": dict(
        seed=402,
        vision_config=dict(
            hidden_size=24, num_hidden_layers=2, num_attention_heads=2, image_size=96, patch_size=16, window_size=3,
            global_attn_indexes=[0], output_channels=16, num_pos_feats=8, mlp_dim=40, qkv_bias=False,
        ),
        prompt_encoder_config=dict(hidden_size=16, image_size=96, patch_size=16, mask_input_channels=4),
        mask_decoder_config=dict(
            hidden_size=16, num_attention_heads=4, mlp_dim=24, iou_head_hidden_dim=20, iou_head_depth=4,
            attention_downsample_rate=1, hidden_act="gelu", num_hidden_layers=3,
        ),
    ),
}  # fmt: skip
PUBLISHED = {
    "vit-base": dict(),
    "vit-large": dict(
        hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, global_attn_indexes=[5, 11, 17, 23]
    ),
    "vit-huge": dict(
        hidden_size=1280, num_hidden_layers=32, num_attention_heads=16, global_attn_indexes=[7, 15, 23, 31]
    ),
}


def sha256(array: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def made_up(width: int, height: int) -> Image.Image:
    """A picture by formula: what no file holds (one pixel, a line, a tall strip)."""
    y, x = np.mgrid[0:height, 0:width]
    return Image.fromarray(np.stack([(x * 7 + y * 3) % 256, (x * 5 + 40) % 256, (y * 11 + 9) % 256], -1).astype(np.uint8))


def picture(name: str) -> Image.Image:
    if "x" in name and name[0].isdigit():
        return made_up(*map(int, name.split("x")))
    return Image.open(DATA / PICTURES[name]).convert("RGB")


def prompts(width: int, height: int) -> dict[str, dict]:
    """Prompts by name, in pixels of the picture."""
    at = lambda x, y: [round(width * x, 1), round(height * y, 1)]
    return {
        "point": dict(points=[at(0.4, 0.6)], labels=[1]),
        "points": dict(points=[at(0.3, 0.3), at(0.7, 0.8), at(0.5, 0.1)], labels=[1, 0, 1]),
        "box": dict(box=at(0.2, 0.25) + at(0.75, 0.9)),
        "both": dict(points=[at(0.45, 0.5)], labels=[1], box=at(0.1, 0.2) + at(0.8, 0.85)),
    }


def box_of(mask: np.ndarray):
    rows, columns = np.nonzero(mask)
    return None if len(rows) == 0 else [int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1]


def described(logits: np.ndarray) -> dict:
    """A mask by its hash, with the few pixels set to 0 whose logit lies within float32 rounding of the threshold."""
    undecided = np.flatnonzero(np.abs(logits) <= NOISE * np.abs(logits).max())
    mask = (logits > 0).astype(np.uint8)
    mask.reshape(-1)[undecided] = 0
    return {"sha256": sha256(mask), "area": int(mask.sum()), "box": box_of(mask), "undecided": undecided.tolist()}


def answer(model, processor, name: str, prompt: dict, mask_logits, tensors: dict, key: str) -> dict:
    image = picture(name)
    kwargs = {}
    if "points" in prompt:
        kwargs |= dict(input_points=[[prompt["points"]]], input_labels=[[prompt["labels"]]])
    if "box" in prompt:
        kwargs |= dict(input_boxes=[[prompt["box"]]])
    inputs = processor(images=image, return_tensors="pt", **kwargs)
    inputs = {k: v.float() if v.dtype == torch.float64 else v for k, v in inputs.items()}
    sizes = inputs.pop("original_sizes"), inputs.pop("reshaped_input_sizes")
    pixels = inputs.pop("pixel_values")
    with torch.no_grad():
        embedding = model.get_image_embeddings(pixels)
        results = [
            model(image_embeddings=embedding, input_masks=mask_logits, multimask_output=multi, **inputs)
            for multi in (False, True)
        ]
    masks = torch.cat([r.pred_masks for r in results], 2)[0]  # [1, 4, h, w]
    scores = torch.cat([r.iou_scores for r in results], 2)[0, 0]
    if name == "widowx":
        tensors[f"{key}.masks"] = masks[0]
    tensors[f"{key}.scores"] = scores
    tensors.setdefault(f"{name}.embedding", embedding[0])
    full = processor.image_processor.post_process_masks([masks], *sizes, binarize=False)[0][0]
    return {
        "picture": name,
        "size": list(image.size),
        "pictureSha256": sha256(np.asarray(image)),
        "pixelValuesSha256": sha256(pixels.numpy()),
        "prompt": prompt,
        "maskLogits": mask_logits is not None,
        "masks": [described(m) for m in full.numpy()],
    }


def small(name: str, seed: int, **config) -> None:
    model = SamModel(SamConfig(**config)).eval()
    randomise(model, seed)
    g = torch.Generator().manual_seed(seed + 50)
    with torch.no_grad():  # ties stay ties: both names are one tensor
        gaussian = model.shared_image_embedding.positional_embedding
        gaussian.copy_(torch.randn(gaussian.shape, generator=g))
    side = config["vision_config"]["image_size"]
    low = 4 * side // config["vision_config"]["patch_size"]
    square = lambda n: {"height": n, "width": n}
    image_processor = SamImageProcessor(
        size={"longest_edge": side}, pad_size=square(side), mask_size={"longest_edge": low}, mask_pad_size=square(low)
    )
    path = folder("segmenters") / name
    shutil.rmtree(path, ignore_errors=True)
    model.save_pretrained(path)
    image_processor.save_pretrained(path)
    for file in path.iterdir():
        file.chmod(0o644)
    processor = SamProcessor(image_processor)

    tensors, cases = {}, {}
    tensors["maskLogits"] = torch.randn(1, 1, low, low, generator=g) * 4
    for picture_name in PICTURES:
        for prompt_name, prompt in prompts(*picture(picture_name).size).items():
            key = f"{picture_name}.{prompt_name}"
            cases[key] = answer(model, processor, picture_name, prompt, None, tensors, key)
    for prompt_name in ("point", "box"):
        key = f"widowx.{prompt_name}WithMask"
        prompt = prompts(*picture("widowx").size)[prompt_name]
        cases[key] = answer(model, processor, "widowx", prompt, tensors["maskLogits"], tensors, key)
    for size in ("1x1", "90x2", "37x211"):
        width, height = map(int, size.split("x"))
        key = f"{size}.box"
        cases[key] = answer(model, processor, size, dict(box=[0, 0, width, height]), None, tensors, key)
    save_golden(
        "segmenters",
        name,
        tensors,
        {
            "what": f"SAM at a small random configuration ({name}/ is what save_pretrained writes), prompted on real pictures.",
            "script": SCRIPT,
            "source": "transformers SamModel, SamProcessor (torchvision backend)",
            "seed": seed,
            "config": config,
            "pictures": PICTURES,
            "answers": cases,
            "meaning": {
                "PICTURE.embedding": "[C, grid, grid]",
                "widowx.PROMPT.masks": "[4, 4 grid, 4 grid] logits: multimask_output=False, then the three of multimask_output=True",
                "CASE.scores": "[4] likewise",
                "maskLogits": "input_masks of the cases named WithMask",
                "answers": "SHA-256 of picture (uint8 HWC), pixel_values (float32) and of each mask of the picture's size (uint8), with area and box; `undecided` are flat positions whose logit is within 3e-6 of the greatest, set to 0 before",
                "WIDTHxHEIGHT": "pictures by formula: red (7 x + 3 y) mod 256, green (5 x + 40) mod 256, blue (11 y + 9) mod 256",
            },
        },
    )


def published() -> None:
    """Names and shapes of every tensor of the published sizes, without their memory."""
    variants = {}
    for name, vision in PUBLISHED.items():
        with torch.device("meta"):
            model = SamModel(SamConfig(vision_config=vision))
        state = {n: list(p.shape) for n, p in model.named_parameters()}
        variants[name] = {"parameters": model.num_parameters(), "tensors": state}
    sidecar = {
        "what": "Parameters of SamModel at the published sizes: their number and every tensor's shape.",
        "script": SCRIPT,
        "source": "transformers SamModel on the meta device",
        "versions": {"python": platform.python_version(), **{p: version(p) for p in PACKAGES}},
        "variants": variants,
    }
    (folder("segmenters") / "sam-parameters.json").write_text(json.dumps(sidecar, separators=(",", ":")) + "\n")
    print("  segmenters/test/golden/sam-parameters.json", {n: v["parameters"] for n, v in variants.items()})


if __name__ == "__main__":
    for config_name, options in CONFIGS.items():
        small(config_name, **options)
    published()
