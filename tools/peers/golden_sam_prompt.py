"""Golden `sam-prompt`: SAM's prompt encoder for points, boxes and masks, mixed and padded, from transformers."""

import torch
from golden import backward, gradients, randomise, save_golden
from transformers import SamConfig, SamPromptEncoderConfig, SamVisionConfig
from transformers.models.sam.modeling_sam import SamPromptEncoder

WIDTH, IMAGE = 16, 28
ORIGINAL = {
    "shared_embedding.positional_embedding": "pe_layer.positional_encoding_gaussian_matrix",
    **{f"point_embed.{i}": f"point_embeddings.{i}" for i in range(4)},
    "mask_embed.conv1": "mask_downscaling.0",
    "mask_embed.layer_norm1": "mask_downscaling.1",
    "mask_embed.conv2": "mask_downscaling.3",
    "mask_embed.layer_norm2": "mask_downscaling.4",
    "mask_embed.conv3": "mask_downscaling.6",
}


def original(name: str) -> str:
    for new, old in ORIGINAL.items():
        name = name.replace(new, old)
    return f"prompt_encoder.{name}"


def main() -> None:
    config = SamConfig(
        vision_config=SamVisionConfig(num_pos_feats=WIDTH // 2).to_dict(),
        prompt_encoder_config=SamPromptEncoderConfig(
            hidden_size=WIDTH, image_size=IMAGE, patch_size=14, mask_input_channels=16, hidden_act="gelu"
        ).to_dict(),
    )
    model = SamPromptEncoder(config).eval()
    randomise(model, 150)
    with torch.no_grad():
        model.shared_embedding.positional_embedding.copy_(
            torch.randn(2, WIDTH // 2, generator=torch.Generator().manual_seed(151))
        )
    model.shared_embedding.positional_embedding.requires_grad_(False)

    g = torch.Generator().manual_seed(152)
    points = (torch.rand(2, 1, 5, 2, generator=g) * IMAGE).requires_grad_()
    points.data[0, 0, 0] = IMAGE / 2 - 0.5  # the image centre: all sines 0, all cosines 1 before the label embedding
    labels = torch.tensor([[[1, 0, 1, -1, -1]], [[0, 1, 1, 1, -1]]])
    boxes = torch.tensor([[[2.0, 3.0, 20.0, 25.0]], [[0.0, 10.5, 27.0, 14.25]]]).requires_grad_()
    masks = (torch.randn(2, 1, 8, 8, generator=g) * 10).requires_grad_()

    outputs = {}
    outputs["pointsSparse"], outputs["noMaskDense"] = model(points, labels, None, None)
    outputs["boxesSparse"], _ = model(None, None, boxes, None)
    outputs["mixedSparse"], outputs["maskDense"] = model(points, labels, boxes, masks)
    outputs = {
        key: value.squeeze(1) if value.ndim == 4 and "Sparse" in key else value for key, value in outputs.items()
    }
    cotangents = backward(outputs, 153)
    state = model.state_dict()
    tensors = {
        "input.points": points,
        "input.labels": labels,
        "input.boxes": boxes,
        "input.masks": masks,
        "grad.points": points.grad,
        "grad.boxes": boxes.grad,
        "grad.masks": masks.grad,
        **{f"output.{k}": v for k, v in outputs.items()},
        **cotangents,
        **gradients(model, original),
        **{f"hf.prompt_encoder.{n}": v for n, v in state.items()},
    }
    save_golden(
        "encoders",
        "sam-prompt",
        tensors,
        {
            "what": "SAM's prompt encoder: points (with padding labels), boxes and mask logits.",
            "script": "tools/peers/golden_sam_prompt.py",
            "source": "transformers SamPromptEncoder",
            "seed": 150,
            "config": {
                "width": WIDTH,
                "image": IMAGE,
                "grid": IMAGE // 14,
                "maskInput": 8,
                "maskChannels": 16,
                "channelNormEps": 1e-6,
                "activation": "gelu-erf",
            },
            "meaning": {
                "input.points": "[B, 1, 5, 2], x then y in px of the IMAGE x IMAGE frame; 0.5 is added, then divided by IMAGE",
                "input.labels": "1 positive, 0 negative, -1 not a point",
                "input.boxes": "[B, 1, 4], x0 y0 x1 y1 in px",
                "input.masks": "[B, 1, 8, 8] logits",
                "output.pointsSparse": "[B, 5 + 1, D] without a box: the encoder appends one padding point (label -1)",
                "output.boxesSparse": "[B, 2, D]",
                "output.mixedSparse": "[B, 5 + 2, D] points then box corners, no padding point",
                "output.noMaskDense, maskDense": "[B, D, 2, 2]",
                "cotangent.*": "fixed random tensors c; gradients are of the sum over all outputs of sum(output * c)",
                "grad.*": "gradients of inputs, and of parameters under their original names; the Gaussian matrix is a buffer",
                "hf.*": "the same weights under the names of facebook/sam-vit-*",
                "weights": "names of the original sam_vit_* files",
            },
        },
        {original(n): v for n, v in state.items()},
    )


if __name__ == "__main__":
    main()
