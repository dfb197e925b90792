"""Golden `pi0`: prefix, velocity, loss with every gradient, and 10 Euler steps from fixed noise; tests pi0.py itself first."""

import torch
from golden import gradients, randomise, save_golden
from pi0 import Pi0, joint_layers
from transformers import GemmaConfig, GemmaForCausalLM

SIZE = {
    "image": 28,
    "patch": 14,
    "vision": {"width": 12, "depth": 2, "heads": 2, "mlpWidth": 20},
    "prefix": {"width": 16, "mlpWidth": 24},
    "suffix": {"width": 12, "mlpWidth": 20},
    "depth": 2,
    "heads": 8,
    "headDim": 4,
    "vocabulary": 40,
    "actionDim": 6,
    "horizon": 4,
}
BATCH, IMAGES, TEXT, STEPS = 2, 2, 5, 10


def check_against_gemma() -> float:
    """The prefix stream alone, made causal, equals transformers' Gemma."""
    size = SIZE["prefix"]
    gemma = GemmaForCausalLM(
        GemmaConfig(
            vocab_size=SIZE["vocabulary"],
            hidden_size=size["width"],
            intermediate_size=size["mlpWidth"],
            num_hidden_layers=SIZE["depth"],
            num_attention_heads=SIZE["heads"],
            num_key_value_heads=1,
            head_dim=SIZE["headDim"],
            hidden_activation="gelu_pytorch_tanh",
            attn_implementation="eager",
        )
    ).eval()
    randomise(gemma, 400, norm_offset=True)
    model = Pi0(SIZE)
    stream = model.streams[0]
    stream.load_state_dict(gemma.model.state_dict())
    ids = torch.randint(0, SIZE["vocabulary"], (2, 7), generator=torch.Generator().manual_seed(401))
    with torch.no_grad():
        expected = gemma.model(input_ids=ids).last_hidden_state
        positions = torch.arange(7)[None].expand(2, -1)
        found = joint_layers(
            [stream], [stream.embed_tokens(ids) * size["width"] ** 0.5], positions, torch.ones(2, 7, 7).tril().bool()
        )[0]
    error = (found - expected).abs().max().item()
    assert error < 1e-5, error
    return error


def main() -> None:
    error = check_against_gemma()
    model = Pi0(SIZE)
    randomise(model, 410, norm_offset=True)
    for name, p in model.named_parameters():  # SigLIP's norms multiply by the weight itself
        if "vision_tower" in name and "norm" in name and name.endswith("weight"):
            p.data += 1
    g = torch.Generator().manual_seed(411)
    image = torch.rand(BATCH, IMAGES, SIZE["image"], SIZE["image"], 3, generator=g).requires_grad_()
    image_valid = torch.tensor([[1, 0], [1, 1]])
    ids = torch.randint(3, SIZE["vocabulary"], (BATCH, TEXT), generator=g)
    text_valid = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])
    state = torch.randn(BATCH, SIZE["actionDim"], generator=g).requires_grad_()
    actions, noise = torch.randn(2, BATCH, SIZE["horizon"], SIZE["actionDim"], generator=g).unbind(0)
    time = torch.tensor([0.25, 0.8])

    pixels = (image * 2 - 1).permute(0, 1, 4, 2, 3)
    prefix, valid = model.prefix(pixels, image_valid, ids, text_valid)
    noisy = time[:, None, None] * noise + (1 - time[:, None, None]) * actions
    velocity = model.velocity(prefix, valid, state, noisy, time)
    loss = torch.nn.functional.mse_loss(velocity, noise - actions)
    loss.backward()
    with torch.no_grad():
        sampled, states = model.sample(prefix, valid, state, noise, STEPS)

    rename = lambda n: (
        n if "vision_tower.vision_model" in n else n.replace("vision_tower.", "vision_tower.vision_model.")
    )  # noqa: E731
    weights = {rename(n): v for n, v in model.state_dict().items()}
    tensors = {
        "input.image": image,
        "input.imageValid": image_valid,
        "input.ids": ids,
        "input.textValid": text_valid,
        "input.state": state,
        "input.actions": actions,
        "input.noise": noise,
        "input.time": time,
        "prefixValid": valid,
        "output.prefix": prefix,
        "output.velocity": velocity,
        "output.loss": loss,
        "output.actions": sampled,
        "output.afterFirstStep": states[0],
        "grad.image": image.grad,
        "grad.state": state.grad,
        **gradients(model, rename),
    }
    save_golden(
        "backbones",
        "pi0",
        tensors,
        {
            "what": "pi0: PaliGemma with an action expert, block-causal attention, flow-matching loss and 10 Euler steps.",
            "script": "tools/peers/golden_pi0.py",
            "source": "restated in PyTorch (tools/peers/pi0.py) from reference models.md section 4, because openpi is not in the package registry; loss and every gradient equal "
            "LeRobot's PI0Pytorch (tools/peers/check_pi0.py); vision tower: transformers "
            f"SiglipVisionModel; the Gemma stream equals transformers' GemmaForCausalLM to {error:.0e}",
            "seed": 410,
            "config": SIZE | {"steps": STEPS, "keyValueHeads": 1, "rmsNormEps": 1e-6, "ropeTheta": 10000},
            "meaning": {
                "input.image": "[B, images, H, W, 3] in [0, 1]; the tower sees 2 x - 1",
                "input.imageValid": "[B, images], 0 = masked camera",
                "input.ids, input.textValid": "[B, T], embeddings times sqrt(prefix width)",
                "input.time": "[B], 1 = noise",
                "prefixValid": "[B, images * N + T]; positions are cumulative valid counts - 1, the suffix continues from there",
                "output.prefix": "[B, images * N + T, D] before the layers (padding positions hold values nobody may read)",
                "output.velocity": "[B, H, A] at input.time for t * noise + (1 - t) * actions",
                "output.loss": "mean of (velocity - (noise - actions))^2",
                "output.actions": "[B, H, A] after 10 steps x += dt v(x, t), dt = -0.1, from input.noise",
                "output.afterFirstStep": "after one of them",
                "grad.*": "gradients of output.loss",
                "weights": "openpi's converted file: paligemma_with_expert.paligemma.model.*, paligemma_with_expert.gemma_expert.model.*, state_proj, ...; embed_tokens is there (real files may "
                "hold paligemma.lm_head.weight instead)",
            },
        },
        weights,
    )
    assert torch.isfinite(sampled).all()


if __name__ == "__main__":
    main()
