"""Opens datasets written by packages/data with the lerobot package and compares every frame with what was written.

usage: data_lerobot.py FOLDER   (FOLDER holds NAME/ and NAME.expected.json)
"""

import json
import os
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import lerobot
import numpy as np
from lerobot.datasets.lerobot_dataset import CODEBASE_VERSION, LeRobotDataset


def check(root: Path) -> dict:
    expected = json.loads(Path(f"{root}.expected.json").read_text())
    frames, cameras, fps = expected["frames"], expected["cameras"], expected["fps"]
    dataset = LeRobotDataset(f"local/{root.name}", root=root)
    assert len(dataset) == len(frames), (len(dataset), len(frames))
    assert dataset.num_episodes == 1 + frames[-1]["episode"]
    worst = 0.0
    for index, want in enumerate(frames):
        item = dataset[index]
        assert int(item["index"]) == index
        assert int(item["episode_index"]) == want["episode"]
        assert int(item["frame_index"]) == want["frame"]
        assert abs(float(item["timestamp"]) - want["frame"] / fps) < 1e-4
        assert item["task"] == want["task"], (item["task"], want["task"])
        assert int(item["raw.frame_index"]) == want["rawFrame"]
        np.testing.assert_array_equal(item["action"].numpy(), np.float32(want["action"]))
        if want["state"]:
            np.testing.assert_array_equal(item["observation.state"].numpy(), np.float32(want["state"]))
        for camera, colour in zip(cameras, want["colours"]):
            image = item[f"observation.images.{camera}"].numpy() * 255
            worst = max(worst, float(np.abs(image.mean((1, 2)) - colour).max()))
        rle = item["annotation.target.mask_rle"]
        assert (json.loads(rle) if rle else None) == (want["mask"] and {**want["mask"]["rle"]}), index
        assert item["annotation.target.phrase"] == want["phrase"]
    # neighbouring frames differ by 20 grey levels in the synthetic sets: less than 5 means frames are in place
    assert worst < 5, worst
    chunks = LeRobotDataset(f"local/{root.name}", root=root, delta_timestamps={"action": [i / fps for i in range(8)]})
    assert tuple(chunks[len(frames) // 2]["action"].shape) == (8, 7)
    stats = dataset.meta.stats
    np.testing.assert_allclose(stats["action"]["mean"], np.mean([f["action"] for f in frames], 0), atol=1e-5)
    np.testing.assert_allclose(stats["action"]["std"], np.std([f["action"] for f in frames], 0), atol=1e-5)
    return {"dataset": root.name, "episodes": dataset.num_episodes, "frames": len(frames), "colourError": round(worst, 3)}


def main() -> None:
    folder = Path(sys.argv[1])
    roots = sorted(Path(str(path).removesuffix(".expected.json")) for path in folder.glob("*.expected.json"))
    checked = [check(root) for root in roots if root.is_dir()]
    print(json.dumps({"lerobot": lerobot.__version__, "codebase": CODEBASE_VERSION, "checked": checked}))


if __name__ == "__main__":
    main()
