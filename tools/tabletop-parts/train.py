"""Trains the network of the embedded default (packages/segmenters/src/embedded/parts/parts-net.ts) on rendered frames.

    python train.py FRAMES OUT.safetensors STEPS [LEARNING_RATE] [CONTINUE.safetensors]

FRAMES is a folder written by render-frames.ts. Parameter names and shapes are those of the graph. The learning rate falls along
a cosine over the given steps; the running average of the parameters is saved as float16 every two minutes.
"""

import glob
import math
import os
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

SIZE = 224
CLASSES = 20
WIDTHS = [16, 32, 48, 64]
BATCH = 8
OBJECT_WEIGHT = 4.0  # objects are small
FRAME_BYTES = 4 * SIZE * SIZE


def parameters():
    made = {}

    def conv(name, inputs, outputs, k):
        made[f"{name}.weight"] = torch.randn(outputs, inputs, k, k) * math.sqrt(2 / (inputs * k * k))
        made[f"{name}.bias"] = torch.zeros(outputs)

    conv("stem", 3, WIDTHS[0], 5)
    conv("down0", WIDTHS[0], WIDTHS[0], 3)
    for level in (1, 2, 3):
        conv(f"down{level}.half", WIDTHS[level - 1], WIDTHS[level], 3)
        conv(f"down{level}", WIDTHS[level], WIDTHS[level], 3)
    for dilation in (2, 4, 1):
        conv(f"deep{dilation}", WIDTHS[3], WIDTHS[3], 3)
        made[f"deep{dilation}.weight"] *= 0.3
    for level in (2, 1, 0):
        made[f"up{level}.double.weight"] = torch.randn(WIDTHS[level + 1], WIDTHS[level], 2, 2) * math.sqrt(2 / WIDTHS[level + 1])
        made[f"up{level}.double.bias"] = torch.zeros(WIDTHS[level])
        conv(f"up{level}", 2 * WIDTHS[level], WIDTHS[level], 3)
    conv("labels", WIDTHS[0], CLASSES, 1)
    return made


def forward(p, x):
    def layer(name, x, stride=1, dilation=1):
        w = p[f"{name}.weight"]
        pad = dilation * (w.shape[2] - 1) // 2
        return F.relu(F.conv2d(x, w, p[f"{name}.bias"], stride=stride, padding=pad, dilation=dilation))

    x = layer("down0", layer("stem", x - 0.5, 2))
    skips = []
    for level in (1, 2, 3):
        skips.append(x)
        x = layer(f"down{level}", layer(f"down{level}.half", x, 2))
    for dilation in (2, 4, 1):
        x = x + layer(f"deep{dilation}", x, 1, dilation)
    for level in (2, 1, 0):
        x = F.relu(F.conv_transpose2d(x, p[f"up{level}.double.weight"], p[f"up{level}.double.bias"], stride=2))
        x = layer(f"up{level}", torch.cat([x, skips[level]], 1))
    return F.conv2d(x, p["labels.weight"], p["labels.bias"])


