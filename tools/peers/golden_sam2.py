"""Goldens of SAM 2.1: two small random models saved by transformers, with masks of pictures and of a 12-frame video, and the sizes of the real ones."""

import gzip
import hashlib
import json
import re
import shutil

import numpy as np
import torch
from golden import ROOT, folder, save_golden
from PIL import Image
from transformers import Sam2Config, Sam2Model, Sam2VideoConfig, Sam2VideoModel, Sam2VideoProcessor
from transformers.models.sam2.image_processing_sam2 import Sam2ImageProcessor
from transformers.models.sam2_video.video_processing_sam2_video import Sam2VideoVideoProcessor

SCRIPT = "tools/peers/golden_sam2.py"
DATA = ROOT.parent / "shared/data"
PICTURES = ["models/images/groceries.jpg", "models/images/simpler/google_robot_coke_can_visual_matching.png"]
FRAMES = [f"sam2-notebook-media/videos/bedroom/{i:05d}.jpg" for i in range(0, 120, 10)]
# Period of the random weights: rows differ, and the file shrinks to a tenth when compressed.
PERIOD = 251

IMAGE = 128  # px, side of the small models' input
CASES = {
    "sam2-one-head": {
        "what": "Everything as in the real models: one attention head, pointers with time, occlusion embedding; windows that do not divide the grid.",
        "seed": 800,
        "dtype": torch.float32,
        "width": 128,
        "backbone": {
            "hidden_size": 8,
            "window_positional_embedding_background_size": [5, 7],
            "blocks_per_stage": [1, 2, 3, 1],
            "embed_dim_per_stage": [8, 16, 32, 64],
            "num_attention_heads_per_stage": [1, 2, 4, 8],
            "window_size_per_stage": [8, 4, 6, 3],
            "global_attention_blocks": [4],
        },
        "decoder": {"mlp_dim": 48, "iou_head_depth": 3, "iou_head_hidden_dim": 32},
        "video": {"memory_attention_num_layers": 2},
        "score_bias": 3.35,
    },
    "sam2-two-heads": {
        "what": "Half-precision weights; two rotary heads of half width, pointers of two pieces without time, no occlusion embedding, six slots.",
        "seed": 820,
        "dtype": torch.float16,
        "width": 128,
        "backbone": {
            "hidden_size": 12,
            "window_positional_embedding_background_size": [7, 7],
            "blocks_per_stage": [1, 1, 2, 1],
            "embed_dim_per_stage": [12, 24, 48, 96],
            "num_attention_heads_per_stage": [1, 2, 2, 4],
            "window_size_per_stage": [8, 4, 14, 7],
            "global_attention_blocks": [3],
            "mlp_ratio": 2.0,
        },
        "decoder": {"mlp_dim": 40, "iou_head_depth": 2, "iou_head_hidden_dim": 24, "num_attention_heads": 4},
        "video": {
            "memory_attention_num_layers": 1,
            "memory_attention_num_attention_heads": 2,
            "memory_attention_downsample_rate": 2,
            "num_maskmem": 6,
            "max_object_pointers_in_encoder": 5,
            "enable_occlusion_spatial_embedding": False,
            "enable_temporal_pos_encoding_for_object_pointers": False,
            "memory_fuser_num_layers": 1,
        },
        "score_bias": 0.5,
    },
}


