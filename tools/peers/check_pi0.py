"""Checks golden `pi0` (restated in pi0.py) against LeRobot's PI0Pytorch, which follows openpi's code.

    .venv-lerobot/bin/python check_pi0.py

LeRobot's class wants a patched transformers with adaptive norms, which pi0 does not use; the three functions it expects
from there are given here in their unconditional form. Its forward pass (masks, positions, layers, loss) runs unchanged.
"""

import json
import sys
import types
from pathlib import Path

import torch
from lerobot.policies.pi0 import modeling_pi0
from safetensors.torch import load_file
from transformers import PaliGemmaConfig, SiglipVisionConfig, SiglipVisionModel
from transformers.models.gemma import modeling_gemma
from transformers.models.gemma.configuration_gemma import GemmaConfig

GOLDEN = Path(__file__).resolve().parents[2] / "packages/backbones/test/golden"


def patch_transformers() -> None:
    check = types.ModuleType("transformers.models.siglip.check")
    check.check_whether_transformers_replace_is_installed_correctly = lambda: True
    sys.modules["transformers.models.siglip.check"] = check
    import transformers.models.siglip

    transformers.models.siglip.check = check
    plain = modeling_gemma.GemmaRMSNorm.forward
    modeling_gemma.GemmaRMSNorm.forward = lambda self, x, cond=None: (plain(self, x), None)
    modeling_gemma._gated_residual = lambda x, y, gate: x + y


def small_model(size: dict) -> modeling_pi0.PI0Pytorch:
    def gemma(part):
        return modeling_pi0.GemmaConfig(
            part["width"], size["depth"], part["mlpWidth"], size["heads"], 1, size["headDim"]
        )

    modeling_pi0.get_gemma_config = lambda variant: gemma(size["prefix" if variant == "gemma_2b" else "suffix"])
    vision = dict(
        hidden_size=size["vision"]["width"],
        intermediate_size=size["vision"]["mlpWidth"],
        num_hidden_layers=size["vision"]["depth"],
        num_attention_heads=size["vision"]["heads"],
        image_size=size["image"],
        patch_size=size["patch"],
        hidden_act="gelu_pytorch_tanh",
        vision_use_head=False,
    )
    modeling_pi0.CONFIG_MAPPING = {
        "paligemma": lambda: PaliGemmaConfig(
            vision_config={**vision, "num_hidden_layers": 1}, projection_dim=size["prefix"]["width"]
        ),
        "gemma": GemmaConfig,
    }
    config = modeling_pi0.PI0Config(
        max_action_dim=size["actionDim"],
        max_state_dim=size["actionDim"],
        chunk_size=size["horizon"],
        n_action_steps=size["horizon"],
        image_resolution=(224, 224),
        dtype="float32",
    )
    model = modeling_pi0.PI0Pytorch(config)
    pali = model.paligemma_with_expert.paligemma.model
    pali.vision_tower = SiglipVisionModel(SiglipVisionConfig(**vision))
    pali.multi_modal_projector.linear = torch.nn.Linear(size["vision"]["width"], size["prefix"]["width"])
    pali.language_model.embed_tokens = torch.nn.Embedding(size["vocabulary"], size["prefix"]["width"])

    def embed_image(image):  # the patched transformers does not divide image features by sqrt(width)
        return pali.multi_modal_projector(pali.vision_tower(image).last_hidden_state)

    model.paligemma_with_expert.embed_image = embed_image
    return model.eval()


def main() -> None:
    patch_transformers()
    size = json.loads((GOLDEN / "pi0.json").read_text())["config"]
    golden = load_file(str(GOLDEN / "pi0.safetensors"))
    weights = load_file(str(GOLDEN / "pi0.weights.safetensors"))
    model = small_model(size)
    missing, unexpected = model.load_state_dict(weights, strict=False)
    assert not unexpected, unexpected
    assert all("lm_head" in key for key in missing), missing
    pixels = (golden["input.image"] * 2 - 1).permute(0, 1, 4, 2, 3)
    losses = model.forward(
        list(pixels.unbind(1)),
        list(golden["input.imageValid"].bool().unbind(1)),
        golden["input.ids"].long(),
        golden["input.textValid"].bool(),
        golden["input.state"],
        golden["input.actions"],
        golden["input.noise"],
        golden["input.time"],
    )
    loss = losses.mean()
    loss.backward()
    error = abs(loss.item() - golden["output.loss"].item()) / golden["output.loss"].item()
    # A key bias has a gradient of exactly zero in theory (softmax ignores it): a floor keeps rounding noise out.
    floor = 1e-3 * max(value.abs().max().item() for key, value in golden.items() if key.startswith("grad."))
    worst = 0.0
    for name, p in model.named_parameters():
        if f"grad.{name}" in golden:
            expected = golden[f"grad.{name}"]
            worst = max(worst, ((p.grad - expected).abs().max() / max(expected.abs().max().item(), floor)).item())
    print(f"pi0 against lerobot's PI0Pytorch: loss differs by {error:.1e}, gradients by {worst:.1e} (relative)")
    assert error < 1e-5 and worst < 1e-3


if __name__ == "__main__":
    main()
