"""Decodes every mask of a conformance folder with pycocotools and encodes it again.

usage: data_masks.py FOLDER   (FOLDER holds *.expected.json)
"""

import hashlib
import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
from pycocotools import mask as coco


def check(want: dict) -> None:
    rle = want["rle"]
    pixels = coco.decode({"size": rle["size"], "counts": rle["counts"].encode()})
    assert hashlib.sha1(np.ascontiguousarray(pixels).tobytes()).hexdigest() == want["sha1"], rle["size"]
    again = coco.encode(np.asfortranarray(pixels))
    assert again["counts"].decode() == rle["counts"] and list(again["size"]) == list(rle["size"])
    assert int(coco.area(again)) == want["area"]
    np.testing.assert_array_equal(coco.toBbox(again), want["bbox"])


def main() -> None:
    count = 0
    for path in sorted(Path(sys.argv[1]).glob("*.expected.json")):
        content = json.loads(path.read_text())
        masks = content if isinstance(content, list) else [f["mask"] for f in content["frames"] if f["mask"]]
        for want in masks:
            check(want)
            count += 1
    print(json.dumps({"pycocotools": version("pycocotools"), "masks": count}))


if __name__ == "__main__":
    main()
