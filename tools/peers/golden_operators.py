"""Golden `operators`: forward values and input gradients of the operators that are easy to get wrong."""

import torch
import torch.nn.functional as F
from golden import save_golden
from transformer import rope_tables, rotate

SEED = 31
CASES: dict[str, dict] = {}
TENSORS: dict[str, torch.Tensor] = {}
G = torch.Generator().manual_seed(SEED)


def rand(*shape, scale=1.0, shift=0.0):
    return torch.randn(shape, generator=G) * scale + shift


def case(name: str, what: str, fn, inputs: dict[str, torch.Tensor], attributes: dict | None = None) -> None:
    """Runs fn on the inputs, and back-propagates sum(output * cotangent); integer and boolean inputs get no gradient."""
    leaves = {k: v.clone().requires_grad_(v.is_floating_point()) for k, v in inputs.items()}
    output = fn(**leaves)
    cotangent = rand(*output.shape)
    (output * cotangent).sum().backward()
    TENSORS[f"{name}.output"], TENSORS[f"{name}.cotangent"] = output, cotangent
    for key, leaf in leaves.items():
        TENSORS[f"{name}.input.{key}"] = leaf
        if leaf.requires_grad:
            TENSORS[f"{name}.grad.{key}"] = leaf.grad
    CASES[name] = {
        "what": what,
        "attributes": attributes or {},
        "inputs": list(inputs),
        "gradients": [k for k, v in leaves.items() if v.requires_grad],
    }


def elementwise() -> None:
    x = torch.cat([torch.linspace(-6, 6, 25), torch.tensor([0.0, 1e-4, -1e-4, 20.0, -20.0])])
    case("gelu-erf", "GELU, exact", lambda x: F.gelu(x), {"x": x})
    case("gelu-tanh", "GELU, tanh approximation", lambda x: F.gelu(x, approximate="tanh"), {"x": x})
    case("silu", "x * sigmoid(x)", lambda x: F.silu(x), {"x": x})
    case("layer-scale", "x [B, N, D] * gamma [D]", lambda x, gamma: x * gamma, {"x": rand(2, 3, 5), "gamma": rand(5)})


def norms() -> None:
    case(
        "layer-norm",
        "LayerNorm over the last axis",
        lambda x, weight, bias: F.layer_norm(x, (7,), weight, bias, 1e-6),
        {"x": rand(2, 3, 7, scale=3, shift=1), "weight": rand(7), "bias": rand(7)},
        {"eps": 1e-6},
    )
    case(
        "layer-norm-offset",
        "LayerNorm of rows far from zero",
        lambda x, weight, bias: F.layer_norm(x, (7,), weight, bias, 1e-5),
        {"x": rand(3, 7, scale=0.5, shift=5), "weight": rand(7), "bias": rand(7)},
        {"eps": 1e-5},
    )
    case(
        "layer-norm-2d",
        "LayerNorm over the channels of [B, C, H, W] (SAM's LayerNorm2d)",
        lambda x, weight, bias: F.layer_norm(x.permute(0, 2, 3, 1), (4,), weight, bias, 1e-6).permute(0, 3, 1, 2),
        {"x": rand(2, 4, 3, 3), "weight": rand(4), "bias": rand(4)},
        {"eps": 1e-6},
    )
    rms = lambda x: x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6)  # noqa: E731
    case(
        "rms-norm",
        "Llama: x * rsqrt(mean(x^2) + eps) * weight",
        lambda x, weight: rms(x) * weight,
        {"x": rand(2, 3, 7, scale=2), "weight": rand(7)},
        {"eps": 1e-6},
    )
    case(
        "rms-norm-gemma",
        "Gemma: x * rsqrt(mean(x^2) + eps) * (1 + weight)",
        lambda x, weight: rms(x) * (1 + weight),
        {"x": rand(2, 3, 7, scale=2), "weight": rand(7, scale=0.2)},
        {"eps": 1e-6},
    )


def reductions() -> None:
    case(
        "softmax",
        "softmax over the last axis, with large logits",
        lambda x: F.softmax(x, -1),
        {"x": rand(3, 6, scale=20)},
    )
    case("softmax-axis1", "softmax over axis 1", lambda x: F.softmax(x, 1), {"x": rand(2, 4, 3)})
    case("log-softmax", "log-softmax over the last axis", lambda x: F.log_softmax(x, -1), {"x": rand(3, 6, scale=20)})
    labels = torch.tensor([[1, -100, 4], [0, 2, -100]])
    case(
        "cross-entropy",
        "mean over labels that are not -100",
        lambda x, labels: F.cross_entropy(x.flatten(0, 1), labels.flatten(), ignore_index=-100),
        {"x": rand(2, 3, 5, scale=3), "labels": labels},
        {"ignoreIndex": -100},
    )
    case(
        "l1-loss",
        "mean absolute error",
        lambda x, target: F.l1_loss(x, target),
        {"x": rand(2, 4, 7), "target": rand(2, 4, 7)},
    )
    case(
        "mse-loss",
        "mean squared error",
        lambda x, target: F.mse_loss(x, target),
        {"x": rand(2, 4, 7), "target": rand(2, 4, 7)},
    )


