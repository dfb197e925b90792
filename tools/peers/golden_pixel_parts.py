"""Goldens of the paper's own parts: the multiscale pixel-aware encoder (Eq. 3), its single-level twin, and the projectors.

No public code holds the two encoders, so they are restated here from the equation; PaliGemma's projector is transformers' own.
"""

import torch
from golden import backward, gradients, randomise, save_golden
from transformers import PaliGemmaConfig
from transformers.models.paligemma.modeling_paligemma import PaliGemmaMultiModalProjector

SCRIPT = "tools/peers/golden_pixel_parts.py"
BATCH, MASK, HIDDEN, WIDTH, TOKENS = 3, 12, 10, 8, 2
LEVELS = ((6, 5), (3, 7))  # side and width of each, shallow to deep
VISION, PROJECTED = 9, 8


def masked_mean(level: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """level [B, h, w, D], mask [B, H, W] -> [B, D]: the mask's area average in each cell weighs the cell's features."""
    weights = torch.nn.functional.adaptive_avg_pool2d(mask[:, None], level.shape[1:3])[:, 0]
    return (level * weights[..., None]).sum((1, 2)) / weights.sum((1, 2)).clamp_min(1e-6)[:, None]


def head(inputs: int) -> torch.nn.Sequential:
    return torch.nn.Sequential(
        torch.nn.Linear(inputs, WIDTH), torch.nn.GELU(), torch.nn.Linear(WIDTH, WIDTH * TOKENS)
    )


class Multiscale(torch.nn.Module):
    """E_p = MLP(sum over levels i of Linear_i(mean of level i inside the mask)): PixelVLA, Eq. (3)."""

    def __init__(self):
        super().__init__()
        self.level_proj = torch.nn.ModuleList(torch.nn.Linear(width, HIDDEN) for _, width in LEVELS)
        self.mlp = head(HIDDEN)

    def forward(self, levels, mask):
        summed = sum(linear(masked_mean(level, mask)) for linear, level in zip(self.level_proj, levels))
        return self.mlp(summed).reshape(-1, TOKENS, WIDTH)


class MaskedMean(torch.nn.Module):
    """The deepest level alone."""

    def __init__(self):
        super().__init__()
        self.mlp = head(LEVELS[-1][1])

    def forward(self, levels, mask):
        return self.mlp(masked_mean(levels[-1], mask)).reshape(-1, TOKENS, WIDTH)


class GeluMlp(torch.nn.Module):
    """The projector as the paper's text has it: two layers with exact GELU between."""

    def __init__(self):
        super().__init__()
        self.fc1 = torch.nn.Linear(VISION, PROJECTED)
        self.fc2 = torch.nn.Linear(PROJECTED, PROJECTED)

    def forward(self, x):
        return self.fc2(torch.nn.functional.gelu(self.fc1(x)))


def main() -> None:
    random = torch.Generator().manual_seed(300)
    levels = [torch.randn(BATCH, side, side, width, generator=random).requires_grad_() for side, width in LEVELS]
    tokens = torch.randn(BATCH, 4, VISION, generator=random).requires_grad_()
    mask = torch.zeros(BATCH, MASK, MASK)
    mask[0, 3:8, 2:9] = 1  # cuts through cells of both levels; the last sample has no mask at all
    mask[1, 11, 11] = 1
    config = PaliGemmaConfig(projection_dim=PROJECTED)
    config.vision_config.hidden_size = VISION
    config.vision_config.projection_dim = PROJECTED
    parts = {
        "multiscale": Multiscale(),
        "maskedMean": MaskedMean(),
        "geluMlp": GeluMlp(),
        "paligemma": PaliGemmaMultiModalProjector(config),
    }
    for i, module in enumerate(parts.values()):
        randomise(module, 310 + i)
    outputs = {
        "multiscale": parts["multiscale"](levels, mask),
        "maskedMean": parts["maskedMean"](levels, mask),
        "geluMlp": parts["geluMlp"](tokens),
        "paligemma": parts["paligemma"](tokens),
    }
    cotangents = backward(outputs, 320)
    weights, grads = {}, {}
    for part, module in parts.items():
        rename = lambda name, part=part: f"{part}.{name}"  # noqa: E731
        weights |= {rename(name): value for name, value in module.state_dict().items()}
        grads |= gradients(module, rename)
    inputs = {"level0": levels[0], "level1": levels[1], "tokens": tokens}
    save_golden(
        "encoders",
        "pixel-parts",
        {
            **{f"input.{name}": value for name, value in inputs.items()},
            "input.mask": mask,
            **{f"grad.{name}": value.grad for name, value in inputs.items()},
            **{f"output.{name}": value for name, value in outputs.items()},
            **cotangents,
            **grads,
        },
        {
            "what": "The multiscale pixel-aware encoder (Eq. 3) and its single-level twin, restated in PyTorch; the two-layer projector, restated; PaliGemma's linear projector, transformers' own.",
            "script": SCRIPT,
            "source": "restatement of the paper's Eq. (3); transformers PaliGemmaMultiModalProjector",
            "seed": 300,
            "config": {"batch": BATCH, "mask": MASK, "hidden": HIDDEN, "width": WIDTH, "tokens": TOKENS},
            "meaning": {
                "input.level*": "[B, h, w, D] vision levels, shallow to deep",
                "input.mask": "[B, 12, 12]; the last sample's is empty",
                "input.tokens": "[B, 4, 9] vision tokens for the projectors",
                "cotangent.*": "fixed random tensors c; gradients are of the sum over outputs of sum(output * c)",
                "grad.*": "gradients of the inputs, and of the parameters under their names in the weights file",
                "weights": "each module's state dict under the output's name",
            },
        },
        weights,
    )


if __name__ == "__main__":
    main()
