"""Goldens of the vision encoders, from timm and transformers, in the key layout of the public checkpoints."""

import timm
import torch
from golden import backward, gradients, randomise, save_golden
from transformers import Dinov2WithRegistersConfig, Dinov2WithRegistersModel, SiglipVisionConfig, SiglipVisionModel

SCRIPT = "tools/peers/golden_encoders.py"
IMAGE, PATCH = 42, 14
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
HALF = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
MEANING = {
    "input.image": "[B, H, W, 3] in [0, 1], before the tower's own mean and std",
    "cotangent.*": "fixed random tensors c; gradients are of the sum over outputs of sum(output * c)",
    "grad.image": "gradient with respect to input.image",
    "grad.*": "gradients of the parameters, under their names in the weights file",
}


def image(seed: int, batch: int = 2) -> torch.Tensor:
    return torch.rand(batch, IMAGE, IMAGE, 3, generator=torch.Generator().manual_seed(seed)).requires_grad_()


def normalised(pixels: torch.Tensor, statistics) -> torch.Tensor:
    mean, std = (torch.tensor(values) for values in statistics)
    return ((pixels - mean) / std).permute(0, 3, 1, 2)


class Projector(torch.nn.Module):
    """OpenVLA's fused projector, restated: three Linear layers with exact GELU between them."""

    def __init__(self, vision: int, width: int):
        super().__init__()
        self.fc1 = torch.nn.Linear(vision, 4 * vision)
        self.fc2 = torch.nn.Linear(4 * vision, width)
        self.fc3 = torch.nn.Linear(width, width)

    def forward(self, x):
        gelu = torch.nn.functional.gelu
        return self.fc3(gelu(self.fc2(gelu(self.fc1(x)))))


def openvla_vision() -> None:
    dino = timm.create_model(
        "vit_large_patch14_reg4_dinov2", img_size=IMAGE, embed_dim=16, depth=3, num_heads=2, mlp_ratio=2, num_classes=0
    )
    siglip = timm.create_model(
        "vit_so400m_patch14_siglip_224",
        img_size=IMAGE,
        embed_dim=24,
        depth=3,
        num_heads=2,
        mlp_ratio=40 / 24,
        num_classes=0,
    )
    projector = Projector(16 + 24, 20)
    for i, module in enumerate((dino, siglip, projector)):
        randomise(module, 100 + i)
        module.eval()
    pixels = image(110)
    dino_tokens = dino.get_intermediate_layers(normalised(pixels, IMAGENET), n={len(dino.blocks) - 2})[0]
    levels = siglip.get_intermediate_layers(normalised(pixels, HALF), n=[0, len(siglip.blocks) - 2])
    fused = torch.cat([dino_tokens, levels[-1]], 2)
    projected = projector(fused)
    outputs = {"tokens": fused, "projected": projected, "level0": levels[0]}
    cotangents = backward(outputs, 120)

    def key(module_prefix):
        return lambda name: f"{module_prefix}.{name}".replace(".gamma", ".scale_factor")

    parts = [
        (dino, key("vision_backbone.featurizer")),
        (siglip, key("vision_backbone.fused_featurizer")),
        (projector, key("projector")),
    ]
    weights, grads = {}, {}
    for module, rename in parts:
        weights |= {rename(n): v for n, v in module.state_dict().items() if "attn_pool" not in n}
        grads |= gradients(module, rename)
    tensors = {
        "input.image": pixels,
        "grad.image": pixels.grad,
        **{f"output.{k}": v for k, v in outputs.items()},
        **cotangents,
        **grads,
    }
    save_golden(
        "encoders",
        "openvla-vision",
        tensors,
        {
            "what": "OpenVLA's vision backbone and projector: DINOv2 with registers and SigLIP read after block depth-2, channels concatenated, 3-layer projector.",
            "script": SCRIPT,
            "source": "timm vit_large_patch14_reg4_dinov2 and vit_so400m_patch14_siglip_224 at small sizes; the projector is restated",
            "seed": 100,
            "config": {
                "image": IMAGE,
                "patch": PATCH,
                "registers": 4,
                "layerNormEps": 1e-6,
                "activation": "gelu-erf",
                "dino": {
                    "width": 16,
                    "depth": 3,
                    "heads": 2,
                    "mlpWidth": 32,
                    "tap": 1,
                    "mean": IMAGENET[0],
                    "std": IMAGENET[1],
                },
                "siglip": {
                    "width": 24,
                    "depth": 3,
                    "heads": 2,
                    "mlpWidth": 40,
                    "tap": 1,
                    "levelTaps": [0],
                    "mean": HALF[0],
                    "std": HALF[1],
                },
                "projector": {"input": 40, "hidden": 160, "output": 20},
            },
            "meaning": MEANING
            | {
                "output.tokens": "[B, N, 16 + 24], DINOv2 first",
                "output.projected": "[B, N, 20]",
                "output.level0": "[B, N, 24], SigLIP after block 0",
                "weights": "layout of openvla/openvla-7b; the last block and the final norm are there and unused, as in the real file; no attention pool",
            },
        },
        weights,
    )


