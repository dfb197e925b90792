"""Pillow's own resize of noise and of real robot photographs, by kernel and size, and openpi-client's letterbox of them: hashes."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version

import numpy as np
from PIL import Image

from openpi_client.image_tools import resize_with_pad

from golden import ROOT

KERNELS = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "lanczos": Image.LANCZOS}
SIZES = [(224, 224), (64, 64), (100, 37), (320, 500), (1, 1), (256, 224)]  # width, height

PHOTOS = ["simpler-real-images/debug/bridge_real_1_cleanup.png"]


def noise(width: int, height: int) -> np.ndarray:
    """Reproducible in any language: bytes of the linear congruential generator x -> 1664525 x + 1013904223 (mod 2^32)."""
    out, x = np.empty(height * width * 3, np.uint8), 1
    for i in range(out.size):
        x = (1664525 * x + 1013904223) % 2**32
        out[i] = x >> 24
    return out.reshape(height, width, 3)


def digest(image: Image.Image) -> str:
    return hashlib.sha256(image.tobytes()).hexdigest()


def main() -> None:
    folder = ROOT / "packages/data/test/golden"
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {"noise 256x256": noise(256, 256), "noise 131x97": noise(131, 97), "noise 3x2": noise(3, 2)}
    for path in PHOTOS:
        pictures[path] = np.asarray(Image.open(ROOT.parent / "shared/data" / path).convert("RGB"))
    cases = []
    for name, array in pictures.items():
        image = Image.fromarray(array)
        for kernel, number in KERNELS.items():
            for width, height in SIZES:
                out = image.resize((width, height), number)
                cases.append({"picture": name, "kernel": kernel, "width": width, "height": height, "sha256": digest(out)})
        cases.append({"picture": name, "kernel": "letterbox", "width": 224, "height": 224, "sha256": digest(Image.fromarray(resize_with_pad(np.asarray(image), 224, 224)))})
    text = {"script": "golden_resize.py", "versions": {p: version(p) for p in ("pillow", "openpi-client")}, "cases": cases}
    (folder / "resize.json").write_text(json.dumps(text, indent=1) + "\n")
    print(f"  data/test/golden/resize: {len(cases)} cases")


main()
