"""The paper's own encoders in PyTorch, for `policies.py`: the multiscale pixel-aware encoder and SAM's prompt encoder."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import nn


class Multiscale(nn.Module):
    def __init__(self, o: dict, vision: int, width: int):
        super().__init__()
        self.level_proj = nn.ModuleList(nn.Linear(vision, o["width"]) for _ in range(o["levels"]))
        self.mlp = nn.Sequential(nn.Linear(o["width"], width), nn.GELU(), nn.Linear(width, o["tokens"] * width))
        self.tokens = o["tokens"]

    def forward(self, levels, mask):
        total = 0
        for level, project in zip(levels[-len(self.level_proj) :], self.level_proj):
            side = math.isqrt(level.shape[1])
            m = F.interpolate(mask[:, None], size=(side, side), mode="area").flatten(1)  # [B, N]
            area = m.sum(1, keepdim=True)
            total = total + project((m / area.clamp_min(1e-6))[:, None] @ level)
        return self.mlp(total).unflatten(2, (self.tokens, -1)).flatten(1, 2)


class ChannelNorm(nn.LayerNorm):
    def __init__(self, width: int):
        super().__init__(width, eps=1e-6)

    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class SamPrompt(nn.Module):
    """Points and a mask through SAM's prompt encoder, the mask averaged to one token, and an MLP."""

    def __init__(self, o: dict, width: int):
        super().__init__()
        d, channels = o["width"], o.get("maskChannels", 16)
        self.pe_layer = nn.Module()
        self.pe_layer.register_buffer("positional_encoding_gaussian_matrix", torch.zeros(2, d // 2))
        self.point_embeddings = nn.ModuleList(nn.Embedding(1, d) for _ in range(4))
        self.not_a_point_embed = nn.Embedding(1, d)
        conv = nn.Conv2d
        self.mask_downscaling = nn.Sequential(
            conv(1, channels // 4, 2, 2), ChannelNorm(channels // 4), nn.GELU(),
            conv(channels // 4, channels, 2, 2), ChannelNorm(channels), nn.GELU(), conv(channels, d, 1),
        )  # fmt: skip
        self.mlp = nn.Sequential(nn.Linear(d, o["hidden"]), nn.GELU(), nn.Linear(o["hidden"], width))
        self.side = o["maskInput"]

    def positions(self, points):
        angle = 2 * math.pi * ((2 * points - 1) @ self.pe_layer.positional_encoding_gaussian_matrix)
        return torch.cat([angle.sin(), angle.cos()], -1)

    def forward(self, points, labels, mask):
        x = self.positions(points)
        for label, table in enumerate(self.point_embeddings):
            x = x + torch.where((labels == label)[..., None], table.weight, 0.0)
        x = torch.where((labels == -1)[..., None], self.not_a_point_embed.weight, x)
        binary = F.interpolate(mask[:, None], size=(self.side, self.side), mode="bilinear", align_corners=False)
        dense = self.mask_downscaling((binary * 2 - 1) * 10).flatten(2)  # [B, D, cells]
        cells = self.side // 4
        centres = (torch.arange(cells) + 0.5) / cells
        places = torch.stack(torch.meshgrid(centres, centres, indexing="xy"), -1).flatten(0, 1)  # [cells, 2]: x, y
        dense = dense + self.positions(places).T
        m = F.interpolate(mask[:, None], size=(cells, cells), mode="area").flatten(2)
        area = m.sum(2, keepdim=True)
        weights = torch.where(area > 1e-6, m / area.clamp_min(1e-6), 1 / cells**2)
        token = (dense * weights).sum(2)[:, None]
        valid = torch.cat([labels >= 0, area[:, :, 0] > 1e-6], 1)
        return self.mlp(torch.cat([x, token], 1)), valid.float()
