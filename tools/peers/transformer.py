"""The transformer of golden `transformer-4block` and of the perf peer `train-step`: one definition, two sizes.

tokens [B, T] -> embed [V, D] -> blocks -> LayerNorm -> head [V, D] (no bias) -> cross-entropy, mean over labels >= 0.
Block: x += proj(attention(qkv(norm1 x))); x += fc2(gelu_erf(fc1(norm2 x))).
Attention: qkv [3D, D] without bias, rows ordered q, k, v, each [heads, head dim]; RoPE half-split (pairs j and
j + headDim / 2, frequency theta^(-2j / headDim)) on q and k, positions 0..T-1; causal; scale headDim^-0.5.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

DESCRIPTION = {
    "embed": "embed.weight [V, D], gather by token id",
    "block": "x += proj(attention(qkv(norm1(x)))); x += fc2(gelu_erf(fc1(norm2(x))))",
    "attention": "qkv.weight [3D, D] without bias, rows ordered q then k then v, each split into [heads, head dim]; "
    "half-split RoPE on q and k: pair (j, j + headDim/2), angle = position * theta^(-2j/headDim), "
    "rotated = x*cos + cat(-x[half:], x[:half])*sin; causal mask; scale headDim^-0.5; proj.weight [D, D] without bias",
    "mlp": "fc1 [4D, D] with bias, exact (erf) GELU, fc2 [D, 4D] with bias",
    "norm": "LayerNorm with weight and bias over the last axis, eps 1e-5",
    "head": "final LayerNorm, head.weight [V, D] without bias",
    "loss": "cross-entropy of logits [B, T, V] against labels [B, T], mean over labels that are not -100",
    "layout": "Linear weights are [out, in], y = x @ W^T + b",
}


def rope_tables(length: int, head_dim: int, theta: float) -> tuple[torch.Tensor, torch.Tensor]:
    frequency = theta ** (-torch.arange(0, head_dim, 2, dtype=torch.float64) / head_dim)
    angle = torch.arange(length, dtype=torch.float64)[:, None] * frequency[None]
    angle = torch.cat([angle, angle], -1)  # [T, head dim]
    return angle.cos().float(), angle.sin().float()


def rotate(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    half = x.shape[-1] // 2
    return x * cos + torch.cat([-x[..., half:], x[..., :half]], -1) * sin


class Attention(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.proj = nn.Linear(width, width, bias=False)

    def forward(self, x, cos, sin):
        b, t, d = x.shape
        q, k, v = self.qkv(x).view(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(rotate(q, cos, sin), rotate(k, cos, sin), v, is_causal=True)
        return self.proj(y.transpose(1, 2).reshape(b, t, d))


class Mlp(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attn = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = Mlp(width)

    def forward(self, x, cos, sin):
        x = x + self.attn(self.norm1(x), cos, sin)
        return x + self.mlp(self.norm2(x))


class Transformer(nn.Module):
    def __init__(self, vocab: int, width: int, heads: int, blocks: int, length: int, theta: float = 10000.0):
        super().__init__()
        self.embed = nn.Embedding(vocab, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(blocks))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocab, bias=False)
        cos, sin = rope_tables(length, width // heads, theta)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)

    def forward(self, tokens, labels):
        x = self.embed(tokens)
        for block in self.blocks:
            x = block(x, self.cos, self.sin)
        logits = self.head(self.norm(x))
        return logits, F.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=-100)


def train_flops(vocab: int, width: int, blocks: int, batch: int, length: int) -> int:
    """Matrix-multiplication FLOPs of one forward and backward pass (backward counts twice; causal attention counted in full)."""
    tokens = batch * length
    weights = blocks * 12 * width * width + vocab * width
    return 3 * (2 * tokens * weights + blocks * 2 * 2 * batch * length * length * width)
