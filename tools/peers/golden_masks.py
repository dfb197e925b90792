"""Masks and polygons as pycocotools encodes them: packages/data/test/golden/pycocotools-masks.json."""

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from pycocotools import mask as coco

OUT = Path(__file__).parents[2] / "packages/data/test/golden/pycocotools-masks.json"


def described(rle: dict) -> dict:
    pixels = np.ascontiguousarray(coco.decode(rle))
    return {
        "size": list(rle["size"]),
        "counts": rle["counts"].decode(),
        "sha1": hashlib.sha1(pixels.tobytes()).hexdigest(),
        "area": int(coco.area(rle)),
        "bbox": coco.toBbox(rle).tolist(),
    }


def main() -> None:
    rng = np.random.default_rng(11)
    masks = []
    for _ in range(60):
        height, width = rng.integers(1, 70, 2)
        pixels = (rng.random((height, width)) < rng.random()).astype(np.uint8)
        masks.append(described(coco.encode(np.asfortranarray(pixels))))
    polygons = []
    for i in range(80):
        height, width = (int(v) for v in rng.integers(5, 120, 2))
        points = int(rng.integers(3, 12))
        # some stick out of the image, some have whole and some fractional coordinates
        ring = rng.uniform(-5, 1.1, (points, 2)) if i % 7 == 0 else rng.uniform(0, 1, (points, 2))
        ring = (ring * [width, height]).round(0 if i % 3 == 0 else 2)
        rle = coco.frPyObjects([ring.ravel().tolist()], height, width)[0]
        polygons.append({"ring": ring.ravel().tolist(), **described(rle)})
    pairs = []
    for a, b in zip(polygons, polygons[1:]):
        if a["size"] == b["size"]:
            continue
        height, width = a["size"]
        other = coco.frPyObjects([b["ring"]], height, width)[0]
        one = {"size": a["size"], "counts": a["counts"].encode()}
        iou = float(coco.iou([one], [other], [0])[0, 0])
        pairs.append({"a": a["counts"], "b": other["counts"].decode(), "size": a["size"], "iou": iou})
    content = {"pycocotools": version("pycocotools"), "masks": masks, "polygons": polygons, "pairs": pairs[:30]}
    OUT.write_text(json.dumps(content, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