def siglip_hf() -> None:
    config = SiglipVisionConfig(
        hidden_size=24,
        intermediate_size=40,
        num_hidden_layers=3,
        num_attention_heads=2,
        image_size=IMAGE,
        patch_size=PATCH,
        hidden_act="gelu_pytorch_tanh",
        layer_norm_eps=1e-6,
        vision_use_head=False,
    )
    model = SiglipVisionModel(config).eval()
    randomise(model, 130)
    pixels = image(131)
    result = model(pixel_values=normalised(pixels, HALF), output_hidden_states=True)
    outputs = {"lastHiddenState": result.last_hidden_state, "level0": result.hidden_states[1]}
    cotangents = backward(outputs, 132)
    rename = lambda name: f"vision_model.{name.removeprefix('vision_model.')}"  # noqa: E731
    weights = {rename(n): v for n, v in model.state_dict().items()}
    tensors = {
        "input.image": pixels,
        "grad.image": pixels.grad,
        **{f"output.{k}": v for k, v in outputs.items()},
        **cotangents,
        **gradients(model, rename),
    }
    save_golden(
        "encoders",
        "siglip-hf",
        tensors,
        {
            "what": "Hugging Face SiglipVisionModel with tanh GELU and the final norm, as inside PaliGemma (no pooling head).",
            "script": SCRIPT,
            "source": "transformers SiglipVisionModel",
            "seed": 130,
            "config": {
                "image": IMAGE,
                "patch": PATCH,
                "width": 24,
                "depth": 3,
                "heads": 2,
                "mlpWidth": 40,
                "layerNormEps": 1e-6,
                "activation": "gelu-tanh",
                "mean": HALF[0],
                "std": HALF[1],
            },
            "meaning": MEANING
            | {
                "output.lastHiddenState": "[B, N, 24], after post_layernorm",
                "output.level0": "[B, N, 24], after block 0",
                "weights": "layout of the released files (prefix vision_model.)",
            },
        },
        weights,
    )


def dinov2_hf() -> None:
    config = Dinov2WithRegistersConfig(
        hidden_size=16,
        num_hidden_layers=3,
        num_attention_heads=2,
        mlp_ratio=2,
        image_size=IMAGE,
        patch_size=PATCH,
        num_register_tokens=4,
        layer_norm_eps=1e-6,
    )
    model = Dinov2WithRegistersModel(config).eval()
    randomise(model, 140)

    def rename(name: str) -> str:  # the released files use the names of older transformers releases
        for part in ("query", "key", "value"):
            name = name.replace(f"attention.{part[0]}_proj", f"attention.attention.{part}")
        return name.replace("attention.o_proj", "attention.output.dense")

    weights = {rename(n): v for n, v in model.state_dict().items()}
    tensors = {}
    for prefix, seed, side in (("", 141, IMAGE), ("small.", 143, 2 * PATCH)):
        model.zero_grad()
        pixels = image(seed)[:, :side, :side].detach().requires_grad_(True)
        result = model(pixel_values=normalised(pixels, IMAGENET), output_hidden_states=True)
        outputs = {"tokens": result.hidden_states[2][:, 5:]}
        cotangents = backward(outputs, seed + 1)
        found = {"input.image": pixels, "output.tokens": outputs["tokens"], **cotangents, "grad.image": pixels.grad}
        tensors |= {prefix + name: value.clone() for name, value in (found | gradients(model, rename)).items()}
    save_golden(
        "encoders",
        "dinov2-hf",
        tensors,
        {
            "what": "Hugging Face Dinov2WithRegistersModel: the same tower under its other public names, position table with a row for the class token.",
            "script": SCRIPT,
            "source": "transformers Dinov2WithRegistersModel",
            "seed": 140,
            "config": {
                "image": IMAGE,
                "patch": PATCH,
                "registers": 4,
                "width": 16,
                "depth": 3,
                "heads": 2,
                "mlpWidth": 32,
                "layerNormEps": 1e-6,
                "activation": "gelu-erf",
                "mean": IMAGENET[0],
                "std": IMAGENET[1],
            },
            "meaning": MEANING
            | {
                "small.*": "the same for an image of 2 x 2 patches, for which the 3 x 3 position table is resampled",
                "output.tokens": "[B, N, 16], patches after block 1 (depth-2), no norm",
                "weights": "names of the released files (attention.attention.query, ...); mask_token is unused",
            },
        },
        weights,
    )


if __name__ == "__main__":
    openvla_vision()
    siglip_hf()
    dinov2_hf()