def convolutions() -> None:
    def conv(name, what, shape, weight, **kw):
        case(
            name,
            what,
            lambda x, weight, bias: F.conv2d(x, weight, bias, **kw),
            {"x": rand(*shape), "weight": rand(*weight, scale=0.5), "bias": rand(weight[0])},
            kw,
        )

    conv("conv2d-patch", "patch embedding: kernel = stride", (2, 3, 8, 8), (5, 3, 4, 4), stride=4)
    conv(
        "conv2d-stride-pad", "stride 2, padding 1, size not divisible", (2, 3, 7, 6), (4, 3, 3, 3), stride=2, padding=1
    )
    conv("conv2d-groups", "2 groups", (1, 4, 5, 5), (6, 2, 3, 3), padding=1, groups=2)
    conv("conv2d-depthwise", "depthwise 3x3", (1, 4, 5, 5), (4, 1, 3, 3), padding=1, groups=4)
    conv("conv2d-dilated", "dilation 2", (1, 2, 7, 7), (3, 2, 3, 3), padding=2, dilation=2)
    conv("conv2d-1x1", "1x1", (2, 3, 4, 4), (5, 3, 1, 1))
    case(
        "conv-transpose2d",
        "ConvTranspose 2x2 stride 2, weight [in, out, kh, kw]",
        lambda x, weight, bias: F.conv_transpose2d(x, weight, bias, stride=2),
        {"x": rand(1, 3, 3, 3), "weight": rand(3, 2, 2, 2), "bias": rand(2)},
        {"stride": 2},
    )
    case(
        "max-pool2d",
        "3x3, stride 2, padding 1",
        lambda x: F.max_pool2d(x, 3, 2, 1),
        {"x": rand(2, 2, 7, 7)},
        {"kernel": 3, "stride": 2, "padding": 1},
    )
    case(
        "avg-pool2d", "2x2, stride 2", lambda x: F.avg_pool2d(x, 2), {"x": rand(2, 2, 6, 6)}, {"kernel": 2, "stride": 2}
    )
    case(
        "avg-pool2d-pad",
        "3x3, stride 2, padding 1, padding counted",
        lambda x: F.avg_pool2d(x, 3, 2, 1),
        {"x": rand(1, 2, 7, 7)},
        {"kernel": 3, "stride": 2, "padding": 1, "countIncludePad": True},
    )
    case(
        "patchify",
        "[B, H, W, 3] -> [B, N, p*p*3], row-major patches, inside (y, x, channel)",
        lambda x: x.view(1, 2, 3, 3, 3, 3).permute(0, 1, 3, 2, 4, 5).reshape(1, 6, 27),
        {"x": rand(1, 6, 9, 3)},
        {"patch": 3},
    )


def resizes() -> None:
    def resize(name, shape, size, mode, **kw):
        case(
            name,
            f"{mode} {shape[2:]} -> {size}, {kw}",
            lambda x: F.interpolate(x, size=size, mode=mode, **kw),
            {"x": rand(*shape)},
            {"size": list(size), "mode": mode, **kw},
        )

    resize("resize-bilinear-up", (1, 2, 4, 5), (7, 9), "bilinear", align_corners=False)
    resize("resize-bilinear-down", (1, 2, 8, 9), (3, 4), "bilinear", align_corners=False)
    resize("resize-bilinear-down-antialias", (1, 2, 8, 9), (3, 4), "bilinear", align_corners=False, antialias=True)
    resize("resize-bilinear-corners", (1, 2, 4, 5), (7, 9), "bilinear", align_corners=True)
    resize("resize-bicubic-up", (1, 2, 4, 5), (7, 9), "bicubic", align_corners=False)
    resize("resize-bicubic-down", (1, 2, 8, 9), (3, 4), "bicubic", align_corners=False)
    resize("resize-bicubic-down-antialias", (1, 2, 8, 9), (3, 4), "bicubic", align_corners=False, antialias=True)
    resize("resize-area-divisible", (1, 2, 8, 12), (4, 4), "area")
    resize("resize-area", (1, 2, 7, 10), (3, 4), "area")
    resize("resize-nearest", (1, 2, 4, 5), (7, 9), "nearest")
    grid = torch.rand(2, 3, 4, 2, generator=G) * 2.4 - 1.2
    for padding in ("zeros", "border"):
        case(
            f"grid-sample-{padding}",
            f"bilinear, align_corners false, padding {padding}; grid (x, y) in [-1, 1], some outside",
            lambda x, grid: F.grid_sample(x, grid, mode="bilinear", padding_mode=padding, align_corners=False),
            {"x": rand(2, 3, 5, 6), "grid": grid},
            {"alignCorners": False, "padding": padding},
        )