def small_config(case: dict) -> Sam2VideoConfig:
    size, width = IMAGE, case["width"]
    grids = [[size // 4] * 2, [size // 8] * 2, [size // 16] * 2]
    return Sam2VideoConfig(
        vision_config={
            "model_type": "sam2_vision_model",
            "backbone_config": {
                "model_type": "sam2_hiera_det_model",
                "image_size": [size, size],
                **case["backbone"],
            },
            "backbone_channel_list": case["backbone"]["embed_dim_per_stage"][::-1],
            "backbone_feature_sizes": grids,
            "fpn_hidden_size": width,
        },
        prompt_encoder_config={"hidden_size": width, "image_size": size},
        mask_decoder_config={"hidden_size": width, **case["decoder"]},
        image_size=size,
        memory_attention_hidden_size=width,
        memory_attention_feed_forward_hidden_size=72,
        memory_attention_rope_feat_sizes=grids[2],
        memory_encoder_hidden_size=width,
        mask_downsampler_embed_dim=width,
        memory_fuser_embed_dim=width,
        memory_fuser_intermediate_dim=80,
        **case["video"],
    )


def randomise(model: torch.nn.Module, seed: int) -> None:
    """Like golden.randomise, but every tensor repeats its first PERIOD values."""
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in sorted(model.state_dict().items()):
            noise = torch.randn(min(p.numel(), PERIOD), generator=g)
            noise = noise.repeat(-(-p.numel() // PERIOD))[: p.numel()].reshape(p.shape)
            if "positional_embedding" in name:
                p.copy_(noise)
            elif name.endswith(".scale"):
                p.copy_(0.5 + 0.1 * noise)
            elif p.ndim >= 2 and p.shape[0] != 1 and p.numel() > p.shape[0]:
                p.copy_(noise * (p[0].numel() ** -0.5))
            elif p.ndim >= 2:
                p.copy_(noise * 0.5)
            elif "norm" in name and name.endswith("weight"):
                p.copy_(1 + 0.1 * noise)
            else:
                p.copy_(0.1 * noise)


def save_model(name: str, model: Sam2VideoModel, processor: Sam2ImageProcessor, dtype: torch.dtype) -> None:
    place = folder("segmenters") / name
    shutil.rmtree(place, ignore_errors=True)
    model.to(dtype).save_pretrained(place)
    processor.save_pretrained(place)
    weights = place / "model.safetensors"
    (place / "model.safetensors.gz").write_bytes(gzip.compress(weights.read_bytes(), mtime=0))
    weights.unlink()
    for file in place.glob("*.json"):
        json_file = json.loads(file.read_text())
        backbone = json_file.get("vision_config", {}).get("backbone_config", {})
        for key in ("id2label", "label2id"):
            backbone.pop(key, None)
        text = json.dumps(json_file, indent=2)
        text = re.sub(r"\[[\d\s.,e+-]*\]", lambda m: re.sub(r"\s+", " ", m[0]).replace("[ ", "[").replace(" ]", "]"), text)
        file.write_text(re.sub(r"(?<=\d)e([+-])0(?=\d)", r"e\1", text) + "\n")
    for file in place.iterdir():
        file.chmod(0o644)
    model.to(torch.float32)


def digest(data: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(data).tobytes()).hexdigest()[:16]


def picture(path: str) -> Image.Image:
    return Image.open(DATA / path).convert("RGB")


def rectangle(width: int, height: int, box: list[float]) -> torch.Tensor:
    """A mask of the picture's size, [1, 1, H, W] of 0 and 1; `box` in fractions."""
    mask = torch.zeros(1, 1, height, width)
    x0, y0, x1, y1 = [round(v * s) for v, s in zip(box, (width, height, width, height), strict=True)]
    mask[..., y0:y1, x0:x1] = 1
    return mask


# Points and boxes are fractions of the picture; a point is x, y, label.
IMAGE_PROMPTS = {
    "point": {"points": [[0.4, 0.55, 1]], "multimask": True},
    "points": {"points": [[0.4, 0.55, 1], [0.1, 0.2, 0], [0.7, 0.4, 1]], "multimask": False},
    "box": {"box": [0.2, 0.25, 0.65, 0.8], "multimask": False},
    "box-and-point": {"box": [0.2, 0.25, 0.65, 0.8], "points": [[0.5, 0.5, 0]], "multimask": False},
    "mask": {"mask": [0.3, 0.3, 0.7, 0.9], "multimask": True},
    "mask-and-point": {"mask": [0.3, 0.3, 0.7, 0.9], "points": [[0.5, 0.5, 1]], "multimask": True},
}


def image_outputs(model: Sam2Model, processor: Sam2ImageProcessor) -> tuple[dict, dict]:
    tensors, hashes = {}, {}
    size = IMAGE
    for index, path in enumerate(PICTURES):
        image = picture(path)
        w, h = image.size
        hashes[f"picture{index}"] = {"path": path, "pixels": digest(np.asarray(image))}
        pixels = processor(images=image, return_tensors="pt")["pixel_values"]
        embeddings = model.get_image_embeddings(pixels)
        tensors[f"picture{index}.pixels"] = pixels[0, :, ::9, ::7]
        tensors[f"picture{index}.highRes0"] = embeddings[0][0, :, ::5, ::3]
        tensors[f"picture{index}.highRes1"] = embeddings[1][0, :, ::3, ::2]
        tensors[f"picture{index}.embedding"] = embeddings[2][0]  # with the "no memory" embedding
        for name, prompt in IMAGE_PROMPTS.items():
            kwargs = {}
            if "points" in prompt:
                kwargs["input_points"] = torch.tensor(
                    [[[[x * w * (size / w), y * h * (size / h)] for x, y, _ in prompt["points"]]]]
                )
                kwargs["input_labels"] = torch.tensor([[[label for *_, label in prompt["points"]]]])
            if "box" in prompt:
                x0, y0, x1, y1 = prompt["box"]
                kwargs["input_boxes"] = torch.tensor([[[x0 * size, y0 * size, x1 * size, y1 * size]]])
            if "mask" in prompt:
                kwargs["input_masks"] = rectangle(w, h, prompt["mask"]) * 20 - 10
            out = model(image_embeddings=list(embeddings), multimask_output=prompt["multimask"], **kwargs)
            masks = processor.post_process_masks([out.pred_masks[0]], [[h, w]])[0]  # [1, M, H, W]
            key = f"picture{index}.{name}"
            tensors[f"{key}.logits"] = out.pred_masks[0, 0]
            tensors[f"{key}.iou"] = out.iou_scores[0, 0]
            hashes[key] = [digest(mask.numpy().astype(np.uint8)) for mask in masks[0]]
    return tensors, hashes


def video_outputs(model: Sam2VideoModel, processor: Sam2VideoProcessor) -> tuple[dict, dict]:
    frames = [picture(path) for path in FRAMES]
    w, h = frames[0].size
    tensors, hashes = {}, {"frames": [digest(np.asarray(frame)) for frame in frames]}

    def start():
        return processor.init_video_session(video=[np.asarray(frame) for frame in frames])

    def keep(key: str, out) -> None:
        for i, obj in enumerate(out.object_ids):
            tensors[f"{key}.object{obj}.logits"] = out.pred_masks[i, 0]
            tensors[f"{key}.object{obj}.score"] = out.object_score_logits[i].reshape(1)
            masks = processor.post_process_masks([out.pred_masks[i : i + 1]], [[h, w]])[0]
            hashes[f"{key}.object{obj}"] = digest(masks[0, 0].numpy().astype(np.uint8))

    def prompt(session, frame: int, objects: list[int], points=None, boxes=None) -> None:
        scaled = None if points is None else [[[[x * w, y * h] for x, y, _ in per] for per in points]]
        labels = None if points is None else [[[label for *_, label in per] for per in points]]
        corners = None if boxes is None else [[[b[0] * w, b[1] * h, b[2] * w, b[3] * h] for b in boxes]]
        processor.add_inputs_to_inference_session(
            session, frame, objects, input_points=scaled, input_labels=labels, input_boxes=corners
        )

    session = start()
    prompt(session, 0, [1], points=[[[0.4, 0.5, 1], [0.1, 0.1, 0]]])
    keep("first.frame0", model(session, 0))
    prompt(session, 3, [2], boxes=[[0.55, 0.3, 0.8, 0.9]])
    out = model(session, 3)
    keep("first.frame3", out)
    for out in model.propagate_in_video_iterator(session, start_frame_idx=0):
        keep(f"forward.frame{out.frame_idx}", out)
    prompt(session, 6, [1, 2], points=[[[0.45, 0.5, 1], [0.9, 0.2, 0]], [[0.6, 0.6, 1], [0.2, 0.6, 0]]])
    keep("correction.frame6", model(session, 6))
    for out in model.propagate_in_video_iterator(session, start_frame_idx=7):
        keep(f"again.frame{out.frame_idx}", out)
    for out in model.propagate_in_video_iterator(session, start_frame_idx=5, reverse=True):
        keep(f"reverse.frame{out.frame_idx}", out)

    # Mask prompts, one of them empty, from the middle; one click on an object alone gives three candidates.
    session = start()
    for obj, mask in ((1, rectangle(w, h, [0.3, 0.3, 0.6, 0.8])), (2, torch.zeros(1, 1, h, w))):
        processor.add_inputs_to_inference_session(session, 2, obj, input_masks=mask)
        out = model(session, 2)
    keep("mask.frame2", out)
    for out in model.propagate_in_video_iterator(session, start_frame_idx=2, max_frame_num_to_track=3):
        keep(f"mask.frame{out.frame_idx}", out)
    session = start()
    prompt(session, 1, [7], points=[[[0.5, 0.5, 1]]])
    keep("click.frame1", model(session, 1))
    for out in model.propagate_in_video_iterator(session, start_frame_idx=1, reverse=True):
        keep(f"click.frame{out.frame_idx}", out)
    return tensors, hashes


def golden_case(name: str, case: dict) -> None:
    config = small_config(case)
    model = Sam2VideoModel(config).eval()
    randomise(model, case["seed"])
    with torch.no_grad():
        model.mask_decoder.pred_obj_score_head.proj_out.bias.fill_(case["score_bias"])
    size = {"height": IMAGE, "width": IMAGE}
    image_processor = Sam2ImageProcessor(size=size)
    save_model(name, model, image_processor, case["dtype"])
    video_processor = Sam2VideoProcessor(image_processor, Sam2VideoVideoProcessor(size=size))
    image_model = Sam2Model(Sam2Config(**{k: getattr(config, k) for k in ("vision_config", "prompt_encoder_config", "mask_decoder_config")})).eval()
    image_model.load_state_dict(
        {key: value for key, value in model.state_dict().items() if key in image_model.state_dict()}
    )
    with torch.no_grad():
        image_tensors, image_hashes = image_outputs(image_model, image_processor)
        video_tensors, video_hashes = video_outputs(model, video_processor)
    common = {
        "what": case["what"],
        "script": SCRIPT,
        "source": "transformers Sam2Model and Sam2VideoModel",
        "seed": case["seed"],
        "size": IMAGE,
    }
    save_golden(
        "segmenters",
        f"{name}-images",
        image_tensors,
        common
        | {
            "prompts": IMAGE_PROMPTS,
            "hashes": image_hashes,
            "meaning": {
                "folder": f"{name}/: the model as save_pretrained wrote it, its weights gzipped",
                "prompts": "points (x, y, label), box and mask rectangle in fractions of the picture; mask prompts enter as 20 m - 10",
                "picture*.pixels": "[3, ::9, ::7] of the model's input",
                "picture*.highRes0, highRes1": "[C, ::5, ::3] and [C, ::3, ::2] of the finer levels",
                "picture*.embedding": "[D, h, w] with the no-memory embedding",
                "picture*.PROMPT.logits, iou": "[M, S/4, S/4] and [M]",
                "hashes": "first 16 hex digits of SHA-256 of the picture's RGB bytes and of every mask of its size",
            },
        },
    )
    save_golden(
        "segmenters",
        f"{name}-video",
        video_tensors,
        common
        | {
            "frames": FRAMES,
            "hashes": video_hashes,
            "meaning": {
                "first": "object 1 at frame 0: points (0.4, 0.5) and not (0.1, 0.1); object 2 at frame 3: box (0.55, 0.3, 0.8, 0.9)",
                "forward": "propagation from frame 0",
                "correction": "frame 6, object 1: (0.45, 0.5), not (0.9, 0.2); object 2: (0.6, 0.6), not (0.2, 0.6)",
                "again": "propagation from frame 7",
                "reverse": "propagation backwards from frame 5",
                "mask": "another session: rectangle (0.3, 0.3, 0.6, 0.8) for object 1 and an empty mask for object 2 at frame 2, then forward to frame 5",
                "click": "another session: object 7 clicked at (0.5, 0.5) of frame 1, then backwards",
                "*.logits, *.score": "[S/4, S/4] and [1] logits",
                "hashes": "of every mask at the video's size",
            },
        },
    )


REAL = {
    "tiny": {},
    "small": {"blocks_per_stage": [1, 2, 11, 2], "global_attention_blocks": [7, 10, 13]},
    "base-plus": {
        "hidden_size": 112,
        "num_attention_heads": 2,
        "blocks_per_stage": [2, 3, 16, 3],
        "embed_dim_per_stage": [112, 224, 448, 896],
        "num_attention_heads_per_stage": [2, 4, 8, 16],
        "window_positional_embedding_background_size": [14, 14],
        "global_attention_blocks": [12, 16, 20],
    },
    "large": {
        "hidden_size": 144,
        "num_attention_heads": 2,
        "blocks_per_stage": [2, 6, 36, 4],
        "embed_dim_per_stage": [144, 288, 576, 1152],
        "num_attention_heads_per_stage": [2, 4, 8, 16],
        "window_size_per_stage": [8, 4, 16, 8],
        "global_attention_blocks": [23, 33, 43],
    },
}


def real_sizes() -> None:
    """Tensor counts, parameter counts and a hash of names and shapes, on the meta device."""
    sizes = {}
    for name, backbone in REAL.items():
        channels = backbone.get("embed_dim_per_stage", [96, 192, 384, 768])[::-1]
        vision = {
            "model_type": "sam2_vision_model",
            "backbone_config": {"model_type": "sam2_hiera_det_model", **backbone},
            "backbone_channel_list": channels,
        }
        with torch.device("meta"):
            model = Sam2VideoModel(Sam2VideoConfig(vision_config=vision))
        state = model.state_dict()
        lines = "".join(f"{key} {','.join(map(str, value.shape))}\n" for key, value in sorted(state.items()))
        sizes[name] = {
            "config": {"model_type": "sam2_video", "vision_config": vision},
            "parameters": sum(p.numel() for p in model.parameters()),
            "tensors": len(state),
            "names": hashlib.sha256(lines.encode()).hexdigest()[:16],
        }
    save_golden(
        "segmenters",
        "sam2-sizes",
        {"parameters": torch.tensor([size["parameters"] for size in sizes.values()])},
        {
            "what": "Sizes of the real configurations.",
            "script": SCRIPT,
            "source": "transformers Sam2VideoModel on the meta device; configurations as in facebook/sam2.1-hiera-*",
            "models": sizes,
            "meaning": {
                "parameters": "without the two random position matrices, which are buffers",
                "tensors, names": "count of the saved tensors and SHA-256 (16 digits) over sorted lines 'name d0,d1,...'",
            },
        },
    )


if __name__ == "__main__":
    for case_name, case in CASES.items():
        golden_case(case_name, case)
    real_sizes()
