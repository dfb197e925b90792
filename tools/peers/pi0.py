"""pi0 restated in plain PyTorch: PaliGemma (SigLIP + Gemma), action expert, block-causal attention, flow matching.

Restated from reference models.md section 4, because openpi's own definition is not in the package registry; the vision
tower is transformers' SiglipVisionModel. `golden_pi0.py` checks the Gemma stream against transformers' GemmaForCausalLM.
Parameter names are those of openpi's converted safetensors files.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import nn
from transformers import SiglipVisionConfig, SiglipVisionModel

MASKED = torch.finfo(torch.float32).min


def time_features(time: torch.Tensor, width: int) -> torch.Tensor:
    """[B] -> [B, width]: sines then cosines of 2 pi t / p, periods p geometric from 4e-3 to 4, in float64."""
    k = torch.linspace(0, 1, width // 2, dtype=torch.float64)
    periods = 4e-3 * (4.0 / 4e-3) ** k
    angle = 2 * math.pi * time.double()[:, None] / periods[None]
    return torch.cat([angle.sin(), angle.cos()], 1).float()


class ActionEmbedding(nn.Module):
    """state_proj, action_in_proj, action_time_mlp_in / _out, action_out_proj."""

    def __init__(self, dims: int, width: int):
        super().__init__()
        self.width = width
        self.state_proj = nn.Linear(dims, width)
        self.action_in_proj = nn.Linear(dims, width)
        self.action_time_mlp_in = nn.Linear(2 * width, width)
        self.action_time_mlp_out = nn.Linear(width, width)
        self.action_out_proj = nn.Linear(width, dims)

    def embed_suffix(self, state, noisy, time):
        tokens = self.action_in_proj(noisy)
        times = time_features(time, self.width)[:, None].expand_as(tokens)
        mixed = self.action_time_mlp_out(F.silu(self.action_time_mlp_in(torch.cat([tokens, times], 2))))
        return torch.cat([self.state_proj(state)[:, None], mixed], 1)


class RmsNorm(nn.Module):
    """Gemma's: multiplies by (1 + weight)."""

    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(width))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * (1 + self.weight)


class Attention(nn.Module):
    def __init__(self, width: int, heads: int, head_dim: int):
        super().__init__()
        self.heads, self.head_dim = heads, head_dim
        self.q_proj = nn.Linear(width, heads * head_dim, bias=False)
        self.k_proj = nn.Linear(width, head_dim, bias=False)
        self.v_proj = nn.Linear(width, head_dim, bias=False)
        self.o_proj = nn.Linear(heads * head_dim, width, bias=False)

    def project(self, x):
        b, t, _ = x.shape
        split = lambda y, h: y.view(b, t, h, self.head_dim).transpose(1, 2)  # noqa: E731
        return split(self.q_proj(x), self.heads), split(self.k_proj(x), 1), split(self.v_proj(x), 1)


class Mlp(nn.Module):
    def __init__(self, width: int, hidden: int):
        super().__init__()
        self.gate_proj = nn.Linear(width, hidden, bias=False)
        self.up_proj = nn.Linear(width, hidden, bias=False)
        self.down_proj = nn.Linear(hidden, width, bias=False)

    def forward(self, x):
        return self.down_proj(F.gelu(self.gate_proj(x), approximate="tanh") * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, width: int, hidden: int, heads: int, head_dim: int):
        super().__init__()
        self.input_layernorm = RmsNorm(width)
        self.self_attn = Attention(width, heads, head_dim)
        self.post_attention_layernorm = RmsNorm(width)
        self.mlp = Mlp(width, hidden)


class Stream(nn.Module):
    """One expert: layers and a final norm; `embed_tokens` only where there is a vocabulary."""

    def __init__(self, width: int, hidden: int, depth: int, heads: int, head_dim: int, vocabulary: int | None = None):
        super().__init__()
        if vocabulary is not None:
            self.embed_tokens = nn.Embedding(vocabulary, width)
        self.layers = nn.ModuleList(Layer(width, hidden, heads, head_dim) for _ in range(depth))
        self.norm = RmsNorm(width)


