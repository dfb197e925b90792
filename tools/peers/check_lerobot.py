"""Writes and reads back a two-episode LeRobot v3 dataset with video: the check that .venv-lerobot is complete."""

import tempfile
from pathlib import Path

import numpy as np
from lerobot.datasets.lerobot_dataset import CODEBASE_VERSION, LeRobotDataset

FEATURES = {
    "observation.images.primary": {"dtype": "video", "shape": (64, 64, 3), "names": ["height", "width", "channels"]},
    "observation.state": {"dtype": "float32", "shape": (7,), "names": None},
    "action": {"dtype": "float32", "shape": (7,), "names": None},
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "check"
        dataset = LeRobotDataset.create(repo_id="local/check", fps=5, features=FEATURES, root=root, use_videos=True)
        for episode in range(2):
            for frame in range(6):
                image = np.full((64, 64, 3), 40 * frame, np.uint8)
                zeros = np.zeros(7, np.float32)
                dataset.add_frame(
                    {
                        "observation.images.primary": image,
                        "observation.state": zeros,
                        "action": zeros + episode,
                        "task": f"task {episode}",
                    }
                )
            dataset.save_episode()
        dataset.finalize()
        read = LeRobotDataset("local/check", root=root)
        item = read[9]
        level = float(item["observation.images.primary"].mean()) * 255
        assert abs(level - 120) < 4, level
        print(f"lerobot {CODEBASE_VERSION}: wrote and read {read.num_episodes} episodes, {read.num_frames} frames")


if __name__ == "__main__":
    main()