def list_frames(folder):
    return [(f, i) for f in sorted(glob.glob(f"{folder}/*.bin")) for i in range(os.path.getsize(f) // FRAME_BYTES)]


def read(frames):
    images, labels = [], []
    for i in np.random.randint(len(frames), size=BATCH):
        file, index = frames[i]
        raw = np.fromfile(file, np.uint8, FRAME_BYTES, offset=index * FRAME_BYTES)
        images.append(raw[: 3 * SIZE * SIZE].reshape(SIZE, SIZE, 3))
        labels.append(raw[3 * SIZE * SIZE :].reshape(SIZE, SIZE))
    return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float() / 255, torch.from_numpy(np.stack(labels))


def views(image, label):
    """Moved, turned, scaled, mirrored (never upside down), in other light and resolution. Labels [B, 112, 112]: one random pixel of
    every 2 x 2, so that the network learns the share of each label."""
    angle, scale = 0.1 * torch.randn(BATCH), torch.exp(0.25 * (torch.rand(BATCH) - 0.5))
    mirror = torch.where(torch.rand(BATCH) < 0.5, -1.0, 1.0)
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    theta = torch.stack(
        [torch.stack([mirror * cos, -sin, 0.1 * torch.randn(BATCH)], 1), torch.stack([mirror * sin, cos, 0.08 * torch.randn(BATCH)], 1)], 1
    )
    grid = F.affine_grid(theta, (BATCH, 3, SIZE, SIZE), align_corners=False)
    image = F.grid_sample(image, grid, padding_mode="border", align_corners=False)
    label = F.grid_sample(label[:, None].float(), grid, mode="nearest", padding_mode="border", align_corners=False)[:, 0].long()
    shift = torch.randint(0, 2, (2,))
    label = label[:, shift[0] :: 2, shift[1] :: 2]
    one = lambda spread: torch.exp(spread * (torch.rand(BATCH, 1, 1, 1) - 0.5))
    image = image.clamp(0, 1) ** one(0.6) * one(0.6) * torch.exp(0.15 * (torch.rand(BATCH, 3, 1, 1) - 0.5))
    grey = image.mean(1, keepdim=True)
    image = grey + (0.6 + 0.7 * torch.rand(BATCH, 1, 1, 1)) * (image - grey)
    if torch.rand(()) < 0.7:  # pictures of 64 to 224 pixels are all looked at enlarged; demonstrations are often of 64
        small = 64 if torch.rand(()) < 0.4 else int(torch.randint(64, SIZE, ()))
        image = F.interpolate(F.interpolate(image, (small, small), mode="area"), (SIZE, SIZE), mode="bilinear", align_corners=False)
    if torch.rand(()) < 0.4:
        image = image + 0.03 * torch.rand(()) * torch.randn_like(image)
    return image.clamp(0, 1), label


def main():
    folder, out, steps = sys.argv[1], sys.argv[2], int(sys.argv[3])
    peak = float(sys.argv[4]) if len(sys.argv) > 4 else 3e-3
    torch.set_num_threads(1)
    torch.manual_seed(len(sys.argv))
    np.random.seed(len(sys.argv))
    p = load_file(sys.argv[5]) if len(sys.argv) > 5 else parameters()
    p = {k: v.float().requires_grad_(True) for k, v in p.items()}
    optimizer = torch.optim.AdamW(p.values(), lr=peak, weight_decay=1e-4)
    average = {k: v.detach().clone() for k, v in p.items()}
    frames, start, saved, mean = list_frames(folder), time.time(), time.time(), None
    for step in range(steps):
        rate = peak * max(0.02, 0.5 + 0.5 * math.cos(math.pi * step / steps)) * min(1, (step + 1) / 100)
        for group in optimizer.param_groups:
            group["lr"] = rate
        image, label = views(*read(frames))
        with torch.autocast("cpu", torch.bfloat16):  # a third of the time of float32 on processors with AVX512-BF16
            logits = forward(p, image.contiguous(memory_format=torch.channels_last)).float()
        weights = 1 + (OBJECT_WEIGHT - 1) * (label > 0)
        loss = (F.cross_entropy(logits, label, reduction="none") * weights).sum() / weights.sum()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(p.values(), 1.0)
        optimizer.step()
        decay = min(0.998, step / (step + 20))
        with torch.no_grad():
            for k, v in p.items():
                average[k].lerp_(v, 1 - decay)
        mean = loss.item() if mean is None else 0.98 * mean + 0.02 * loss.item()
        if step % 50 == 0:
            print(f"step {step} of {steps}: loss {mean:.4f}, {len(frames)} frames, {time.time() - start:.0f} s", flush=True)
        if time.time() - saved > 120:
            saved, frames = time.time(), list_frames(folder)
            save_file({k: v.half().contiguous() for k, v in average.items()}, out)
    save_file({k: v.half().contiguous() for k, v in average.items()}, out)
    print(f"{steps} train steps, loss {mean:.4f}")


main()