def rotate(x: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
    """Half-split RoPE, base 10000; x [B, heads, T, head dim], positions [B, T]."""
    head_dim = x.shape[-1]
    rate = 10000.0 ** (-torch.arange(0, head_dim, 2, dtype=torch.float64) / head_dim)
    angle = positions.double()[:, None, :, None] * rate
    cos, sin = angle.cos().float(), angle.sin().float()
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


def joint_layers(streams, xs, positions, allowed):
    """Every stream projects its own tokens, all attend together; a stream that is None is left out."""
    pairs = [(s, x) for s, x in zip(streams, xs) if x is not None]
    lengths = [x.shape[1] for _, x in pairs]
    hidden = [x for _, x in pairs]
    for i in range(len(pairs[0][0].layers)):
        layers = [s.layers[i] for s, _ in pairs]
        qkv = [layer.self_attn.project(layer.input_layernorm(h)) for layer, h in zip(layers, hidden)]
        q, k, v = (torch.cat(parts, 2) for parts in zip(*qkv))
        q, k = rotate(q, positions), rotate(k, positions)
        scores = (q @ k.transpose(-1, -2)) * layers[0].self_attn.head_dim ** -0.5
        weights = torch.softmax(scores.masked_fill(~allowed[:, None], MASKED), -1)
        mixed = (weights @ v).transpose(1, 2).flatten(2)
        out = []
        for layer, h, part in zip(layers, hidden, mixed.split(lengths, 1)):
            h = h + layer.self_attn.o_proj(part)
            out.append(h + layer.mlp(layer.post_attention_layernorm(h)))
        hidden = out
    return [s.norm(h) for (s, _), h in zip(pairs, hidden)]


def visible(valid: torch.Tensor, block: torch.Tensor) -> torch.Tensor:
    """[B, T, T]: a query sees a key of the same or an earlier block when both are valid."""
    return (block[None, None, :] <= block[None, :, None]) & valid[:, None, :].bool() & valid[:, :, None].bool()


class PaliGemma(nn.Module):
    def __init__(self, size: dict):
        super().__init__()
        self.model = nn.Module()
        vision = SiglipVisionConfig(
            hidden_size=size["vision"]["width"],
            intermediate_size=size["vision"]["mlpWidth"],
            num_hidden_layers=size["vision"]["depth"],
            num_attention_heads=size["vision"]["heads"],
            image_size=size["image"],
            patch_size=size["patch"],
            hidden_act="gelu_pytorch_tanh",
            layer_norm_eps=1e-6,
            vision_use_head=False,
            attn_implementation="eager",
        )
        self.model.vision_tower = SiglipVisionModel(vision)
        self.model.multi_modal_projector = nn.Module()
        self.model.multi_modal_projector.linear = nn.Linear(size["vision"]["width"], size["prefix"]["width"])
        self.model.language_model = Stream(
            size["prefix"]["width"],
            size["prefix"]["mlpWidth"],
            size["depth"],
            size["heads"],
            size["headDim"],
            size["vocabulary"],
        )


class Pi0(ActionEmbedding):
    def __init__(self, size: dict):
        super().__init__(size["actionDim"], size["suffix"]["width"])
        self.size = size
        self.paligemma_with_expert = nn.Module()
        self.paligemma_with_expert.paligemma = PaliGemma(size)
        self.paligemma_with_expert.gemma_expert = nn.Module()
        self.paligemma_with_expert.gemma_expert.model = Stream(
            size["suffix"]["width"], size["suffix"]["mlpWidth"], size["depth"], size["heads"], size["headDim"]
        )

    @property
    def streams(self):
        return self.paligemma_with_expert.paligemma.model.language_model, self.paligemma_with_expert.gemma_expert.model

    def prefix(self, pixels, image_valid, ids, text_valid):
        """pixels [B, I, 3, H, W] in [-1, 1] -> tokens [B, I * N + T, D] and their validity."""
        model = self.paligemma_with_expert.paligemma.model
        b, images = pixels.shape[:2]
        seen = model.multi_modal_projector.linear(
            model.vision_tower(pixel_values=pixels.flatten(0, 1)).last_hidden_state
        )
        seen = seen.unflatten(0, (b, images))
        valid = image_valid[:, :, None].expand(-1, -1, seen.shape[2]).flatten(1)
        text = model.language_model.embed_tokens(ids) * self.size["prefix"]["width"] ** 0.5
        return torch.cat([seen.flatten(1, 2), text], 1), torch.cat([valid, text_valid], 1)

    def run(self, prefix, prefix_valid, suffix):
        """Both streams at once; returns final hidden states (prefix, suffix)."""
        b, n = suffix.shape[:2]
        valid = torch.cat([prefix_valid, torch.ones(b, n, dtype=prefix_valid.dtype)], 1)
        block = torch.cat([torch.zeros(prefix.shape[1]), torch.ones(1), torch.full((n - 1,), 2.0)])
        positions = valid.cumsum(1) - 1
        return joint_layers(self.streams, [prefix, suffix], positions, visible(valid, block))

    def velocity(self, prefix, prefix_valid, state, noisy, time):
        _, hidden = self.run(prefix, prefix_valid, self.embed_suffix(state, noisy, time))
        return self.action_out_proj(hidden[:, -noisy.shape[1] :])

    def sample(self, prefix, prefix_valid, state, noise, steps: int):
        x, dt = noise, -1.0 / steps
        states = []
        for i in range(steps):
            time = torch.full((noise.shape[0],), 1.0 + i * dt)
            x = x + dt * self.velocity(prefix, prefix_valid, state, x, time)
            states.append(x)
        return x, states