def indexing() -> None:
    index = torch.tensor([[0, 3, 3], [5, 0, 1]])
    case(
        "gather-rows",
        "embedding lookup table[index], repeated rows add up in the gradient",
        lambda table, index: F.embedding(index, table),
        {"table": rand(6, 4), "index": index},
    )
    case(
        "gather-elements",
        "torch.gather along axis 1",
        lambda x, index: torch.gather(x, 1, index),
        {"x": rand(2, 6), "index": index},
        {"axis": 1},
    )
    case(
        "scatter-add",
        "torch.scatter_add along axis 1",
        lambda x, index, source: x.scatter_add(1, index, source),
        {"x": rand(2, 6), "index": index, "source": rand(2, 3)},
        {"axis": 1},
    )
    case(
        "index-add",
        "rows of source added to rows index of x",
        lambda x, index, source: x.index_add(0, index, source),
        {"x": rand(6, 3), "index": torch.tensor([0, 3, 3, 5]), "source": rand(4, 3)},
        {"axis": 0},
    )


def attention() -> None:
    cos, sin = rope_tables(6, 8, 10000.0)
    case(
        "rope-half-split",
        "x [B, heads, T, headDim], positions 0..5, theta 10000",
        lambda x: rotate(x, cos, sin),
        {"x": rand(2, 2, 6, 8)},
        {"theta": 10000},
    )
    cos_at, sin_at = rope_tables(20, 8, 10000.0)
    positions = torch.tensor([0, 1, 1, 2, 11, 19])
    case(
        "rope-positions",
        "as rope-half-split with given positions",
        lambda x, positions: rotate(x, cos_at[positions], sin_at[positions]),
        {"x": rand(1, 2, 6, 8), "positions": positions},
        {"theta": 10000},
    )

    t = 5
    ones = torch.ones(t, t, dtype=torch.bool)
    block = torch.tensor([0, 0, 0, 1, 1])
    masks = {
        "full": ones,
        "causal": ones.tril(),
        "prefix": ones.tril() | (torch.arange(t)[None] < 3),
        "block-causal": block[None] <= block[:, None],
    }
    for name, mask in masks.items():
        case(
            f"attention-{name}",
            f"scaled dot product attention, mask {name} [T, T] (1 = may attend)",
            lambda q, k, v, mask: F.scaled_dot_product_attention(q, k, v, attn_mask=mask.bool()),
            {"q": rand(2, 2, t, 4), "k": rand(2, 2, t, 4), "v": rand(2, 2, t, 4), "mask": mask.int()},
        )
    padding = torch.tensor([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]])
    case(
        "attention-padding",
        "causal and key padding [B, T]",
        lambda q, k, v, padding: F.scaled_dot_product_attention(
            q, k, v, attn_mask=ones.tril()[None, None] & padding.bool()[:, None, None]
        ),
        {"q": rand(2, 2, t, 4), "k": rand(2, 2, t, 4), "v": rand(2, 2, t, 4), "padding": padding},
    )
    case(
        "attention-grouped",
        "4 query heads share 1 key/value head",
        lambda q, k, v: F.scaled_dot_product_attention(q, k.expand(-1, 4, -1, -1), v.expand(-1, 4, -1, -1)),
        {"q": rand(1, 4, 3, 4), "k": rand(1, 1, 5, 4), "v": rand(1, 1, 5, 4)},
    )


def main() -> None:
    for group in (elementwise, norms, reductions, convolutions, resizes, indexing, attention):
        group()
    save_golden(
        "core",
        "operators",
        TENSORS,
        {
            "what": "Forward values and input gradients of single operators, float32.",
            "script": "tools/peers/golden_operators.py",
            "source": "torch.nn.functional",
            "seed": SEED,
            "meaning": {
                "CASE.input.*": "inputs",
                "CASE.output": "forward value",
                "CASE.cotangent": "fixed random tensor c",
                "CASE.grad.*": "gradient of sum(output * c) with respect to the input of that name",
            },
            "cases": CASES,
        },
    )


if __name__ == "__main__":
    main()
